// A stream of bodies for readers of all sorts: what each of them is sent is good, and is what came in.
#include "../test/bodies.hpp"
#include <millrace/base/reader.hpp>
#include <millrace/flv/delivery.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace {

using namespace millrace;
using namespace millrace::flv;

/// One reader, and what it knows of the stream.
class Reader {
public:
    explicit Reader(Options options) : delivery_{options}, one_each_{!options.multitrack} {}

    bool take(const media::Item& item)
    {
        std::vector<Body> bodies;
        if (const auto* track = std::get_if<media::Track>(&item)) {
            delivery_.learn(*track, bodies);
            read(bodies);
            head_.tracks.push_back(*track);
            return true;
        }
        if (const auto* metadata = std::get_if<media::Metadata>(&item)) {
            head_.metadata.assign(1, *metadata);
            bodies.push_back(delivery_.metadata(*metadata));
            read(bodies);
            return true;
        }
        return take(std::get<media::Frame>(item));
    }

    /// Whoever comes late is told the same tracks as who was there.
    bool head_is_good()
    {
        std::map<media::TrackId, media::Track> newest;
        for (const auto& track : head_.tracks) {
            newest.insert_or_assign(track.id, track);
        }
        head_.tracks.clear();
        for (auto& [id, track] : newest) {
            head_.tracks.push_back(std::move(track));
        }
        BodyReader late;
        for (const auto& body : delivery_.head(head_, true)) {
            late.feed(body.type, 0, SharedBytes{joined(body)});
        }
        std::size_t several = 0;
        while (const auto item = late.next()) {
            const auto* track = std::get_if<media::Track>(&*item);
            several += track != nullptr && track->number > 0 ? 1 : 0;
        }
        return !one_each_ || several == 0;
    }

private:
    void read(const std::vector<Body>& bodies)
    {
        for (const auto& body : bodies) {
            reader_.feed(body.type, 0, SharedBytes{joined(body)});
        }
        while (reader_.next()) {
        }
    }

    bool take(const media::Frame& frame)
    {
        const auto body = delivery_.frame(frame);
        if (!body || frame.payload.empty()) {
            return true;
        }
        reader_.feed(body->type, static_cast<std::uint32_t>(to_ms(frame.dts)), SharedBytes{joined(*body)});
        bool good = false;
        while (const auto item = reader_.next()) {
            const auto* again = std::get_if<media::Frame>(&*item);
            good = good || (again != nullptr && again->payload == frame.payload && again->dts == frame.dts &&
                            again->key == frame.key && (!one_each_ || again->track < 4));
        }
        return good;
    }

    Delivery delivery_;
    bool one_each_;
    BodyReader reader_;
    media::Head head_;
};

std::vector<Reader> all_readers()
{
    auto asking = Options::plain();
    asking.video = 1;
    asking.audio = 1;
    Options announcing{.takes = FourCcs::none()};
    announcing.takes.add("av01");
    announcing.takes.add("Opus");
    auto old = Options::plain();
    old.legacy_hevc = true;
    old.takes = FourCcs::none();
    std::vector<Reader> readers;
    for (const auto& options : {Options{}, Options::plain(), asking, announcing, old}) {
        readers.emplace_back(options);
    }
    return readers;
}

} // namespace

// input := (type:u8 time:u8 length:u16 body)*
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    constexpr std::array kTypes{TagType::audio, TagType::video, TagType::script};
    BodyReader source;
    auto readers = all_readers();
    ByteReader in{{data, size}};
    while (!in.at_end()) {
        const auto type = kTypes[in.u8() % kTypes.size()];
        const std::uint32_t time = in.u8();
        const std::size_t length = in.u16();
        const auto body = in.bytes(std::min(length, in.remaining()));
        if (!in.ok()) {
            break;
        }
        source.feed(type, time, SharedBytes::copy_of(body));
        while (const auto item = source.next()) {
            if (!std::ranges::all_of(readers, [&](Reader& reader) { return reader.take(*item); })) {
                std::abort();
            }
        }
    }
    if (!std::ranges::all_of(readers, &Reader::head_is_good)) {
        std::abort();
    }
    return 0;
}
