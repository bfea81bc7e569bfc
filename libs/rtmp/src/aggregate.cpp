#include "aggregate.hpp"

#include <millrace/base/reader.hpp>

namespace millrace::rtmp {

namespace {

constexpr std::size_t kPartHead = 11;
constexpr std::size_t kBackPointer = 4;

} // namespace

// aggregate := part*
// part      := type:u8 size:u24 time-low:u24 time-high:u8 stream:u24 payload back-pointer:u32
std::optional<AggregateReader::Part> AggregateReader::next()
{
    while (at_ < body_.size()) {
        ByteReader reader{body_.view().subspan(at_)};
        const auto type = MessageType{reader.u8()};
        const std::size_t size = reader.u24();
        const std::uint32_t low = reader.u24();
        const std::uint32_t time = low | (std::uint32_t{reader.u8()} << 24U);
        reader.skip(3);
        if (!reader.ok() || reader.remaining() < size) {
            truncated_ = true;
            at_ = body_.size();
            break;
        }
        const auto payload = body_.slice(at_ + kPartHead, size);
        at_ = std::min(at_ + kPartHead + size + kBackPointer, body_.size());
        if (type == MessageType::aggregate) {
            continue;
        }
        first_ = first_.value_or(time);
        return Part{.type = type, .timestamp = timestamp_ + (time - *first_), .payload = payload};
    }
    return std::nullopt;
}

void AggregateWriter::add(MessageType type, std::uint32_t timestamp, ByteView lead, ByteView payload)
{
    if (body_.empty()) {
        timestamp_ = timestamp;
    }
    const auto size = static_cast<std::uint32_t>(lead.size() + payload.size());
    ByteWriter out{body_};
    out.u8(static_cast<std::uint8_t>(type));
    out.u24(size);
    out.u24(timestamp & 0xffffffU);
    out.u8(static_cast<std::uint8_t>(timestamp >> 24U));
    out.u24(0);
    out.bytes(lead);
    out.bytes(payload);
    out.u32(static_cast<std::uint32_t>(kPartHead + size));
}

Bytes AggregateWriter::take()
{
    return std::exchange(body_, {});
}

} // namespace millrace::rtmp
