#include "connection.hpp"
#include "flv_session.hpp"
#include "range.hpp"
#include <millrace/flv/muxer.hpp>

#include <boost/asio/write.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/write.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <ctime>

namespace millrace::doors {
namespace {

constexpr std::size_t kBlock = std::size_t{256} << 10U;
constexpr std::chrono::seconds kStall{30}; ///< For a block; who takes longer is gone.

using Head = http::response<http::empty_body>;

std::string_view content_type(std::string_view name)
{
    return name.ends_with(".flv") ? "video/x-flv" : name.ends_with(".mov") ? "video/quicktime" : "video/mp4";
}

/// RFC 9110 §5.6.7.
std::string http_date(std::int64_t ns)
{
    const auto seconds = static_cast<std::time_t>(ns / 1'000'000'000);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[40];
    std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return text;
}

/// Sends one answer about a file.
class FileAnswer {
public:
    FileAnswer(Connection& connection, const RequestParser& request, const Target& target)
        : connection_{connection}, request_{request.get()}, keep_alive_{request.keep_alive()},
          session_{connection.desk, "http-file", exchange::Role::viewer, target.file, connection.remote}
    {
        session_.on_disconnect = [&connection] { connection.stream.cancel(); };
        session_.mutable_info().state = "playing";
    }

    bool is_head() const { return request_.method() == http::verb::head; }
    bool keep_alive() const { return keep_alive_; }
    std::string_view header(http::field field) const
    {
        const auto value = request_[field];
        return {value.data(), value.size()};
    }

    Head head(http::status status, std::string_view type, std::optional<std::uint64_t> bytes)
    {
        Head made{status, request_.version()};
        made.set(http::field::server, "Millrace");
        made.set(http::field::content_type, beast::string_view{type.data(), type.size()});
        allow_any_origin(made);
        keep_alive_ = keep_alive_ && (bytes.has_value() || is_head());
        if (bytes) {
            made.content_length(*bytes);
        }
        made.keep_alive(keep_alive_);
        return made;
    }

    net::awaitable<bool> send(Head head)
    {
        connection_.stream.expires_after(kStall);
        http::response_serializer<http::empty_body> serializer{head};
        const auto [error, count] =
            co_await http::async_write_header(connection_.stream, serializer, net::kNoThrow);
        co_return !error;
    }

    net::awaitable<bool> send(ByteView bytes)
    {
        connection_.stream.expires_after(kStall);
        const auto [error, count] = co_await net::asio::async_write(
            connection_.stream, net::asio::buffer(bytes.data(), bytes.size()), net::kNoThrow);
        session_.mutable_info().bytes_out += count;
        co_return !error;
    }

    net::awaitable<bool> send(const store::File& file, Range range, vod::Shelf& shelf)
    {
        Bytes block(kBlock);
        while (range.begin < range.end) {
            const auto wanted =
                static_cast<std::size_t>(std::min<std::uint64_t>(kBlock, range.end - range.begin));
            auto read = [&] { return file.read_at(std::span{block}.first(wanted), range.begin); };
            const auto got = co_await shelf.run(read);
            if (!got || *got != wanted) {
                co_return false; // It has become shorter than was said.
            }
            const bool sent = co_await send(ByteView{block}.first(wanted));
            if (!sent) {
                co_return false;
            }
            range.begin += wanted;
        }
        co_return true;
    }

    FlvSession& session() { return session_; }

private:
    Connection& connection_;
    const http::request_header<>& request_;
    bool keep_alive_;
    FlvSession session_;
};

/// The file as it stands, or a part of it.
net::awaitable<bool> send_plain(FileAnswer& answer, const store::Library::Found& found, vod::Shelf& shelf)
{
    auto look = [&] { return found.file.identity(); };
    const auto facts = co_await shelf.run(look);
    if (!facts) {
        auto broken = answer.head(http::status::internal_server_error, "text/plain", 0);
        co_await answer.send(std::move(broken));
        co_return false;
    }
    const auto tag = fmt::format("\"{:x}-{:x}-{:x}\"", facts->inode, facts->bytes, facts->changed_ns);
    const auto changed = http_date(facts->changed_ns);
    const auto condition = answer.header(http::field::if_range);
    const bool ranged = condition.empty() || condition == tag || condition == changed;
    const auto wanted =
        read_range(ranged ? answer.header(http::field::range) : std::string_view{}, facts->bytes);
    const bool unchanged = answer.header(http::field::if_none_match) == tag;
    const auto status = unchanged                                 ? http::status::not_modified
                        : wanted.kind == RangeKind::part          ? http::status::partial_content
                        : wanted.kind == RangeKind::unsatisfiable ? http::status::range_not_satisfiable
                                                                  : http::status::ok;
    const bool has_body = status == http::status::ok || status == http::status::partial_content;
    const auto bytes = has_body ? wanted.range.end - wanted.range.begin : 0;
    auto head = answer.head(status, content_type(found.name),
                            unchanged ? std::nullopt : std::optional<std::uint64_t>{bytes});
    head.set(http::field::etag, tag);
    head.set(http::field::last_modified, changed);
    head.set(http::field::accept_ranges, "bytes");
    if (status == http::status::partial_content) {
        head.set(http::field::content_range,
                 fmt::format("bytes {}-{}/{}", wanted.range.begin, wanted.range.end - 1, facts->bytes));
    } else if (status == http::status::range_not_satisfiable) {
        head.set(http::field::content_range, fmt::format("bytes */{}", facts->bytes));
    }
    bool sent = co_await answer.send(std::move(head));
    if (sent && has_body && !answer.is_head()) {
        sent = co_await answer.send(found.file, wanted.range, shelf);
    }
    co_return sent&& answer.keep_alive();
}

Bytes joined(const media::Pieces& pieces)
{
    Bytes bytes;
    for (const auto& piece : pieces) {
        bytes.insert(bytes.end(), piece.view().begin(), piece.view().end());
    }
    return bytes;
}

/// FLV made on the way: of a film in another form. It ends with the connection.
net::awaitable<bool> send_muxed(FileAnswer& answer, store::Title& title, Bytes begin, vod::Shelf& shelf)
{
    flv::Muxer muxer;
    media::Pieces unused;
    for (const auto& track : title.head().tracks) {
        muxer.write(track, {}, unused);
    }
    auto out = std::move(begin);
    for (bool more = true; more;) {
        std::vector<media::Item> items;
        auto read = [&] { return title.read(kBlock, items); };
        const auto read_on = co_await shelf.run(read);
        more = read_on.value_or(false);
        media::Pieces pieces;
        for (const auto& item : items) {
            if (const auto* frame = std::get_if<media::Frame>(&item)) {
                muxer.write(*frame, false, pieces);
            } else if (const auto* track = std::get_if<media::Track>(&item)) {
                muxer.write(*track, {}, pieces);
            }
        }
        const auto bytes = joined(pieces);
        out.insert(out.end(), bytes.begin(), bytes.end());
        const bool sent = co_await answer.send(out);
        if (!sent) {
            break;
        }
        out.clear();
    }
    co_return false;
}

/// From the key frame at or before a place: a new head, then the file's own tags with the times that they
/// have there.
net::awaitable<bool> send_from(FileAnswer& answer, store::Library::Found found, double start,
                               vod::Shelf& shelf)
{
    struct Opened {
        std::unique_ptr<store::Title> title;
        store::File raw;
        std::uint64_t bytes = 0;
    };
    auto open = [&]() -> Result<Opened> {
        Opened opened;
        const auto facts = found.file.identity();
        opened.raw = found.file.duplicate();
        auto title = shelf.library().open(std::move(found.file));
        if (!facts || !title) {
            return Unexpected{facts ? title.error() : facts.error()};
        }
        const auto place = (*title)->seek(media_ms(static_cast<std::int64_t>(start * 1000)));
        if (!place) {
            return Unexpected{place.error()};
        }
        opened.title = std::move(*title);
        opened.bytes = facts->bytes;
        return opened;
    };
    auto opened = co_await shelf.run(open);
    if (!opened) {
        spdlog::warn("{}: {} cannot be played: {}", answer.session().label(), found.name,
                     opened.error().message());
        auto broken = answer.head(http::status::unprocessable_entity, "text/plain", 0);
        co_await answer.send(std::move(broken));
        co_return answer.keep_alive();
    }
    media::Pieces prologue;
    flv::Muxer{}.prologue(opened->title->head(), {}, prologue);
    auto begin = joined(prologue);
    const auto place = opened->title->position();
    const bool raw = place.has_value();
    const auto bytes = raw ? std::optional{begin.size() + opened->bytes - *place} : std::nullopt;
    auto head = answer.head(http::status::ok, "video/x-flv", bytes);
    const bool begun = co_await answer.send(std::move(head));
    if (!begun || answer.is_head()) {
        co_return begun&& answer.keep_alive();
    }
    if (!raw) {
        co_return co_await send_muxed(answer, *opened->title, std::move(begin), shelf);
    }
    bool sent = co_await answer.send(begin);
    if (sent) {
        const Range rest{*place, opened->bytes};
        sent = co_await answer.send(opened->raw, rest, shelf);
    }
    co_return sent&& answer.keep_alive();
}

} // namespace

net::awaitable<std::optional<bool>> serve_file(Connection& connection, const RequestParser& request,
                                               Target target, vod::Shelf& shelf)
{
    auto found = co_await shelf.find(target.file, {});
    const bool as_flv = target.file.ends_with(".flv");
    if (!found && as_flv && !target.stream.empty()) {
        found = co_await shelf.find(target.stream, "mp4"); // A film in another form.
    }
    if (!found) {
        co_return std::nullopt;
    }
    const auto start = read_start(target.query);
    const bool other_form = as_flv && !found->name.ends_with(".flv");
    FileAnswer answer{connection, request, target};
    spdlog::info("{}: gets the recording {}{}", answer.session().label(), found->name,
                 start ? fmt::format(" from {} s", *start) : "");
    connection.desk.count("recordings_fetched");
    bool goes_on = false;
    if (as_flv && (start || other_form)) {
        goes_on = co_await send_from(answer, std::move(*found), start.value_or(0), shelf);
    } else {
        goes_on = co_await send_plain(answer, *found, shelf);
    }
    co_return goes_on;
}

} // namespace millrace::doors
