#include <millrace/mpegts/packet.hpp>

#include <array>

namespace millrace::mpegts {

void write_null_packet(Bytes& out)
{
    constexpr std::array<std::uint8_t, 4> kHead{kSyncByte, kNullPid >> 8U, kNullPid & 0xffU, 0x10};
    out.insert(out.end(), kHead.begin(), kHead.end());
    out.resize(out.size() + kPacketBytes - kHead.size(), 0xff);
}

void pad(Bytes& out, std::size_t packets)
{
    while (out.size() < packets * kPacketBytes) {
        write_null_packet(out);
    }
}

} // namespace millrace::mpegts
