#include "connection.hpp"
#include "flv_session.hpp"
#include <millrace/exchange/publish_options.hpp>
#include <millrace/exchange/route.hpp>
#include <millrace/flv/demuxer.hpp>
#include <millrace/mpegts/demuxer.hpp>

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <spdlog/spdlog.h>

namespace millrace::doors {
namespace {

constexpr std::chrono::seconds kSilence{30};
/// FLV 10.1 §E.4.1: timestamps are 32-bit milliseconds.
constexpr std::chrono::milliseconds kWrap{std::int64_t{1} << 32};

/// RFC 9110 §10.1.1.
net::awaitable<void> say_go_on(Connection& connection, const RequestParser& request)
{
    if (beast::iequals(request.get()[http::field::expect], "100-continue")) {
        http::response<http::empty_body> go_on{http::status::continue_, request.get().version()};
        http::response_serializer<http::empty_body> serializer{go_on};
        co_await http::async_write(connection.stream, serializer, net::kNoThrow);
    }
}

unsigned refusal(const Error& error)
{
    const bool loop = error == exchange::make_error_code(exchange::Errc::relay_loop);
    return error == exchange::make_error_code(exchange::Errc::busy) ? 409 : loop ? 508 : 503;
}

/// What the body is, by the ending of the path.
struct BodyForm {
    std::string_view protocol;
    std::string_view format;
    std::string_view counter; ///< Of what is tolerated in it.
    std::chrono::nanoseconds wrap;
};
/// The demuxer of MPEG-TS unwraps by itself.
constexpr BodyForm kFlvBody{"http-flv", "FLV", "flv_tolerated", kWrap};
constexpr BodyForm kTsBody{"http-ts", "MPEG-TS", "ts_tolerated", {}};

template <class Demuxer>
struct Intake {
    FlvSession& session;
    exchange::Publication& publication;
    Demuxer demuxer;
    std::vector<media::Item> items;

    /// Takes bytes of the file; gives the error that ends it.
    Result<> take(ByteView bytes)
    {
        session.mutable_info().bytes_in += bytes.size();
        const auto fed = demuxer.feed(bytes);
        put();
        return fed;
    }

    /// The file has come to its end.
    void end()
    {
        demuxer.end();
        put();
    }

private:
    void put()
    {
        while (auto item = demuxer.next()) {
            items.push_back(std::move(*item));
        }
        while (const auto warning = demuxer.next_warning()) {
            spdlog::warn("{}: {}: at byte {}: {}", session.label(), session.stream(), warning->offset,
                         warning->reason);
        }
        publication.push(items);
        items.clear();
    }
};

/// Shows what the file does wrong while it comes, and adds it to the desk's counters at the end.
template <class Demuxer>
class Tolerated {
public:
    Tolerated(FlvSession& session, const Demuxer& demuxer, std::string_view counter)
        : session_{session}, demuxer_{demuxer}, counter_{counter}
    {
        session.describe = [&demuxer](exchange::SessionInfo& info) {
            for (const auto& [name, count] : demuxer.counters()) {
                info.tolerated[std::string{name}] += count;
            }
        };
    }
    ~Tolerated()
    {
        session_.describe = {};
        for (const auto& [name, count] : demuxer_.counters()) {
            session_.desk().count(counter_, name, count);
        }
    }
    Tolerated(const Tolerated&) = delete;
    Tolerated& operator=(const Tolerated&) = delete;

private:
    FlvSession& session_;
    const Demuxer& demuxer_;
    std::string_view counter_;
};

template <class Demuxer>
net::awaitable<SiteReply> publish(Connection& connection, RequestParser& request, Target target,
                                  BodyForm form)
{
    auto& desk = connection.desk;
    FlvSession session{desk, std::string{form.protocol}, exchange::Role::publisher, target.stream,
                       connection.remote};
    session.on_disconnect = [&connection] { connection.stream.cancel(); };
    exchange::Claim claim{.stream = target.stream,
                          .session = session.number(),
                          .protocol = std::string{form.protocol},
                          .remote = connection.remote,
                          .wrap = form.wrap,
                          .route = std::string{request.get()[exchange::kRouteHeader]},
                          .backup = exchange::asks_for_reserve(target.query)};
    auto publication = co_await desk.exchange().publish(desk, std::move(claim));
    if (!publication) {
        const auto reason = target.stream + ": " + publication.error().message();
        spdlog::warn("{}: may not publish {}", session.label(), reason);
        desk.count("publish_refused", publication.error().message());
        co_return problem(refusal(publication.error()), reason);
    }
    spdlog::info("{}: publishes {}", session.label(), target.stream);
    co_await say_go_on(connection, request);
    Intake<Demuxer> intake{session, **publication, {}, {}};
    const Tolerated<Demuxer> tolerated{session, intake.demuxer, form.counter};
    std::vector<std::uint8_t> inbox(std::size_t{64} * 1024);
    while (!request.is_done()) {
        request.get().body() = {inbox.data(), inbox.size(), true};
        connection.stream.expires_after(kSilence);
        const auto [error, count] =
            co_await http::async_read_some(connection.stream, connection.buffer, request, net::kNoThrow);
        if (error && error != http::error::need_buffer) {
            spdlog::info("{}: stopped publishing {}: {}", session.label(), target.stream, error.message());
            co_return problem(400, "the body broke off: " + error.message());
        }
        const auto got = inbox.size() - request.get().body().size;
        if (const auto taken = intake.take(ByteView{inbox}.first(got)); !taken) {
            const auto reason = taken.error().message();
            spdlog::warn("{}: {} is no {}: {}", session.label(), target.stream, form.format, reason);
            desk.count("http_errors", reason);
            co_return problem(400, fmt::format("the body is no {} file: {}", form.format, reason));
        }
    }
    intake.end();
    (*publication)->stopped();
    spdlog::info("{}: published {} to its end", session.label(), target.stream);
    co_return SiteReply{.body = "{\"published\":true}\n"};
}

} // namespace

net::awaitable<SiteReply> publish_body(Connection& connection, RequestParser& request, Target target)
{
    if (target.ending == kTsEnding) {
        co_return co_await publish<mpegts::Demuxer>(connection, request, std::move(target), kTsBody);
    }
    co_return co_await publish<flv::Demuxer>(connection, request, std::move(target), kFlvBody);
}

} // namespace millrace::doors
