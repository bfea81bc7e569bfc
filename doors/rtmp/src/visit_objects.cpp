// Shared objects of a visit: between its core and the shelf.
#include "visit.hpp"

namespace millrace::doors {
namespace {

/// What a client may leave unread of what it hears; one more than two objects of the greatest size.
constexpr std::size_t kMostUnread = std::size_t{12} << 20U;

} // namespace

net::awaitable<void> Visit::on(rtmp::SharedObjectReceived event)
{
    if (!guest_) {
        guest_ = shelf_.enter(desk_.worker(), core_.app(),
                              [weak = weak_from_this()](const rtmp::ObjectMessage& message) {
                                  if (const auto self = weak.lock()) {
                                      self->hear(message);
                                  }
                              });
    }
    co_await shelf_.receive(guest_, std::move(event.message));
}

void Visit::hear(const rtmp::ObjectMessage& message)
{
    if (core_.closed()) {
        return;
    }
    core_.send_shared_object(message);
    say();
    if (out_->waiting() > kMostUnread) {
        disconnect("it does not read what it hears of shared objects");
    }
}

void Visit::leave_objects()
{
    if (guest_) {
        shelf_.leave(guest_);
        guest_.reset();
    }
}

} // namespace millrace::doors
