#include "video_body.hpp"

namespace millrace::rtmp {

namespace {

constexpr unsigned kKeyFrame = 1;

/// A body in two pieces, read as one; zeros behind its end.
class Joined {
public:
    Joined(ByteView lead, ByteView payload) : lead_{lead}, payload_{payload} {}

    std::size_t size() const { return lead_.size() + payload_.size(); }
    unsigned operator[](std::size_t at) const
    {
        if (at < lead_.size()) {
            return lead_[at];
        }
        at -= lead_.size();
        return at < payload_.size() ? payload_[at] : 0U;
    }

private:
    ByteView lead_;
    ByteView payload_;
};

// classic  := 0:u1 frame:u3 codec:u4 packet:u8 …    packet with AVC and its relatives: 1 is a frame
bool is_classic_config(unsigned codec, unsigned packet)
{
    constexpr unsigned kAvc = 7;
    constexpr unsigned kHevc = 12; // Not in the specification, and much used before Enhanced RTMP.
    constexpr unsigned kAv1 = 13;  // The same.
    return (codec == kAvc || codec == kHevc || codec == kAv1) && packet != 1;
}

// enhanced := 1:u1 frame:u3 packet:u4 [mod-ex … packet:u4]packet 7 [type:u4 packet:u4 fourcc:u32
// number:u8]packet 6
//             packet 1 and 3 are frames
VideoLook look_at_enhanced(const Joined& body, bool key)
{
    constexpr unsigned kFrames = 1;
    constexpr unsigned kFramesX = 3;
    constexpr unsigned kMultitrack = 6;
    constexpr unsigned kModEx = 7;
    constexpr std::size_t kFourCc = 4;
    VideoLook look;
    unsigned packet = body[0] & 15U;
    std::size_t at = 1;
    while (packet == kModEx && at < body.size()) {
        std::size_t size = body[at] + 1;
        if (size == 256) {
            size = (body[at + 1] << 8U | body[at + 2]) + 3;
        }
        at += 1 + size;
        packet = body[at++] & 15U;
    }
    if (packet == kMultitrack) {
        const bool one = body[at] >> 4U == 0;
        packet = body[at] & 15U;
        look.number = one ? static_cast<std::uint8_t>(body[at + 1 + kFourCc]) : std::uint8_t{0};
    }
    const bool frame = packet == kFrames || packet == kFramesX || packet == kModEx;
    look.body = !frame ? VideoBody::config : key ? VideoBody::key_frame : VideoBody::frame;
    return look;
}

} // namespace

VideoLook look_at_video(ByteView lead, ByteView payload)
{
    const Joined body{lead, payload};
    const bool key = (body[0] >> 4U & 7U) == kKeyFrame;
    if ((body[0] & 0x80U) != 0) {
        return look_at_enhanced(body, key);
    }
    return {is_classic_config(body[0] & 15U, body[1]) ? VideoBody::config
            : key                                     ? VideoBody::key_frame
                                                      : VideoBody::frame};
}

} // namespace millrace::rtmp
