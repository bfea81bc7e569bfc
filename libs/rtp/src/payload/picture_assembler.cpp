#include "picture_assembler.hpp"

namespace millrace::rtp {

void PictureAssembler::feed(const Packet& packet, std::int64_t timestamp, bool lost)
{
    if (packet.payload.empty()) {
        stats_.quirks.add(Quirk::empty_payload);
        return;
    }
    if (begun_ && timestamp != timestamp_) {
        if (lost) {
            damaged_ = true; // its end, at least
        } else if (!damaged_) {
            stats_.quirks.add(Quirk::marker_missing);
        }
        finish();
    } else if (begun_ && lost) {
        damaged_ = true;
    }
    begun_ = true;
    timestamp_ = timestamp;
    if (!take(packet)) {
        ++stats_.bad;
        damaged_ = true;
    }
    if (packet.marker) {
        finish();
    }
}

void PictureAssembler::append(ByteView data)
{
    if (damaged_) {
        return;
    }
    if (picture_.size() + data.size() > limits_.unit_bytes) {
        ++stats_.oversize;
        damaged_ = true;
        return;
    }
    picture_.insert(picture_.end(), data.begin(), data.end());
}

void PictureAssembler::finish()
{
    auto picture = std::move(picture_);
    picture_ = Bytes{};
    if (damaged_) {
        ++stats_.damaged;
    } else {
        complete(std::move(picture));
    }
    begun_ = false;
    damaged_ = false;
    begin_picture();
}

void PictureAssembler::flush()
{
    if (begun_) {
        finish();
    }
}

void PictureAssembler::give_picture(Bytes picture, bool key)
{
    if (!told_ || *told_ != track_) {
        told_ = track_;
        give(track_);
    }
    give(Unit{.track = track_.id,
              .kind = media::Kind::video,
              .timestamp = timestamp_,
              .key = key,
              .payload = SharedBytes{std::move(picture)}});
}

} // namespace millrace::rtp
