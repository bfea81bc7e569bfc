#include <millrace/base/reader.hpp>
#include <millrace/rtmp/control.hpp>

#include <algorithm>

namespace millrace::rtmp {

namespace {

// Of the events that are no StreamNews.
constexpr std::uint16_t kSetBufferLength = 3;
constexpr std::uint16_t kPingRequest = 6;
constexpr std::uint16_t kPingResponse = 7;
constexpr std::uint16_t kSwfVerifyRequest = 26;
constexpr std::uint16_t kSwfVerifyResponse = 27;
constexpr std::uint8_t kSwfVersion = 1; ///< Stands twice before the sizes.

// limit := window:u32 type:u8?
SetPeerBandwidth read_peer_bandwidth(ByteReader& in)
{
    SetPeerBandwidth limit{.bytes = in.u32()};
    if (!in.at_end()) {
        limit.limit = static_cast<PeerLimit>(std::min<std::uint8_t>(in.u8(), 2));
    } // Quirk: some servers leave the type out; it is taken for dynamic, which nearly all send, as are
      // unknown ones.
    return limit;
}

// response := version:u8*2 size:u32*2 digest:u8*32
std::optional<SwfVerifyResponse> read_swf_response(ByteReader& in)
{
    SwfVerifyResponse response;
    const bool known = in.u8() == kSwfVersion && in.u8() == kSwfVersion;
    response.size = in.u32();
    const bool agree = in.u32() == response.size;
    const ByteView digest = in.bytes(response.digest.size());
    std::ranges::copy(digest, response.digest.begin());
    return known && agree ? std::optional{response} : std::nullopt;
}

// event := type:u16 data
std::optional<Control> read_event(ByteReader& in)
{
    const std::uint16_t event = in.u16();
    switch (event) {
    case kSetBufferLength: {
        const std::uint32_t stream = in.u32();
        return SetBufferLength{stream, in.u32()};
    }
    case kPingRequest: return PingRequest{in.u32()};
    case kPingResponse: return PingResponse{in.u32()};
    case kSwfVerifyRequest: return SwfVerifyRequest{in.at_end() ? std::nullopt : std::optional{in.u8()}};
    case kSwfVerifyResponse: return read_swf_response(in);
    case static_cast<std::uint16_t>(StreamNews::begin):
    case static_cast<std::uint16_t>(StreamNews::eof):
    case static_cast<std::uint16_t>(StreamNews::dry):
    case static_cast<std::uint16_t>(StreamNews::is_recorded):
    case static_cast<std::uint16_t>(StreamNews::buffer_empty):
    case static_cast<std::uint16_t>(StreamNews::buffer_ready):
        return StreamEvent{static_cast<StreamNews>(event), in.u32()};
    default: return UnknownEvent{event, to_bytes(in.rest())};
    }
}

std::optional<Control> read_any(MessageType type, ByteReader& in)
{
    switch (type) {
    case MessageType::set_chunk_size: return SetChunkSize{in.u32() & 0x7fffffffU};
    case MessageType::abort: return Abort{in.u32()};
    case MessageType::acknowledgement: return Acknowledgement{in.u32()};
    case MessageType::window_acknowledgement_size: return WindowAcknowledgementSize{in.u32()};
    case MessageType::set_peer_bandwidth: return read_peer_bandwidth(in);
    case MessageType::user_control: return read_event(in);
    default: return {};
    }
}

/// One function a kind: writes its fields and gives the type of its message.
struct Writer {
    ByteWriter out;

    MessageType operator()(const SetChunkSize& control)
    {
        out.u32(control.bytes);
        return MessageType::set_chunk_size;
    }
    MessageType operator()(const Abort& control)
    {
        out.u32(control.csid);
        return MessageType::abort;
    }
    MessageType operator()(const Acknowledgement& control)
    {
        out.u32(control.sequence);
        return MessageType::acknowledgement;
    }
    MessageType operator()(const WindowAcknowledgementSize& control)
    {
        out.u32(control.bytes);
        return MessageType::window_acknowledgement_size;
    }
    MessageType operator()(const SetPeerBandwidth& control)
    {
        out.u32(control.bytes);
        out.u8(static_cast<std::uint8_t>(control.limit));
        return MessageType::set_peer_bandwidth;
    }
    MessageType operator()(const StreamEvent& event)
    {
        out.u16(static_cast<std::uint16_t>(event.news));
        out.u32(event.stream);
        return MessageType::user_control;
    }
    MessageType operator()(const SetBufferLength& event)
    {
        out.u16(kSetBufferLength);
        out.u32(event.stream);
        out.u32(event.ms);
        return MessageType::user_control;
    }
    MessageType operator()(const PingRequest& event)
    {
        out.u16(kPingRequest);
        out.u32(event.time);
        return MessageType::user_control;
    }
    MessageType operator()(const PingResponse& event)
    {
        out.u16(kPingResponse);
        out.u32(event.time);
        return MessageType::user_control;
    }
    MessageType operator()(const SwfVerifyRequest& event)
    {
        out.u16(kSwfVerifyRequest);
        if (event.kind) {
            out.u8(*event.kind);
        }
        return MessageType::user_control;
    }
    MessageType operator()(const SwfVerifyResponse& event)
    {
        out.u16(kSwfVerifyResponse);
        out.u8(kSwfVersion);
        out.u8(kSwfVersion);
        out.u32(event.size);
        out.u32(event.size);
        out.bytes(event.digest);
        return MessageType::user_control;
    }
    MessageType operator()(const UnknownEvent& event)
    {
        out.u16(event.event);
        out.bytes(event.data);
        return MessageType::user_control;
    }
};

} // namespace

bool is_control(MessageType type)
{
    return type >= MessageType::set_chunk_size && type <= MessageType::set_peer_bandwidth;
}

Result<Control> read_control(MessageType type, ByteView payload)
{
    ByteReader in{payload};
    auto control = read_any(type, in);
    if (!control || !in.ok()) {
        return Unexpected{Errc::bad_control_message,
                          type == MessageType::user_control ? "RTMP 1.0 §7.1.7" : "RTMP 1.0 §5.4"};
    }
    return *std::move(control);
}

Message control_message(const Control& control)
{
    Message message{.csid = csid::kControl};
    message.type = std::visit(Writer{ByteWriter{message.payload}}, control);
    return message;
}

} // namespace millrace::rtmp
