#include "chunk_header.hpp"
#include <millrace/rtmp/chunk_writer.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace millrace::rtmp {

namespace {

/// A chunk's header while it is made.
class Header {
public:
    void put(std::uint32_t value, unsigned bytes)
    {
        while (bytes-- > 0) {
            bytes_.at(size_++) = static_cast<std::uint8_t>(value >> 8U * bytes);
        }
    }

    // basic := fmt:u2 id:u6 [id-64:u8 | id-64:u16le]     the shortest form (RTMP 1.0 §5.3.1.1)
    void put_basic(unsigned fmt, std::uint32_t csid)
    {
        if (csid < 64) {
            put(fmt << 6U | csid, 1);
        } else if (csid < 320) {
            put(fmt << 6U, 1);
            put(csid - 64, 1);
        } else {
            put(fmt << 6U | 1U, 1);
            put(csid - 64, 1);
            put((csid - 64) >> 8U, 1);
        }
    }

    ByteView view() const { return ByteView{bytes_}.first(size_); }

private:
    std::array<std::uint8_t, kMaxChunkHeader> bytes_{};
    std::size_t size_ = 0;
};

void append(Bytes& out, ByteView bytes)
{
    out.insert(out.end(), bytes.begin(), bytes.end());
}

} // namespace

/// What stands before the first and before each further chunk of one message.
struct ChunkWriter::Heads {
    Header first;
    Header further;
};

// chunk    := basic fixed extended? data
// fixed    := time:u24 [length:u24 type:u8 [stream:u32le]]  type 0: all, 1: to type, 2: time, 3: none
// extended := time:u32       present when time == 0xFFFFFF; repeated in the type 3 chunks of the message
ChunkWriter::Heads ChunkWriter::begin(const MessageHead& head, std::size_t length)
{
    const Previous now{head.csid, head.stream, head.timestamp, static_cast<std::uint32_t>(length), head.type};
    unsigned fmt = 0;
    std::uint32_t time = head.timestamp;
    const auto found = std::ranges::find(streams_, head.csid, &Previous::csid);
    if (found == streams_.end()) {
        streams_.push_back(now);
    } else {
        const std::uint32_t delta = head.timestamp - found->timestamp;
        if (found->stream == head.stream && static_cast<std::int32_t>(delta) >= 0) {
            fmt = found->length == now.length && found->type == now.type ? 2 : 1;
            time = delta;
        }
        *found = now;
    }

    Heads heads;
    heads.first.put_basic(fmt, head.csid);
    heads.first.put(std::min(time, kExtendedTime), 3);
    if (fmt <= 1) {
        heads.first.put(now.length, 3);
        heads.first.put(static_cast<std::uint32_t>(head.type), 1);
    }
    if (fmt == 0) {
        heads.first.put(__builtin_bswap32(head.stream), 4); // the one little-endian field
    }
    heads.further.put_basic(3, head.csid);
    if (time >= kExtendedTime) {
        heads.first.put(time, 4);
        heads.further.put(time, 4);
    }
    return heads;
}

void ChunkWriter::write(Bytes& out, const MessageHead& head, ByteView payload)
{
    const Heads heads = begin(head, payload.size());
    append(out, heads.first.view());
    append(out, payload.first(std::min<std::size_t>(chunk_size_, payload.size())));
    for (std::size_t at = chunk_size_; at < payload.size(); at += chunk_size_) {
        append(out, heads.further.view());
        append(out, payload.subspan(at, std::min<std::size_t>(chunk_size_, payload.size() - at)));
    }
}

void ChunkWriter::write(std::vector<SharedBytes>& out, const MessageHead& head, ByteView lead,
                        const SharedBytes& payload)
{
    const std::size_t length = lead.size() + payload.size();
    const Heads heads = begin(head, length);
    const std::size_t further = length == 0 ? 0 : (length - 1) / chunk_size_;

    // Of the message, `lead` comes first: `copied` says how much of a chunk it fills.
    const auto chunk = [&](std::size_t at) { return std::min<std::size_t>(chunk_size_, length - at); };
    const auto copied = [&](std::size_t at) {
        return at < lead.size() ? std::min(chunk(at), lead.size() - at) : 0;
    };

    Bytes made;
    made.reserve(heads.first.view().size() + lead.size() + further * heads.further.view().size());
    append(made, heads.first.view());
    append(made, lead.first(copied(0)));
    for (std::size_t at = chunk_size_; at < length; at += chunk_size_) {
        append(made, heads.further.view());
        append(made, lead.subspan(std::min(at, lead.size()), copied(at)));
    }
    const SharedBytes shared{std::move(made)};

    std::size_t from = 0; // in `shared`: what no piece has yet
    std::size_t to = heads.first.view().size();
    for (std::size_t at = 0; at == 0 || at < length; at += chunk_size_) {
        to += copied(at);
        if (const std::size_t count = chunk(at) - copied(at); count > 0) {
            out.push_back(shared.slice(from, to - from));
            out.push_back(payload.slice(at + copied(at) - lead.size(), count));
            from = to;
        }
        to += heads.further.view().size();
    }
    if (from < shared.size()) {
        out.push_back(shared.slice(from));
    }
}

void ChunkWriter::write(Bytes& out, const Message& message)
{
    write(out, {message.csid, message.stream, message.timestamp, message.type}, message.payload);
}

void ChunkWriter::restart(std::uint32_t csid)
{
    std::erase_if(streams_, [csid](const Previous& previous) { return previous.csid == csid; });
}

} // namespace millrace::rtmp
