#include "pes_reader.hpp"

namespace millrace::mpegts {
namespace {

constexpr std::size_t kPrefixBytes = 6;
constexpr std::size_t kHeadBytes = 9;
constexpr Ticks kJump = 10 * kTicksPerSecond;

} // namespace

Ticks Timeline::place(Ticks stamp, bool& jumped)
{
    const auto at = unwrap(stamp, newest.value_or(stamp));
    jumped = newest && (at - *newest > kJump || *newest - at > kJump);
    newest = at;
    return at;
}

void PesReader::feed(ByteView payload, bool start)
{
    if (start) {
        finish();
        running_ = true;
        whole_ = 0;
        held_.clear();
    }
    if (!running_) {
        return;
    }
    held_.insert(held_.end(), payload.begin(), payload.end());
    if (held_.size() > findings_->limits.pes_bytes) {
        findings_->count("pes_too_big");
        held_ = {};
        return gap();
    }
    if (whole_ == 0 && held_.size() >= kPrefixBytes) {
        const auto length = std::size_t{held_[4]} << 8U | held_[5];
        whole_ = length > 0 ? kPrefixBytes + length : 0;
    }
    if (whole_ > 0 && held_.size() >= whole_) {
        held_.resize(whole_);
        finish();
    }
}

void PesReader::gap()
{
    held_.clear();
    running_ = false;
    reader_->gap();
}

void PesReader::end()
{
    // One that tells its length has been given, or is cut.
    if (whole_ == 0) {
        finish();
    }
    gap();
}

// pes := 000001 id:u8 length:u16 10:u2 flags:u6 times:u2 flags:u6 header:u8 [pts [dts]] … payload
void PesReader::finish()
{
    if (!running_) {
        return;
    }
    running_ = false;
    const auto bytes = ByteView{held_};
    if (whole_ > 0 && bytes.size() < whole_) {
        findings_->count("bad_pes");
        return reader_->gap();
    }
    if (bytes.size() < kHeadBytes || bytes[0] != 0 || bytes[1] != 0 || bytes[2] != 1 || bytes[6] >> 6U != 2 ||
        kHeadBytes + bytes[8] > bytes.size()) {
        findings_->count("bad_pes");
        return reader_->gap();
    }
    const auto times = read_times(bytes.subspan(kHeadBytes, bytes[8]), bytes[7] >> 6U);
    reader_->feed(bytes.subspan(kHeadBytes + bytes[8]), times);
}

std::optional<Times> PesReader::read_times(ByteView head, unsigned flags)
{
    constexpr std::size_t kStampBytes = 5;
    if (flags < 2 || head.size() < kStampBytes) {
        return std::nullopt;
    }
    const auto pts = read_timestamp(head.data());
    const auto dts =
        flags == 3 && head.size() >= 2 * kStampBytes ? read_timestamp(head.data() + kStampBytes) : pts;
    if (!pts || !dts) {
        findings_->count("bad_pes");
        return std::nullopt;
    }
    bool jumped = false;
    Times times;
    times.dts = timeline_->place(*dts, jumped);
    times.pts = unwrap(*pts, times.dts);
    findings_->count("time_jumps", jumped ? 1 : 0);
    return times;
}

} // namespace millrace::mpegts
