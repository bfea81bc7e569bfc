#include "connection.hpp"
#include "flv_session.hpp"
#include "live_form.hpp"
#include <millrace/exchange/viewer_options.hpp>
#include <millrace/exchange/viewer_socket.hpp>

#include <spdlog/spdlog.h>

namespace millrace::doors {
namespace {

/// Ends when the client closes its side; what it says is not heard.
net::awaitable<void> wait_for_leave(net::Channel& channel, exchange::Desk& desk)
{
    for (;;) {
        if (co_await channel.readable()) {
            co_return;
        }
        const auto got = channel.receive_now(desk.inbox());
        if (!got.would_block && (got.error || got.bytes == 0)) {
            co_return;
        }
    }
}

} // namespace

net::awaitable<void> play_live(Connection& connection, const RequestParser& request, Target target)
{
    auto& desk = connection.desk;
    auto source = co_await desk.exchange().watch(desk, target.stream);
    if (!source) {
        co_return;
    }
    const auto route = co_await route_for(connection, request, target);
    connection.stream.expires_never();
    connection.buffer = beast::flat_buffer{};
    auto& channel = *connection.channel;

    const auto form = live_form(target);
    FlvSession session{desk, "http-" + form.protocol, exchange::Role::viewer, target.stream,
                       connection.remote};
    const auto out = std::make_shared<exchange::ViewerSocket>(connection.channel);
    struct Detach {
        exchange::ViewerSocket& out;
        ~Detach() { out.detach(); }
    } const detach{*out};
    session.describe = [&out = *out, &form, &source](exchange::SessionInfo& info) {
        info.bytes_out = out.bytes_out();
        exchange::describe(*out.any_viewer(), info);
        form.describe((*source)->stream(), info);
    };
    const auto leave = [&channel] { channel.cancel(); };
    session.on_disconnect = leave;
    out->on_ended = leave;
    out->say(to_bytes(as_bytes(live_head(request.get().version(), form.content_type, route))));
    out->watch(0, (*source)->stream(), form.packaging,
               exchange::viewer_options(desk.settings(), target.query));
    spdlog::info("{}: plays {}", session.label(), target.stream);
    out->flush(Clock::now());
    co_await wait_for_leave(channel, desk);
    const auto info = session.info(Clock::now());
    spdlog::info("{}: left {} after {} bytes{}{}", session.label(), target.stream, info.bytes_out,
                 info.reason.empty() ? "" : ": ", info.reason);
}

} // namespace millrace::doors
