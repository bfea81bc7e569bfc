#include "nal_depacketizer.hpp"

#include <millrace/codec/nal.hpp>
#include <millrace/media/describe.hpp>

#include <algorithm>

namespace millrace::rtp {
namespace {

constexpr std::size_t kLengthBytes = 4;

bool has_start_code(ByteView unit)
{
    constexpr std::array<std::uint8_t, 3> kStartCode{0, 0, 1};
    return std::ranges::search(unit, kStartCode).begin() != unit.end();
}

} // namespace

void NalDepacketizer::feed(const Packet& packet, std::int64_t timestamp, bool lost)
{
    if (packet.payload.empty()) {
        stats_.quirks.add(Quirk::empty_payload);
        return;
    }
    if (lost) {
        after_loss_ = true;
        damaged_ = damaged_ || picture_ || open_;
        drop_open_unit();
    }
    packet_time_ = timestamp;
    turn_to(timestamp);
    if (!split(packet.payload)) {
        ++stats_.bad;
        drop_open_unit();
        damaged_ = true;
    }
    if (!packet.marker) {
        return;
    }
    if (open_) { // a marker in the middle of a fragmented unit: its end is lost
        drop_open_unit();
        damaged_ = true;
    }
    ended_at_ = timestamp;
    if (picture_ && !ignore_markers_) {
        finish();
    } else if (!picture_) {
        sets_alone_ = true;
        if (damaged_) {
            finish();
        }
    }
}

/// Units of that time come: what is there of another time has ended.
void NalDepacketizer::turn_to(std::int64_t timestamp)
{
    if (timestamp != timestamp_) {
        if (picture_ || open_ || damaged_) {
            // Quirk: cameras without marker bits (FLIR): the next timestamp ends the access unit.
            if (!damaged_ && !open_ && !ignore_markers_) {
                stats_.quirks.add(Quirk::marker_missing);
            }
            damaged_ = damaged_ || open_;
            drop_open_unit();
            finish();
        } else if (sets_alone_) {
            // Quirk: parameter sets with a marker and the timestamp of the picture before (Reolink).
            stats_.quirks.add(Quirk::sets_with_old_timestamp);
        }
    }
    sets_alone_ = false;
    timestamp_ = timestamp;
}

void NalDepacketizer::unit_at(std::int64_t timestamp, ByteView each)
{
    turn_to(timestamp);
    unit(each);
}

void NalDepacketizer::unit(ByteView each)
{
    while (!each.empty() && each.back() == 0 && each.size() > 1) {
        each = each.first(each.size() - 1);
        stats_.quirks.add(Quirk::trailing_zero_bytes);
    }
    if (each.empty()) {
        stats_.quirks.add(Quirk::empty_unit); // Quirk: NAL units of no bytes.
        return;
    }
    if (role(each).may_hide_others && has_start_code(each)) {
        // Quirk: a whole Annex-B stream inside one unit, whose header is that of its first (V380).
        stats_.quirks.add(Quirk::annex_b);
        const auto parts = to_bytes(each);
        const auto first =
            std::ranges::search(parts, std::array<std::uint8_t, 3>{0, 0, 1}).begin() - parts.begin();
        auto head = ByteView{parts}.first(static_cast<std::size_t>(first));
        while (!head.empty() && head.back() == 0) {
            head = head.first(head.size() - 1);
        }
        if (!head.empty()) {
            take(head);
        }
        for (const auto part : codec::split_annex_b(parts)) {
            take(part);
        }
        return;
    }
    take(each);
}

void NalDepacketizer::take(ByteView each)
{
    const auto what = role(each);
    if (picture_ && (what.delimiter || what.first_slice)) {
        // The next access unit begins, whatever its time.
        finish();
    }
    if (what.set) {
        changed_ = keep(each) || changed_;
        return;
    }
    if (what.dropped) {
        return;
    }
    if (what.picture) {
        const bool begins = !picture_;
        if (begins && !what.first_slice && ended_at_ == packet_time_ && !after_loss_) {
            // Quirk: a marker on each slice: from now on another timestamp ends the access unit.
            stats_.quirks.add(Quirk::marker_early);
            ignore_markers_ = true;
        }
        damaged_ = damaged_ || (begins && !what.first_slice);
        picture_ = true;
        after_loss_ = false;
        key_ = key_ || what.key;
        reference_ = reference_ || what.reference;
    }
    if (++nals_ > limits_.nals || each.size() > limits_.nal_bytes ||
        unit_bytes_.size() + each.size() + kLengthBytes > limits_.unit_bytes) {
        stats_.oversize += damaged_ ? 0 : 1;
        damaged_ = true;
        return;
    }
    for (unsigned shift = 32; shift > 0; shift -= 8) {
        unit_bytes_.push_back(static_cast<std::uint8_t>(each.size() >> (shift - 8)));
    }
    unit_bytes_.insert(unit_bytes_.end(), each.begin(), each.end());
}

void NalDepacketizer::fragment(ByteView header, ByteView data, bool start, bool end)
{
    if (start && open_) { // the end of the one before was never sent
        drop_open_unit();
        damaged_ = true;
    }
    if (start && end) {
        // Quirk: a unit in one fragment (CostarHD).
        stats_.quirks.add(Quirk::start_and_end);
    }
    if (start) {
        const auto what = role(header);
        if (picture_ && (what.delimiter || (what.picture && !data.empty() && (data[0] & 0x80U) != 0))) {
            finish();
        }
        open_ = unit_bytes_.size();
        unit_bytes_.resize(unit_bytes_.size() + kLengthBytes);
        unit_bytes_.insert(unit_bytes_.end(), header.begin(), header.end());
    }
    if (!open_) {
        damaged_ = true;
        return;
    }
    if (unit_bytes_.size() + data.size() > limits_.unit_bytes ||
        unit_bytes_.size() - *open_ + data.size() > limits_.nal_bytes) {
        ++stats_.oversize;
        drop_open_unit();
        damaged_ = true;
        return;
    }
    unit_bytes_.insert(unit_bytes_.end(), data.begin(), data.end());
    if (end) {
        end_unit();
    }
}

/// The fragmented unit at the end is whole: it stays where it is, unless it is one that does not belong
/// there.
void NalDepacketizer::end_unit()
{
    const auto begin = *open_;
    open_.reset();
    auto whole = ByteView{unit_bytes_}.subspan(begin + kLengthBytes);
    const auto what = role(whole);
    if (!what.picture || whole.back() == 0) {
        const auto copy = to_bytes(whole);
        unit_bytes_.resize(begin);
        unit(copy);
        return;
    }
    const bool begins = !picture_;
    damaged_ = damaged_ || (begins && !what.first_slice);
    if (++nals_ > limits_.nals) {
        stats_.oversize += damaged_ ? 0 : 1;
        damaged_ = true;
    }
    picture_ = true;
    after_loss_ = false;
    key_ = key_ || what.key;
    reference_ = reference_ || what.reference;
    for (std::size_t i = 0; i < kLengthBytes; ++i) {
        unit_bytes_[begin + i] = static_cast<std::uint8_t>(whole.size() >> (24U - 8U * i));
    }
}

void NalDepacketizer::drop_open_unit()
{
    if (open_) {
        unit_bytes_.resize(*open_);
        open_.reset();
    }
}

void NalDepacketizer::finish()
{
    if (damaged_) {
        ++stats_.damaged;
        clear();
        return;
    }
    if (changed_) {
        if (auto made = config()) {
            changed_ = false;
            if (ByteView{*made}.size() != track_.config.size() ||
                !std::ranges::equal(*made, track_.config.view()) || stats_.units == 0) {
                track_.config = SharedBytes{std::move(*made)};
                media::describe(track_);
                give(track_);
            }
        }
    }
    if (!changed_) {
        give(Unit{.track = track_.id,
                  .kind = media::Kind::video,
                  .timestamp = timestamp_,
                  .key = key_,
                  .disposable = !reference_,
                  .payload = SharedBytes{std::move(unit_bytes_)}});
    }
    clear();
}

void NalDepacketizer::clear()
{
    unit_bytes_ = Bytes{};
    open_.reset();
    nals_ = 0;
    picture_ = false;
    key_ = false;
    reference_ = false;
    damaged_ = false;
}

void NalDepacketizer::flush()
{
    if (picture_ && !open_) {
        finish();
    }
}

} // namespace millrace::rtp
