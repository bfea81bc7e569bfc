#include "connection.hpp"
#include "gzip.hpp"
#include "hls_stream.hpp"
#include "hls_target.hpp"
#include "range.hpp"
#include <millrace/crypto/hash.hpp>
#include <millrace/crypto/random.hpp>
#include <millrace/exchange/route.hpp>

#include <algorithm>

namespace millrace::doors {
namespace {

constexpr std::chrono::seconds kStall{30}; ///< A client that takes nothing for so long is gone.
constexpr const char* kCookie = "millrace_session";

std::string_view field(const RequestParser& request, http::field name)
{
    const auto value = request.get()[name];
    return {value.data(), value.size()};
}

std::string hex(ByteView bytes)
{
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (const auto byte : bytes) {
        text.push_back(kDigits[byte >> 4U]);
        text.push_back(kDigits[byte & 0xfU]);
    }
    return text;
}

std::string make_session_id()
{
    std::array<std::uint8_t, 12> random{};
    crypto::random_fill(random);
    return hex(random);
}

/// What a player tells of itself, in the query or in headers (CTA-5004 §2).
std::string cmcd_of(const RequestParser& request, std::string_view query)
{
    std::string all;
    const auto told = query_value(query, "CMCD");
    for (std::size_t i = 0; i < told.size(); ++i) {
        // Commas and equals signs are escaped there.
        if (told.substr(i, 3) == "%2C" || told.substr(i, 3) == "%2c") {
            all.push_back(',');
            i += 2;
        } else if (told.substr(i, 3) == "%3D" || told.substr(i, 3) == "%3d") {
            all.push_back('=');
            i += 2;
        } else {
            all.push_back(told[i]);
        }
    }
    for (const char* name : {"CMCD-Request", "CMCD-Status", "CMCD-Object"}) {
        const auto value = request.get()[name];
        if (!value.empty()) {
            all.append(all.empty() ? "" : ",").append(value.data(), value.size());
        }
    }
    return all;
}

HlsViewer viewer_of(const Connection& connection, const RequestParser& request, const Target& target,
                    bool makes_one_up, bool tells_who)
{
    HlsViewer viewer{
        .id = {}, .remote = connection.remote.substr(0, connection.remote.rfind(':')), .cmcd = {}};
    const auto told = query_value(target.query, "session");
    const auto cookie = cookie_value(field(request, http::field::cookie), kCookie);
    if (is_session_id(told)) {
        viewer.id = told;
    } else if (is_session_id(cookie)) {
        viewer.id = cookie;
    } else if (makes_one_up) {
        viewer.id = make_session_id();
        viewer.made_up = true;
    } else if (tells_who) {
        // Neither cookie nor query: whoever comes from the same place with the same player is taken for one.
        const auto agent = field(request, http::field::user_agent);
        const auto digest = crypto::sha256(as_bytes(viewer.remote + "|" + std::string{agent}));
        viewer.id = "from-" + hex(ByteView{digest}.first(8));
    }
    viewer.cmcd = cmcd_of(request, target.query);
    return viewer;
}

hls::Container container_of(const HlsTarget& wanted, const Target& target, const HlsSettings& settings)
{
    if (wanted.resource && !wanted.resource->rendition.empty()) {
        return wanted.resource->rendition.starts_with('t') ? hls::Container::ts : hls::Container::fmp4;
    }
    const auto told = query_value(target.query, "container");
    return wanted.dash      ? hls::Container::fmp4
           : told == "ts"   ? hls::Container::ts
           : told == "fmp4" ? hls::Container::fmp4
                            : settings.cut.container;
}

SiteReply missing(const HlsTarget& wanted, const Error& error, const std::string& why)
{
    auto reply = error == exchange::make_error_code(exchange::Errc::relay_failed)
                     ? problem(502, wanted.stream + ": " + why)
                 : error == exchange::make_error_code(exchange::Errc::relay_loop)
                     ? problem(508, wanted.stream + ": " + error.message())
                     : problem(404, wanted.stream + ": " + error.message());
    reply.headers["Cache-Control"] = "no-store";
    return reply;
}

/// Sends the views without a copy.
net::awaitable<bool> send_views(Connection& connection, std::vector<ByteView> views)
{
    std::span<ByteView> left{views};
    while (!left.empty()) {
        connection.stream.expires_after(kStall);
        const auto attempt = connection.channel->send_now({left.data(), left.size()});
        if (attempt.error) {
            co_return false;
        }
        auto bytes = attempt.bytes;
        while (!left.empty() && bytes >= left.front().size()) {
            bytes -= left.front().size();
            left = left.subspan(1);
        }
        if (!left.empty()) {
            left.front() = left.front().subspan(bytes);
        }
        if (attempt.would_block) {
            const auto error = co_await connection.channel->writable();
            if (error) {
                co_return false;
            }
        }
    }
    connection.stream.expires_never();
    co_return true;
}

/// Which bytes of a body a request wants, with what goes before them.
class Reply {
public:
    Reply(const RequestParser& request, const HlsAnswer& answer, const HlsQuestion& question)
        : request_{request}, answer_{answer}, keep_alive_{request.keep_alive()}
    {
        const auto tag = "\"" + answer.etag + "\"";
        const bool unchanged = !answer.etag.empty() && field(request, http::field::if_none_match) == tag;
        const auto wanted = read_range(
            question.resource && !answer.gzipped ? field(request, http::field::range) : std::string_view{},
            answer.body->bytes);
        const bool playlist = !question.resource || question.resource->kind == hls::Resource::Kind::playlist;
        range_ = playlist ? Range{0, answer.body->bytes} : wanted.range;
        const auto status = unchanged                                     ? http::status::not_modified
                            : !playlist && wanted.kind == RangeKind::part ? http::status::partial_content
                            : !playlist && wanted.kind == RangeKind::unsatisfiable
                                ? http::status::range_not_satisfiable
                                : http::status::ok;
        head_.result(status);
        head_.version(request.get().version());
        common(head_, answer);
        head_.set(http::field::content_type, answer.content_type);
        if (!answer.etag.empty()) {
            head_.set(http::field::etag, tag);
        }
        if (!playlist) {
            head_.set(http::field::accept_ranges, "bytes");
        } else {
            head_.set(http::field::vary, "Accept-Encoding");
        }
        if (answer.gzipped) {
            head_.set(http::field::content_encoding, "gzip");
        }
        if (status == http::status::partial_content) {
            head_.set(http::field::content_range, "bytes " + std::to_string(range_.begin) + "-" +
                                                      std::to_string(range_.end - 1) + "/" +
                                                      std::to_string(answer.body->bytes));
        } else if (status == http::status::range_not_satisfiable) {
            head_.set(http::field::content_range, "bytes */" + std::to_string(answer.body->bytes));
            range_ = {};
        }
        if (unchanged) {
            range_ = {};
        } else {
            head_.content_length(range_.end - range_.begin);
        }
        head_.keep_alive(keep_alive_);
    }

    static void common(http::fields& fields, const HlsAnswer& answer)
    {
        fields.set(http::field::server, "Millrace");
        fields.set(http::field::cache_control, answer.cache_control);
        fields.set("Timing-Allow-Origin", "*");
        allow_any_origin(fields);
    }

    http::response_header<>& head() { return head_.base(); }

    net::awaitable<bool> send(Connection& connection)
    {
        std::string text = head_text();
        std::vector<ByteView> views{as_bytes(text)};
        if (request_.get().method() != http::verb::head) {
            std::uint64_t at = 0;
            for (const auto& piece : answer_.body->pieces) {
                const auto end = at + piece.size();
                const auto from = std::max(at, range_.begin);
                const auto to = std::min(end, range_.end);
                if (from < to) {
                    views.push_back(piece.view().subspan(static_cast<std::size_t>(from - at),
                                                         static_cast<std::size_t>(to - from)));
                }
                at = end;
            }
        }
        const bool sent = co_await send_views(connection, std::move(views));
        co_return sent&& keep_alive_;
    }

private:
    std::string head_text() const
    {
        std::string text = std::string{head_.version() >= 11 ? "HTTP/1.1 " : "HTTP/1.0 "} +
                           std::to_string(head_.result_int()) + " " +
                           std::string{http::obsolete_reason(head_.result())} + "\r\n";
        for (const auto& line : head_) {
            text.append(line.name_string().data(), line.name_string().size()).append(": ");
            text.append(line.value().data(), line.value().size()).append("\r\n");
        }
        return text + "\r\n";
    }

    const RequestParser& request_;
    const HlsAnswer& answer_;
    bool keep_alive_;
    Range range_;
    http::response<http::string_body> head_;
};

/// The cutting that a request is for; begun when it is asked for a playlist.
net::awaitable<Result<std::shared_ptr<HlsStream>>> find(Connection& connection, const RequestParser& request,
                                                        const HlsTarget& wanted, hls::Container container,
                                                        HlsHouse& house, std::string& why)
{
    auto known = house.known(connection.desk, wanted.stream, container);
    if (known && !known->over()) {
        co_return known;
    }
    connection.stream.expires_never(); // A relay may need some time.
    std::string route{request.get()[exchange::kRouteHeader]};
    auto found = co_await house.get(connection.desk, wanted.stream, container, std::move(route), &why);
    if (!found && known && wanted.resource) {
        co_return known; // What it still holds.
    }
    co_return found;
}

} // namespace

net::awaitable<bool> serve_hls(Connection& connection, const RequestParser& request, const Target& target,
                               const HlsTarget& wanted, HlsHouse& house)
{
    const auto container = container_of(wanted, target, house.settings());
    std::string why;
    auto found = co_await find(connection, request, wanted, container, house, why);
    if (!found) {
        connection.desk.count("play_refused", found.error().message());
        auto reply = missing(wanted, found.error(), why);
        auto made = make_answer(request.get(), request.keep_alive(), std::move(reply));
        co_return co_await send(connection, std::move(made));
    }
    const bool playlist = !wanted.resource || wanted.resource->kind == hls::Resource::Kind::playlist;
    HlsQuestion question{
        .resource = wanted.resource,
        .dash = wanted.dash,
        .stem = wanted.stream.substr(wanted.stream.rfind('/') + 1),
        .query = target.query,
        .viewer = viewer_of(connection, request, target, !wanted.resource && !wanted.dash, playlist),
        .gzip = playlist && accepts_gzip(field(request, http::field::accept_encoding))};
    connection.stream.expires_never();
    auto asked = question;
    const auto answer = co_await HlsStream::ask(*found, std::move(asked));
    if (!answer.body) {
        auto reply = problem(answer.status, wanted.stream + ": " + answer.why);
        reply.headers["Cache-Control"] = answer.cache_control;
        if (answer.retry > 0) {
            reply.headers["Retry-After"] = std::to_string(answer.retry);
        }
        auto made = make_answer(request.get(), request.keep_alive(), std::move(reply));
        co_return co_await send(connection, std::move(made));
    }
    Reply reply{request, answer, question};
    if (answer.fresh_session) {
        reply.head().set(http::field::set_cookie,
                         std::string{kCookie} + "=" + question.viewer.id + "; Path=/" +
                             wanted.stream.substr(0, wanted.stream.rfind('/')) + "; HttpOnly; SameSite=Lax");
    }
    co_return co_await reply.send(connection);
}

} // namespace millrace::doors
