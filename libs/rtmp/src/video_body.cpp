#include "video_body.hpp"

namespace millrace::rtmp {

namespace {

constexpr unsigned kKeyFrame = 1;

// classic  := 0:u1 frame:u3 codec:u4 packet:u8 …    packet with AVC and its relatives: 1 is a frame
bool is_classic_config(unsigned codec, unsigned packet)
{
    constexpr unsigned kAvc = 7;
    constexpr unsigned kHevc = 12; // Not in the specification, and much used before Enhanced RTMP.
    constexpr unsigned kAv1 = 13;  // The same.
    return (codec == kAvc || codec == kHevc || codec == kAv1) && packet != 1;
}

// enhanced := 1:u1 frame:u3 packet:u4 …    packet 1 and 3 are frames; 6 has several tracks and its real type
// next
bool is_enhanced_config(unsigned packet, unsigned next)
{
    constexpr unsigned kFrames = 1;
    constexpr unsigned kFramesX = 3;
    constexpr unsigned kMultitrack = 6;
    constexpr unsigned kModEx = 7;
    const unsigned real = packet == kMultitrack ? next & 0x0FU : packet;
    return real != kFrames && real != kFramesX && real != kModEx;
}

} // namespace

VideoBody look_at_video(ByteView lead, ByteView payload)
{
    const auto byte = [&](std::size_t at) -> unsigned {
        if (at < lead.size()) {
            return lead[at];
        }
        at -= lead.size();
        return at < payload.size() ? payload[at] : 0;
    };
    const bool enhanced = (byte(0) & 0x80U) != 0;
    const unsigned low = byte(0) & 0x0FU;
    if (enhanced ? is_enhanced_config(low, byte(1)) : is_classic_config(low, byte(1))) {
        return VideoBody::config;
    }
    return (byte(0) >> 4U & 7U) == kKeyFrame ? VideoBody::key_frame : VideoBody::frame;
}

} // namespace millrace::rtmp
