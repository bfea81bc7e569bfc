#include "tunnel_channel.hpp"
#include <millrace/crypto/random.hpp>
#include <millrace/doors/http/tunnels.hpp>
#include <millrace/rtmp/tunnel.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <charconv>
#include <unordered_map>

namespace millrace::doors {
namespace {

using Kind = rtmp::TunnelRequest::Kind;
using Turn = rtmp::ServerTunnel::Turn;

constexpr std::size_t kRandomBytes = 14;
constexpr std::size_t kWorkerDigits = 4;
constexpr std::chrono::milliseconds kLook{5};     ///< Between two looks whether a request's turn has come.
constexpr std::chrono::milliseconds kTakeIn{500}; ///< For the session to take in what a request has brought.

/// The worker in four hexadecimal digits, then what nobody can guess.
std::string new_id(std::size_t worker)
{
    std::array<std::uint8_t, kRandomBytes> random{};
    crypto::random_fill(random);
    auto id = fmt::format("{:04x}", worker);
    for (const auto byte : random) {
        id += fmt::format("{:02x}", byte);
    }
    return id;
}

std::optional<std::size_t> worker_of(std::string_view id)
{
    std::size_t worker = 0;
    const auto digits = id.substr(0, kWorkerDigits);
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), worker, 16);
    if (error != std::errc{} || stop != digits.data() + kWorkerDigits) {
        return std::nullopt;
    }
    return worker;
}

Tunnels::Reply refuse(unsigned status, std::string why)
{
    return {.status = status, .body = {}, .why = std::move(why)};
}

Tunnels::Reply unknown_session()
{
    return refuse(404,
                  "no such RTMPT session: it was closed, or nothing came for too long; open another one");
}

} // namespace

struct Tunnels::Session {
    std::shared_ptr<TunnelChannel> channel;
    rtmp::ServerTunnel order;
    Clock::time_point heard;
};

struct Tunnels::Room {
    std::unordered_map<std::string, std::shared_ptr<Session>> sessions;
};

Tunnels::Tunnels(exchange::Exchange& exchange, Welcome welcome, Limits limits)
    : exchange_{exchange}, welcome_{std::move(welcome)}, limits_{limits}
{
    for (std::size_t i = 0; i < exchange.size(); ++i) {
        rooms_.push_back(std::make_unique<Room>());
    }
}

Tunnels::~Tunnels() = default;

void Tunnels::clear()
{
    for (auto& room : rooms_) {
        room->sessions.clear();
    }
}

net::awaitable<Tunnels::Reply> Tunnels::take(exchange::Desk& desk, std::string path, Bytes body,
                                             std::string remote, bool tls)
{
    const auto request = rtmp::read_tunnel_path(path);
    if (!request || request->kind == Kind::ident) {
        co_return refuse(404, "not here"); // Flash Player asks for ident2 first and goes on without.
    }
    if (request->kind == Kind::open) {
        co_return open(desk, std::move(remote), tls);
    }
    const auto worker = worker_of(request->id);
    if (!worker || *worker >= rooms_.size()) {
        co_return unknown_session();
    }
    auto& home = exchange_.desk(*worker);
    auto served = net::asio::co_spawn(home.worker().context(), serve(home, std::move(path), std::move(body)),
                                      net::asio::use_awaitable);
    co_return co_await std::move(served);
}

Tunnels::Reply Tunnels::open(exchange::Desk& desk, std::string remote, bool tls)
{
    if (open_ >= limits_.sessions) {
        desk.count("rtmpt_refused", "too_many_sessions");
        return refuse(503, "too many RTMPT sessions are open");
    }
    auto& worker = desk.worker();
    const auto id = new_id(worker.index());
    auto session = std::make_shared<Session>();
    session->channel = std::make_shared<TunnelChannel>(worker.executor(), limits_.waiting_bytes);
    session->heard = Clock::now();
    rooms_[worker.index()]->sessions.emplace(id, session);
    net::Caller caller{.channel = session->channel,
                       .protocol = net::Protocol::rtmp,
                       .tls = tls,
                       .tunnel = true,
                       .remote = std::move(remote),
                       .ticket = net::Ticket{open_}};
    worker.spawn(watch(desk, id, std::move(session)));
    welcome_(desk, std::move(caller));
    // librtmp drops the last byte of this body, whatever it is.
    return {.body = to_bytes(as_bytes(id + "\n")), .why = {}};
}

/// On the session's own worker.
net::awaitable<Tunnels::Reply> Tunnels::serve(exchange::Desk& desk, std::string path, Bytes body)
{
    const auto request = rtmp::read_tunnel_path(path);
    auto& sessions = rooms_[desk.worker().index()]->sessions;
    const auto found = sessions.find(request->id);
    if (found == sessions.end()) {
        desk.count("rtmpt_refused", "unknown_session");
        co_return unknown_session();
    }
    const auto session = found->second;
    session->heard = Clock::now();
    const auto patience = session->heard + limits_.order;
    auto turn = session->order.turn(request->sequence);
    while (turn == Turn::early && Clock::now() < patience && !session->channel->finished()) {
        net::asio::steady_timer look{desk.worker().context(), kLook};
        co_await look.async_wait(net::kNoThrow);
        turn = session->order.turn(request->sequence);
    }
    if (turn == Turn::repeated) {
        desk.count("rtmpt_tolerated", "repeated_request");
        co_return Reply{.body = session->order.last_answer(), .why = {}};
    }
    if (turn != Turn::now) {
        desk.count("rtmpt_refused", turn == Turn::stale ? "stale_sequence" : "sequence_gap");
        session->channel->end();
        co_return refuse(400,
                         turn == Turn::stale
                             ? "this sequence number was answered before: each request has the next one"
                             : "sequence numbers before this one are missing: each request has the next one");
    }
    session->order.begin(request->sequence);
    if (request->kind == Kind::send) {
        session->channel->put(body);
        co_await session->channel->answerable(false, Clock::now() + kTakeIn);
    } else if (request->kind == Kind::idle) {
        co_await session->channel->answerable(true, Clock::now() + limits_.hold);
    } else {
        session->channel->end();
        sessions.erase(request->id);
        session->order.answer({});
        co_return Reply{.body = Bytes(1), .why = {}};
    }
    const auto output = session->channel->take(session->order.answer_bytes());
    if (output.empty() && session->channel->finished()) {
        sessions.erase(request->id);
        co_return unknown_session();
    }
    session->heard = Clock::now();
    co_return Reply{.body = session->order.answer(output), .why = {}};
}

/// Ends a session that nobody asks for any more.
net::awaitable<void> Tunnels::watch(exchange::Desk& desk, std::string id, std::shared_ptr<Session> session)
{
    auto& sessions = rooms_[desk.worker().index()]->sessions;
    net::asio::steady_timer timer{desk.worker().context()};
    while (sessions.contains(id)) {
        timer.expires_after(std::chrono::seconds{1});
        co_await timer.async_wait(net::kNoThrow);
        if (Clock::now() > session->heard + limits_.idle) {
            desk.count("rtmpt_idle");
            sessions.erase(id);
        }
    }
    session->channel->end();
}

} // namespace millrace::doors
