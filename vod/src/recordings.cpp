#include <millrace/flv/demuxer.hpp>
#include <millrace/flv/file.hpp>
#include <millrace/vod/recordings.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>

namespace millrace::vod {
namespace {

constexpr std::string_view kEnding = ".flv";
constexpr std::size_t kMostListed = 10000;

std::vector<media::Item> items_of(std::span<const hub::Update> updates)
{
    std::vector<media::Item> items;
    items.reserve(updates.size());
    for (const auto& update : updates) {
        std::visit(
            [&items](const auto& held) {
                if constexpr (std::is_constructible_v<media::Item, decltype(held)>) {
                    items.emplace_back(held);
                }
            },
            update);
    }
    return items;
}

/// What a publisher is told, which may change while the file is written.
class News {
public:
    void set(exchange::RecordNews news)
    {
        const std::scoped_lock lock{mutex_};
        news_ = std::move(news);
    }
    void tell(std::string_view level, std::string_view code, const std::string& text) const
    {
        const std::scoped_lock lock{mutex_};
        if (news_) {
            news_(level, code, text);
        }
    }

private:
    mutable std::mutex mutex_;
    exchange::RecordNews news_;
};

bool matches(const std::vector<exchange::Pattern>& patterns, std::string_view name)
{
    return std::ranges::any_of(patterns, [name](const auto& pattern) { return pattern.matches(name); });
}

} // namespace

/// Lives with its stream, on the stream's home; the stream's last words and the recorder's news come to it.
class Recordings::Writer : public exchange::Tap {
public:
    Writer(Recordings& recordings, const std::shared_ptr<exchange::LocalStream>& stream)
        : recordings_{recordings}, stream_{stream}, name_{stream->stream().name()}
    {
    }

    void begin(store::Recording::Kind kind)
    {
        auto listener = [news = news_, name = name_, begun = false](store::Recorder::State state,
                                                                    const std::string& reason) mutable {
            using State = store::Recorder::State;
            if (state == State::recording) {
                begun = true;
                spdlog::info("{}: is being recorded", name);
                news->tell("status", "NetStream.Record.Start", "Recording.");
            } else if (state == State::finished) {
                spdlog::info("{}: the recording has ended{}{}", name, reason.empty() ? "" : ": ", reason);
                news->tell("status", "NetStream.Record.Stop", reason.empty() ? "Recorded." : reason);
            } else if (state == State::failed) {
                spdlog::error("{}: {}: {}", name, begun ? "the recording broke off" : "cannot be recorded",
                              reason);
                news->tell("error", begun ? "NetStream.Record.Failed" : "NetStream.Record.NoAccess", reason);
            }
        };
        take_ = recordings_.recorder_.begin(file_of(name_), kind, std::move(listener));
        if (const auto stream = stream_.lock()) {
            // What a predecessor told, and its successor need not tell again; not its frames.
            const auto& head = stream->stream().head();
            std::vector<media::Item> items{head.metadata.begin(), head.metadata.end()};
            items.insert(items.end(), head.tracks.begin(), head.tracks.end());
            take_->push(std::move(items));
        }
    }

    void hear(exchange::RecordNews news) { news_->set(std::move(news)); }
    bool writes() const { return writes_; }

    void take(std::span<const hub::Update> updates) override
    {
        writes_ = writes_ && take_->push(items_of(updates));
    }
    void left(bool stopped) override
    {
        if (stopped || !writes_) {
            if (const auto stream = stream_.lock()) {
                stream->detach(*this);
            }
            ended();
        }
    }
    void ended() override
    {
        take_->finish();
        recordings_.forget(name_, *this); // It may be gone now.
    }

private:
    Recordings& recordings_;
    std::weak_ptr<exchange::LocalStream> stream_;
    const std::string name_;
    std::shared_ptr<News> news_ = std::make_shared<News>();
    std::unique_ptr<store::Recorder::Take> take_;
    bool writes_ = true;
};

Recordings::Recordings(store::Recorder& recorder, Settings settings)
    : recorder_{recorder}, settings_{std::move(settings)}
{
}

Recordings::~Recordings() = default;

std::string Recordings::file_of(std::string_view stream)
{
    std::string name{stream};
    return stream.ends_with(kEnding) ? name : name.append(kEnding);
}

std::shared_ptr<Recordings::Writer> Recordings::writer_of(const std::string& stream) const
{
    const std::scoped_lock lock{mutex_};
    const auto at = writers_.find(stream);
    return at == writers_.end() ? nullptr : at->second;
}

void Recordings::forget(const std::string& stream, const Writer& writer)
{
    std::shared_ptr<Writer> gone;
    const std::scoped_lock lock{mutex_};
    if (const auto at = writers_.find(stream); at != writers_.end() && at->second.get() == &writer) {
        gone = std::move(at->second);
        writers_.erase(at);
    }
}

void Recordings::begin(const std::shared_ptr<exchange::LocalStream>& stream, store::Recording::Kind kind,
                       exchange::RecordNews news)
{
    const auto& name = stream->stream().name();
    if (const auto writer = writer_of(name)) {
        if (writer->writes()) {
            writer->hear(news); // Its publisher was lost, and is back.
            if (news) {
                news("status", "NetStream.Record.Start", "The recording goes on.");
            }
            return;
        }
        stream->detach(*writer);
        writer->ended();
    }
    const auto writer = std::make_shared<Writer>(*this, stream);
    writer->hear(std::move(news));
    {
        const std::scoped_lock lock{mutex_};
        writers_[name] = writer;
    }
    writer->begin(kind);
    stream->attach(*writer);
}

void Recordings::claimed(const std::shared_ptr<exchange::LocalStream>& stream, const exchange::Claim& claim)
{
    using Kind = store::Recording::Kind;
    const bool asked = claim.kind == "record" || claim.kind == "append";
    if (asked && !matches(settings_.allowed, claim.stream)) {
        spdlog::warn("{}: {} may not record it: [record] allowed says so", claim.stream, claim.remote);
        if (claim.on_record) {
            claim.on_record("error", "NetStream.Record.NoAccess",
                            claim.stream + ": this server does not record it");
        }
    }
    if (asked && matches(settings_.allowed, claim.stream)) {
        begin(stream, claim.kind == "append" ? Kind::append : Kind::record, claim.on_record);
    } else if (matches(settings_.streams, claim.stream)) {
        begin(stream, settings_.kind, {});
    }
}

std::vector<Recordings::Line> Recordings::list() const
{
    std::vector<Line> lines;
    std::set<std::string, std::less<>> told;
    for (auto& status : recorder_.statuses()) {
        if (told.insert(status.name).second) {
            lines.push_back({.name = std::move(status.name),
                             .state = std::string{store::name(status.state)},
                             .bytes = status.bytes,
                             .duration = status.duration,
                             .since = status.since,
                             .reason = std::move(status.reason)});
        }
    }
    const auto& folder = recorder_.folder();
    for (auto& name : folder.list(kEnding, kMostListed)) {
        const auto file =
            told.contains(name) ? Result<store::File>{Unexpected{store::Errc::busy}} : folder.read(name);
        const auto facts = file ? file->identity() : Result<store::File::Identity>{Unexpected{file.error()}};
        if (!facts) {
            continue;
        }
        Line line{.name = std::move(name), .state = "stored", .bytes = facts->bytes, .reason = {}};
        Bytes head(store::Recording::kHeadRoom);
        flv::Demuxer demuxer;
        const auto got = file->read_at(head, 0);
        if (got && demuxer.feed(ByteView{head}.first(*got))) {
            const auto item = demuxer.next();
            const auto* metadata = item ? std::get_if<media::Metadata>(&*item) : nullptr;
            line.duration = metadata != nullptr ? flv::read_duration(*metadata) : std::nullopt;
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

} // namespace millrace::vod
