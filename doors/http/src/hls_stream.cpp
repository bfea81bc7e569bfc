#include "hls_stream.hpp"

#include "gzip.hpp"
#include <millrace/crypto/random.hpp>
#include <millrace/hls/dash.hpp>
#include <millrace/hls/playlist.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>

namespace millrace::doors {
namespace {

constexpr const char* kPlaylistType = "application/vnd.apple.mpegurl";
constexpr const char* kManifestType = "application/dash+xml";
constexpr const char* kForEver = "public, max-age=3600, immutable";
constexpr std::chrono::seconds kTick{1};
constexpr std::chrono::seconds kMostBlocked{8}; ///< Players give a playlist 10 s to its first byte.

HlsAnswer problem_answer(unsigned status, std::string why, unsigned retry = 0)
{
    HlsAnswer answer;
    answer.status = status;
    answer.cache_control = "no-store"; // A cache must not keep what may be there a moment later.
    answer.why = std::move(why);
    answer.retry = retry;
    return answer;
}

hls::SharedBody body_of(std::string text)
{
    media::Pieces pieces;
    pieces.push_back(SharedBytes::copy_of(as_bytes(text)));
    return std::make_shared<const hls::Body>(std::move(pieces));
}

std::string max_age(std::chrono::nanoseconds time)
{
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(time).count();
    return "max-age=" + std::to_string(std::max<std::int64_t>(whole, 1));
}

} // namespace

std::string HlsStream::key_of(const std::string& stream, hls::Container container)
{
    return stream + (container == hls::Container::ts ? "|ts" : "|fmp4");
}

HlsStream::HlsStream(HlsHouse& house, exchange::Desk& home, std::string name, hls::Settings settings,
                     hls::Start start)
    : house_{house}, home_{home}, name_{std::move(name)}, packager_{settings, std::move(start)},
      asked_{Clock::now()}
{
    packager_.random = [](std::span<std::uint8_t> out) { crypto::random_fill(out); };
}

HlsStream::~HlsStream() = default;

void HlsStream::attach(const std::shared_ptr<exchange::LocalStream>& source)
{
    source_ = source;
    over_ = false;
    epoch_ = source->ingest().clock().epoch();
    source->attach(*this);
    if (std::exchange(fed_, true)) {
        packager_.interrupt(true);
    }
    const auto begin = source->stream().snapshot();
    take(begin);
}

void HlsStream::take(std::span<const hub::Update> updates)
{
    const auto now = Clock::now();
    if (const auto epoch = source_->ingest().clock().epoch(); epoch != epoch_) {
        epoch_ = epoch;
        packager_.interrupt();
    }
    std::optional<MediaTime> newest;
    for (const auto& update : updates) {
        if (const auto* frame = std::get_if<media::Frame>(&update)) {
            newest = std::max(newest.value_or(frame->dts), frame->dts);
        }
    }
    if (newest) {
        packager_.hear(*newest, WallTime::clock::now());
    }
    for (const auto& update : updates) {
        if (const auto* frame = std::get_if<media::Frame>(&update)) {
            packager_.take(*frame, now);
        } else if (const auto* track = std::get_if<media::Track>(&update)) {
            packager_.tell(*track);
        } else if (const auto* gone = std::get_if<hub::TrackGone>(&update)) {
            packager_.gone(gone->id);
        }
    }
    watch_version();
}

void HlsStream::ended()
{
    source_.reset();
    over_ = true;
    packager_.end(Clock::now());
    house_.note(key(), packager_.next_msn(), packager_.discontinuities());
    watch_version();
}

exchange::Audience HlsStream::audience() const
{
    return {sessions_.size(), bytes_out_};
}

void HlsStream::watch_version()
{
    if (const auto version = packager_.version() + (packager_.ready() ? 1 : 0); version != version_) {
        version_ = version;
        wake();
    }
}

void HlsStream::wake()
{
    for (auto* timer : waiting_) {
        timer->cancel();
    }
}

net::awaitable<bool> HlsStream::changed(Clock::time_point deadline)
{
    const auto self = shared_from_this();
    if (waiting_.size() >= house_.settings().waiting) {
        co_return false;
    }
    net::asio::steady_timer timer{home_.worker().context(), deadline};
    const auto place = waiting_.insert(waiting_.end(), &timer);
    co_await timer.async_wait(net::kNoThrow);
    waiting_.erase(place);
    co_return !shut_ && Clock::now() < deadline;
}

net::awaitable<bool> HlsStream::until_ready()
{
    const auto deadline = Clock::now() + house_.settings().hold;
    while (!packager_.ready() && source_) {
        const bool news = co_await changed(deadline);
        if (!news) {
            break;
        }
    }
    co_return packager_.ready();
}

net::awaitable<void> HlsStream::keep_house()
{
    const auto self = shared_from_this();
    net::asio::steady_timer timer{home_.worker().context()};
    const auto& settings = house_.settings();
    for (;;) {
        timer.expires_after(kTick);
        co_await timer.async_wait(net::kNoThrow);
        if (shut_) {
            co_return;
        }
        const auto now = Clock::now();
        packager_.tick(now);
        std::erase_if(sessions_,
                      [&](const auto& entry) { return now - entry.second->last() > settings.leave; });
        watch_version();
        const bool idle = sessions_.empty() && waiting_.empty() && now - asked_ > settings.idle;
        if (idle && !(settings.at_publication && source_)) {
            break;
        }
    }
    spdlog::info("{}: nobody asks for HLS any more; it is cut no longer", name_);
    closed_ = true;
    if (source_) {
        source_->detach(*this);
        source_.reset();
    }
    house_.note(key(), packager_.next_msn(), packager_.discontinuities());
    house_.forget(home_, *this);
}

void HlsStream::shut()
{
    shut_ = true;
    closed_ = true;
    source_.reset();
    sessions_.clear();
}

HlsReport HlsStream::report() const
{
    const auto seconds = [](std::chrono::nanoseconds time) {
        return std::chrono::duration<double>(time).count();
    };
    const auto& cut = packager_.settings();
    return {.stream = name_,
            .container = cut.container,
            .window_seconds = seconds(cut.window),
            .linger_seconds = seconds(std::min(cut.window, cut.linger)),
            .target_seconds = seconds(packager_.target()),
            .part_seconds = seconds(packager_.part_target()),
            .bytes = packager_.bytes(),
            .next_msn = packager_.next_msn(),
            .discontinuities = packager_.discontinuities(),
            .forced_cuts = packager_.forced_cuts(),
            .renditions = packager_.renditions().size(),
            .waiting = waiting_.size(),
            .viewers = sessions_.size(),
            .left_out = packager_.left_out(),
            .warnings = packager_.warnings()};
}

/// The session of who asks; none when there can be no more.
HlsSession* HlsStream::visit(const HlsViewer& viewer, bool& fresh)
{
    const auto now = Clock::now();
    if (viewer.id.empty()) {
        HlsSession* only = nullptr;
        for (const auto& [id, session] : sessions_) {
            if (session->remote() == viewer.remote) {
                if (only != nullptr) {
                    return nullptr; // Nobody can say which.
                }
                only = session.get();
            }
        }
        return only;
    }
    auto at = sessions_.find(viewer.id);
    if (at == sessions_.end()) {
        if (!fresh || sessions_.size() >= house_.settings().sessions) {
            return nullptr;
        }
        const char* protocol = packager_.settings().container == hls::Container::ts ? "hls-ts" : "hls";
        auto session = std::make_unique<HlsSession>(home_, name_, protocol, viewer, now);
        at = sessions_.emplace(viewer.id, std::move(session)).first;
        spdlog::info("{}: {} watches by {}", name_, viewer.remote, protocol);
    }
    at->second->seen(viewer, now);
    return at->second.get();
}

net::awaitable<HlsAnswer> HlsStream::ask(std::shared_ptr<HlsStream> stream, HlsQuestion question)
{
    auto* self = stream.get();
    co_return co_await net::asio::co_spawn(self->home_.worker().context(), self->answer(std::move(question)),
                                           net::asio::use_awaitable);
}

net::awaitable<HlsAnswer> HlsStream::answer(HlsQuestion question)
{
    const auto self = shared_from_this();
    asked_ = Clock::now();
    if (!source_ && !shut_) {
        // A publisher may have come back after all.
        if (const auto found = home_.find(name_); found && found->home() && !found->over()) {
            attach(found);
        }
    }
    using Kind = hls::Resource::Kind;
    HlsAnswer answer;
    if (!question.resource) {
        answer = co_await multivariant(question);
    } else if (question.resource->kind == Kind::playlist) {
        answer = co_await playlist(question);
    } else if (question.resource->token != packager_.token()) {
        answer = problem_answer(404, "this was cut before the server or the stream began anew");
    } else if (question.resource->kind == Kind::part) {
        answer = co_await part(question);
    } else if (question.resource->kind == Kind::segment) {
        answer = segment(question);
    } else if (question.resource->kind == Kind::init) {
        answer = init(question);
    } else {
        answer = key(question);
    }
    if (answer.body) {
        bytes_out_ += answer.body->bytes;
    }
    co_return answer;
}

net::awaitable<HlsAnswer> HlsStream::multivariant(const HlsQuestion& question)
{
    const bool ready = co_await until_ready();
    if (!ready) {
        co_return problem_answer(503, "the stream has nothing to play yet: a segment ends with a key frame",
                                 1);
    }
    const auto folder = question.stem + "/hls/";
    const auto query = question.viewer.made_up ? "?session=" + question.viewer.id : std::string{};
    const std::vector<hls::Variant> streams{{&packager_, folder}};
    HlsAnswer answer;
    answer.fresh_session = question.viewer.made_up;
    answer.cache_control = "private, no-cache";
    if (question.dash) {
        answer.content_type = kManifestType;
        answer.body = body_of(hls::dash_manifest(packager_, folder, WallTime::clock::now()));
    } else {
        answer.content_type = kPlaylistType;
        answer.body = body_of(hls::multivariant_playlist(streams, query));
    }
    if (question.gzip) {
        answer.body = gzip(*answer.body);
        answer.gzipped = true;
    }
    if (question.dash) {
        bool fresh = true;
        visit(question.viewer, fresh);
    }
    co_return answer;
}

/// Rendered once a version, whoever asks.
hls::SharedBody HlsStream::render(const hls::Rendition& rendition, bool delta, bool zip)
{
    auto& held = rendered_[rendition.id() + (delta ? "+" : "")];
    const auto version = rendition.version() * 2 + (packager_.ended() ? 1 : 0) + 2;
    if (held.version != version) {
        held = {.version = version, .plain = nullptr, .zipped = nullptr};
        held.plain = body_of(hls::media_playlist(packager_, rendition, {.delta = delta}));
    }
    if (zip && !held.zipped) {
        held.zipped = gzip(*held.plain);
    }
    return zip ? held.zipped : held.plain;
}

net::awaitable<HlsAnswer> HlsStream::playlist(const HlsQuestion& question)
{
    const auto asked = hls::read_directives(question.query);
    if (!asked) {
        co_return problem_answer(
            400, "_HLS_msn and _HLS_part must be whole numbers, _HLS_part together with _HLS_msn");
    }
    const bool ready = co_await until_ready();
    const auto* rendition = packager_.find(question.resource->rendition);
    // Quirk: FFmpeg falls over a playlist that has parts alone; who asks for a part knows what to do with it.
    const auto deadline = Clock::now() + house_.settings().hold;
    while (ready && !asked->msn && rendition != nullptr && rendition->closed() == 0 && source_) {
        const bool news = co_await changed(deadline);
        rendition = packager_.find(question.resource->rendition);
        if (!news) {
            break;
        }
    }
    if (ready && rendition == nullptr) {
        co_return problem_answer(404, "the stream has no rendition " + question.resource->rendition);
    }
    bool fresh = true;
    auto* session = visit(question.viewer, fresh);
    if (session != nullptr && session->refused()) {
        co_return problem_answer(403, "this viewer was disconnected by the operator");
    }
    if (!ready || rendition->listed().empty() || (!asked->msn && rendition->closed() == 0)) {
        co_return problem_answer(503, "the stream has nothing to play yet: a segment ends with a key frame",
                                 1);
    }
    const auto begun = Clock::now();
    const auto patience = std::min<Clock::duration>(3 * packager_.target(), kMostBlocked);
    const bool can_wait = packager_.part_target() > std::chrono::nanoseconds{0};
    for (;;) {
        const auto verdict =
            !can_wait
                ? hls::Verdict::now
                : hls::judge(*asked, hls::edge_of(*rendition, packager_.part_target(), packager_.ended()));
        if (verdict == hls::Verdict::now) {
            break;
        }
        if (verdict == hls::Verdict::bad) {
            co_return problem_answer(400, "the segment or part that was asked for is too far ahead");
        }
        const bool news = co_await changed(begun + patience);
        if (!news) {
            co_return problem_answer(503, "the source is silent", 1);
        }
    }
    HlsAnswer answer;
    answer.content_type = kPlaylistType;
    answer.gzipped = question.gzip;
    answer.body = render(*rendition, asked->skip && can_wait, question.gzip);
    answer.cache_control = asked->msn && can_wait ? max_age(6 * packager_.target()) : "no-cache";
    answer.etag = packager_.token() + "-" + std::to_string(rendition->version()) + (asked->skip ? "d" : "") +
                  (question.gzip ? "z" : "") + (packager_.ended() ? "e" : "");
    answer.fresh_session = question.viewer.made_up;
    if (auto* still = visit(question.viewer, fresh)) {
        still->answered(answer.body->bytes);
    }
    co_return answer;
}

HlsAnswer HlsStream::media(const HlsQuestion& question, hls::SharedBody body) const
{
    HlsAnswer answer;
    const bool sound = question.resource->rendition.starts_with('a');
    answer.content_type = packager_.settings().container == hls::Container::ts ? "video/mp2t"
                          : sound                                              ? "audio/mp4"
                                                                               : "video/mp4";
    answer.cache_control = kForEver;
    const auto& what = *question.resource;
    answer.etag = what.rendition + "-" + what.token + "-" + std::to_string(what.number) +
                  (what.kind == hls::Resource::Kind::part   ? "." + std::to_string(what.part)
                   : what.kind == hls::Resource::Kind::init ? "i"
                                                            : "");
    answer.body = std::move(body);
    return answer;
}

net::awaitable<HlsAnswer> HlsStream::part(const HlsQuestion& question)
{
    const auto& what = *question.resource;
    const auto* rendition = packager_.find(what.rendition);
    if (rendition == nullptr || packager_.part_target() == std::chrono::nanoseconds{0}) {
        co_return problem_answer(404, "there is no such part");
    }
    const auto deadline = Clock::now() + std::min<Clock::duration>(3 * packager_.target(), kMostBlocked);
    for (;;) {
        const auto* found = rendition->find(what.number);
        if (found != nullptr && what.part < found->parts.size()) {
            bool fresh = false;
            const auto& part = found->parts[static_cast<std::size_t>(what.part)];
            auto begin = found->begin;
            for (std::size_t i = 0; i < what.part; ++i) {
                begin += found->parts[i].duration;
            }
            if (auto* session = visit(question.viewer, fresh)) {
                session->fetched(part.body->bytes, begin, part.duration, packager_.newest(), Clock::now());
            }
            co_return media(question, part.body);
        }
        const auto edge = hls::edge_of(*rendition, packager_.part_target(), packager_.ended());
        const bool hinted = (what.number == edge.open && what.part == edge.parts) ||
                            (what.number == edge.open + 1 && what.part == 0);
        if (edge.ended || !hinted) {
            co_return problem_answer(404, "there is no such part, or no longer");
        }
        const bool news = co_await changed(deadline);
        if (!news) {
            co_return problem_answer(503, "the source is silent", 1);
        }
    }
}

HlsAnswer HlsStream::segment(const HlsQuestion& question)
{
    const auto& what = *question.resource;
    const auto* rendition = packager_.find(what.rendition);
    const auto* found = rendition != nullptr ? rendition->find(what.number) : nullptr;
    if (found == nullptr || !found->body) {
        return problem_answer(404, found != nullptr && found->gap ? "this segment is a gap"
                                                                  : "there is no such segment, or no longer");
    }
    bool fresh = false;
    if (auto* session = visit(question.viewer, fresh)) {
        session->fetched(found->body->bytes, found->begin, found->duration, packager_.newest(), Clock::now());
    }
    return media(question, found->body);
}

HlsAnswer HlsStream::init(const HlsQuestion& question)
{
    const auto* rendition = packager_.find(question.resource->rendition);
    auto body = rendition != nullptr ? rendition->init(question.resource->number) : nullptr;
    return body ? media(question, std::move(body))
                : problem_answer(404, "there is no such initialisation segment");
}

HlsAnswer HlsStream::key(const HlsQuestion& question)
{
    for (const auto* rendition : packager_.renditions()) {
        if (const auto found = rendition->key(question.resource->key)) {
            HlsAnswer answer;
            answer.content_type = "application/octet-stream";
            answer.cache_control = "no-store";
            media::Pieces pieces;
            pieces.push_back(SharedBytes::copy_of(found->key));
            answer.body = std::make_shared<const hls::Body>(std::move(pieces));
            return answer;
        }
    }
    return problem_answer(404, "there is no such key, or no longer");
}

} // namespace millrace::doors
