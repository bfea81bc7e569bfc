#include "files.hpp"
#include <millrace/objects/shelf.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>

namespace millrace::objects {
namespace {

/// What one guest may have on its way to us before its session waits.
constexpr std::size_t kMostOnTheWay = std::size_t{2} << 20U;
constexpr std::chrono::milliseconds kPause{2};
constexpr std::size_t kShown = 64; ///< Of a name, in the log.
/// After a file could not be written.
constexpr Clock::duration kRetry = std::chrono::seconds{10};

std::size_t weight(const rtmp::ObjectMessage& message)
{
    std::size_t bytes = 128 + message.name.size();
    for (const auto& event : message.events) {
        bytes += 128 + event.name.size() + event.values.size();
    }
    return bytes;
}

} // namespace

Shelf::Shelf(Settings settings)
    : settings_{std::move(settings)}, files_{std::make_unique<Files>(settings_.folder)}, store_{
                                                                                             settings_.limits}
{
}

Shelf::~Shelf()
{
    stop();
}

void Shelf::start()
{
    for (auto* worker : {&home_, &disk_}) {
        guards_.push_back(net::asio::make_work_guard(worker->context()));
        threads_.emplace_back([worker] { worker->context().run(); });
    }
    home_.post([this] {
        const auto sum = files_->sum();
        store_.set_stored(sum.objects, sum.bytes);
    });
}

void Shelf::stop()
{
    if (threads_.empty()) {
        return;
    }
    home_.post([this] {
        stopping_ = true;
        timer_.cancel();
        saving_.clear(); // What is on its way may be older than what there is now; writes keep their order.
        save();
    });
    for (std::size_t i = 0; i < threads_.size(); ++i) { // The disk's thread last: it gets work from home.
        guards_[i].reset();
        threads_[i].join();
    }
    threads_.clear();
    guards_.clear();
}

std::shared_ptr<Guest> Shelf::enter(net::Worker& worker, std::string app, Guest::Hear hear)
{
    std::shared_ptr<Guest> guest{new Guest{worker, ++last_guest_, std::move(hear)}};
    home_.post([this, guest, app = std::move(app)]() mutable {
        store_.enter(guest->number_, std::move(app));
        guests_.emplace(guest->number_, guest);
    });
    return guest;
}

void Shelf::leave(const std::shared_ptr<Guest>& guest)
{
    guest->hear_ = nullptr;
    home_.post([this, number = guest->number_] {
        store_.leave(number);
        guests_.erase(number);
        deliver();
        save_soon();
    });
}

net::awaitable<void> Shelf::receive(std::shared_ptr<Guest> guest, rtmp::ObjectMessage message)
{
    const auto bytes = weight(message);
    guest->on_the_way_ += bytes;
    home_.post([this, guest, bytes, message = std::move(message)] {
        take(*guest, message);
        guest->on_the_way_ -= bytes;
    });
    if (guest->on_the_way_ > kMostOnTheWay) {
        net::asio::steady_timer pause{guest->worker_.context()};
        while (guest->on_the_way_ > kMostOnTheWay) {
            pause.expires_after(kPause);
            co_await pause.async_wait(net::kNoThrow);
        }
    }
}

net::awaitable<Report> Shelf::report()
{
    co_return co_await net::run_on(home_, [this] {
        return Report{.objects = store_.list(),
                      .bytes = store_.bytes(),
                      .stored_objects = store_.stored_objects(),
                      .stored_bytes = store_.stored_bytes(),
                      .guests = guests_.size(),
                      .counters = store_.counters()};
    });
}

void Shelf::take(Guest& guest, const rtmp::ObjectMessage& message)
{
    const Key key{store_.app_of(guest.number_), message.name};
    const bool uses = std::ranges::any_of(
        message.events, [](const auto& event) { return event.action == rtmp::ObjectAction::use; });
    // Also when a temporary object is asked for: a stored one of that name stands in its way.
    if (uses && message.name.size() <= settings_.limits.name_bytes && !store_.knows(key)) {
        load(key);
    }
    store_.receive(guest.number_, message);
    deliver();
    save_soon();
}

void Shelf::load(const Key& key)
{
    const auto size = files_->size_of(key);
    if (!size) {
        return;
    }
    if (auto object = files_->load(key)) {
        store_.restore(std::move(*object));
    } else {
        store_.set_stored(store_.stored_objects() - std::min<std::size_t>(store_.stored_objects(), 1),
                          store_.stored_bytes() - std::min(store_.stored_bytes(), *size));
    }
}

void Shelf::deliver()
{
    while (auto output = store_.next()) {
        const auto guest = guests_.find(output->client);
        if (guest == guests_.end()) {
            continue;
        }
        if (!output->refusal.empty()) {
            // The first one of each guest is told, so that nobody can fill the log.
            const auto level =
                std::exchange(guest->second->refused_, true) ? spdlog::level::debug : spdlog::level::info;
            spdlog::log(level, "shared object {} of {}: refused: {}",
                        amf::to_string(output->message->name, kShown), store_.app_of(output->client),
                        output->refusal);
        }
        guest->second->worker_.post([guest = guest->second, message = std::move(output->message)] {
            if (guest->hear_) {
                guest->hear_(*message);
            }
        });
    }
}

void Shelf::save_soon()
{
    if (timer_runs_ || stopping_ || !store_.has_unsaved()) {
        return;
    }
    timer_runs_ = true;
    timer_.expires_after(failed_ ? std::max(kRetry, settings_.save_after) : settings_.save_after);
    timer_.async_wait([this](const net::error_code&) {
        timer_runs_ = false;
        save();
    });
}

void Shelf::save()
{
    for (const auto& key : store_.unsaved()) {
        if (!saving_.insert(key).second) {
            continue;
        }
        disk_.post([this, object = store_.snapshot(key)] {
            const bool good = files_->save(object);
            home_.post([this, key = Key{object.app, object.name}, version = object.version, good] {
                saved(key, version, good);
            });
        });
    }
}

void Shelf::saved(const Key& key, std::uint32_t version, bool good)
{
    saving_.erase(key);
    failed_ = !good;
    if (good) {
        store_.saved(key, version);
    }
    save_soon();
}

} // namespace millrace::objects
