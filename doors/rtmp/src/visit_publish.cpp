// What a connection publishes: one stream, or several, each on a message stream of its own.
#include "visit.hpp"
#include <millrace/exchange/publish_options.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>

namespace millrace::doors {
namespace {

/// RTMP 1.0 §4: timestamps are 32-bit milliseconds and wrap.
constexpr std::chrono::milliseconds kWrap{std::int64_t{1} << 32};

std::string_view publish_status(const Error& error)
{
    return error == exchange::make_error_code(exchange::Errc::busy) ? "NetStream.Publish.BadName"
                                                                    : "NetStream.Publish.Rejected";
}

} // namespace

net::awaitable<void> Visit::on(rtmp::PublishRequested event)
{
    if (!may(event)) {
        co_return;
    }
    exchange::Claim claim{.stream = event.path,
                          .session = number_,
                          .protocol = protocol(),
                          .remote = caller_.remote,
                          .wrap = kWrap,
                          .route = route_,
                          .backup = exchange::asks_for_reserve(event.query),
                          .kind = event.kind,
                          .on_record = record_news(event.stream)};
    claiming_ = true;
    auto publication = co_await desk_.exchange().publish(desk_, std::move(claim));
    claiming_ = false;
    if (!publication) {
        reason_ = publication.error().message();
        spdlog::warn("{}: may not publish {}: {}", label(), event.path, reason_);
        desk_.count("publish_refused", reason_);
        core_.refuse_publish(event.stream, publish_status(publication.error()), event.path + ": " + reason_);
        co_return;
    }
    spdlog::info("{}: publishes {}", label(), event.path);
    path_ = event.path;
    end_publication(event.stream);
    publishing_.push_back({event.stream, std::move(*publication), {}, {}});
    core_.accept_publish(event.stream);
    tell_record_news();
}

void Visit::on(const rtmp::MediaReceived& event)
{
    const auto publishing = std::ranges::find(publishing_, event.stream, &Publishing::stream);
    if (publishing == publishing_.end()) {
        return;
    }
    publishing->bodies.feed(static_cast<flv::TagType>(event.type), event.timestamp, event.payload);
    while (auto item = publishing->bodies.next()) {
        publishing->items.push_back(std::move(*item));
    }
}

/// What one read has brought goes to the streams in one batch each.
void Visit::push()
{
    for (auto& publishing : publishing_) {
        publishing.publication->push(publishing.items);
        publishing.items.clear();
    }
}

void Visit::on(const rtmp::PublishStopped& event)
{
    const auto publishing = std::ranges::find(publishing_, event.stream, &Publishing::stream);
    if (publishing != publishing_.end()) {
        publishing->publication->stopped();
        end_publication(event.stream);
    }
}

void Visit::end_publication(rtmp::StreamId stream)
{
    const auto publishing = std::ranges::find(publishing_, stream, &Publishing::stream);
    if (publishing == publishing_.end()) {
        return;
    }
    publishing->publication->push(publishing->items);
    for (const auto& [name, count] : publishing->bodies.counters()) {
        desk_.count("flv_tolerated", name, count);
    }
    publishing_.erase(publishing);
}

void Visit::end_publications()
{
    while (!publishing_.empty()) {
        end_publication(publishing_.front().stream);
    }
}

} // namespace millrace::doors
