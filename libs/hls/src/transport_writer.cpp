#include "writer.hpp"
#include <millrace/mpegts/id3.hpp>
#include <millrace/mpegts/muxer.hpp>

#include <algorithm>

namespace millrace::hls {
namespace {

constexpr std::size_t kPacket = 188;
/// FFmpeg takes a shorter transport stream for something else.
constexpr std::size_t kLeastPackets = 24;

/// Null packets (ISO/IEC 13818-1 §2.4.3.3).
SharedBytes null_packets(std::size_t count)
{
    Bytes bytes(count * kPacket, 0xff);
    for (std::size_t i = 0; i < count; ++i) {
        constexpr std::array<std::uint8_t, 4> kHead{0x47, 0x1f, 0xff, 0x10};
        std::ranges::copy(kHead, bytes.begin() + static_cast<std::ptrdiff_t>(i * kPacket));
    }
    return SharedBytes{std::move(bytes)};
}

/// Frames of several tracks as one program of MPEG-TS; times are the stream's.
class TransportWriter final : public Writer {
public:
    TransportWriter(const std::vector<media::Track>& tracks, bool metadata)
        : muxer_{mpegts::Options{.multitrack = true, .id3 = metadata, .tables_every = Nanoseconds{0}}}
    {
        for (const auto& track : tracks) {
            muxer_.write(track, {}, pieces_);
        }
    }

    SharedBody initialisation() const override { return nullptr; }

    Nanoseconds settle(const media::Frame& next) override
    {
        const auto due = next.dts.time_since_epoch() + kBegin;
        if (begun_ && due > last_) {
            expected_ = due - last_;
        }
        begun_ = true;
        last_ = std::max(last_, due);
        return last_;
    }
    Nanoseconds settle() override
    {
        if (begun_) {
            last_ += expected_;
            begun_ = false;
        }
        return last_;
    }
    void begin_anew() override { begun_ = false; }

    void add(const media::Frame& frame, bool begins) override { muxer_.write(frame, begins, pieces_); }

    media::Pieces close(bool first_of_segment) override
    {
        muxer_.flush(pieces_);
        std::size_t bytes = 0;
        for (const auto& piece : pieces_) {
            bytes += piece.size();
        }
        if (first_of_segment && bytes > 0 && bytes < kLeastPackets * kPacket) {
            pieces_.push_back(null_packets(kLeastPackets - bytes / kPacket));
        }
        return std::exchange(pieces_, {});
    }

private:
    mpegts::Muxer muxer_;
    media::Pieces pieces_;
    Nanoseconds last_{0};
    Nanoseconds expected_{std::chrono::milliseconds{40}};
    bool begun_ = false;
};

} // namespace

std::unique_ptr<Writer> make_transport_writer(const std::vector<media::Track>& tracks, bool metadata)
{
    return std::make_unique<TransportWriter>(tracks, metadata);
}

} // namespace millrace::hls
