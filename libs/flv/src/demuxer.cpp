#include "tag.hpp"
#include <millrace/flv/demuxer.hpp>

#include <algorithm>

namespace millrace::flv {
namespace {

constexpr std::uint32_t kMaxHeaderBytes = 65536;
constexpr std::uint8_t kAmf3Script = 15; ///< Enhanced RTMP v2: a script tag whose values are AMF3.

TagHead head_of(ByteView bytes)
{
    ByteReader in{bytes};
    return read_tag_head(in);
}

std::uint32_t back_pointer(ByteView bytes, const TagHead& head)
{
    return ByteReader{bytes.subspan(head.tag_bytes())}.u32();
}

bool is_known(std::uint8_t type)
{
    const auto tag = static_cast<TagType>(type);
    return tag == TagType::audio || tag == TagType::video || tag == TagType::script || type == kAmf3Script;
}

/// Whether a size behind a tag is one that is written by habit, though it should be that of the whole tag.
bool is_known_habit(std::uint32_t size, const TagHead& head)
{
    return size == 0 || size == head.size || size == head.tag_bytes() + kBackPointerBytes;
}

/// What is wrong with a head; nothing when it may be one.
std::string flaw_of(const TagHead& head, std::size_t most)
{
    if (head.type > 0x3f || !is_known(head.plain_type())) {
        return "a tag of type " + std::to_string(head.type);
    }
    if (head.size > most) {
        return "a tag of " + std::to_string(head.size) + " bytes";
    }
    if (head.stream != 0) {
        return "a tag of stream " + std::to_string(head.stream);
    }
    return {};
}

} // namespace

Result<> Demuxer::feed(ByteView bytes)
{
    if (failed_) {
        return Unexpected{*failed_};
    }
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    while (step()) {
    }
    if (failed_) {
        return Unexpected{*failed_};
    }
    if (at_ > buffer_.size() / 2) {
        buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(at_));
        before_ += at_;
        at_ = 0;
    }
    return {};
}

bool Demuxer::step()
{
    if (to_skip_ > 0) {
        return skip();
    }
    switch (state_) {
    case State::header:
        return read_header();
    case State::tags:
        return read_tag();
    case State::searching:
        return search();
    }
    return false;
}

bool Demuxer::skip()
{
    const auto count = std::min<std::uint64_t>(to_skip_, left().size());
    at_ += count;
    to_skip_ -= count;
    return to_skip_ == 0;
}

// header := "FLV" version:u8 flags:u8 offset:u32 … 00000000     the flags are a hint that some writers leave
// out
bool Demuxer::read_header()
{
    if (left().size() < kHeaderBytes) {
        return false;
    }
    ByteReader in{left()};
    const auto signature = in.text(3);
    in.skip(2);
    const auto offset = in.u32();
    if (signature != "FLV") {
        failed_ = Error{Errc::not_flv, "FLV 10.1 §E.2"};
        return false;
    }
    if (offset < kHeaderBytes || offset > kMaxHeaderBytes) {
        failed_ = Error{Errc::bad_header, "FLV 10.1 §E.2"};
        return false;
    }
    to_skip_ = offset + kBackPointerBytes;
    state_ = State::tags;
    return true;
}

bool Demuxer::read_tag()
{
    const auto bytes = left();
    if (bytes.size() < kTagHeadBytes) {
        return false;
    }
    const auto head = head_of(bytes);
    if (auto flaw = flaw_of(head, limits_.tag_bytes); !flaw.empty()) {
        lose(std::move(flaw));
        return true;
    }
    const auto whole = head.tag_bytes() + kBackPointerBytes;
    if (bytes.size() < whole) {
        return false;
    }
    if (back_pointer(bytes, head) != head.tag_bytes()) {
        if (!is_known_habit(back_pointer(bytes, head), head)) {
            lose("a tag whose size is not that behind it");
            return true;
        }
        // Whether this is the writer's habit, or the size in the head is wrong, shows in what comes next.
        if (bytes.size() < whole + kTagHeadBytes) {
            return false;
        }
        const auto next = head_of(bytes.subspan(whole));
        if (next.encrypted() || !flaw_of(next, limits_.tag_bytes).empty()) {
            lose("a tag whose size is not that behind it");
            return true;
        }
        ++counters_["wrong_previous_tag_size"]; // Quirk: PreviousTagSize left at 0, or miscounted.
    }
    deliver(whole);
    return true;
}

/// Hands on the tag at the front, which with all that belongs to it has `size` bytes.
void Demuxer::deliver(std::size_t size)
{
    const auto head = head_of(left());
    const auto data = left().subspan(kTagHeadBytes, head.size);
    if (head.encrypted()) {
        ++counters_["encrypted_tag"];
    } else if (head.type == kAmf3Script) {
        ++counters_["amf3_script"];
    } else {
        bodies_.feed(static_cast<TagType>(head.type), head.timestamp, SharedBytes::copy_of(data));
    }
    at_ += size;
}

void Demuxer::lose(std::string reason)
{
    ++counters_["broken_tag"];
    if (warnings_.size() < limits_.warnings) {
        warnings_.push_back({before_ + at_, std::move(reason)});
    }
    state_ = State::searching;
    ++at_;
}

/// Looks for a tag that is right in all that can be checked: type, size, stream, and the size behind it.
bool Demuxer::search()
{
    const auto most = std::min(limits_.tag_bytes, limits_.resync_tag_bytes);
    for (auto bytes = left(); bytes.size() >= kTagHeadBytes; bytes = left()) {
        const auto head = head_of(bytes);
        if (head.encrypted() || !flaw_of(head, most).empty()) {
            ++at_;
            continue;
        }
        if (bytes.size() < head.tag_bytes() + kBackPointerBytes) {
            return false;
        }
        if (back_pointer(bytes, head) == head.tag_bytes()) {
            state_ = State::tags;
            return true;
        }
        ++at_;
    }
    return false;
}

void Demuxer::end()
{
    if (failed_ || to_skip_ > 0 || state_ != State::tags || left().size() < kTagHeadBytes) {
        return;
    }
    const auto head = head_of(left());
    if (flaw_of(head, limits_.tag_bytes).empty() && left().size() >= head.tag_bytes()) {
        deliver(left().size());
    }
}

std::optional<Demuxer::Warning> Demuxer::next_warning()
{
    if (warnings_.empty()) {
        return std::nullopt;
    }
    auto warning = std::move(warnings_.front());
    warnings_.pop_front();
    return warning;
}

BodyReader::Counters Demuxer::counters() const
{
    auto all = bodies_.counters();
    all.insert(counters_.begin(), counters_.end());
    return all;
}

} // namespace millrace::flv
