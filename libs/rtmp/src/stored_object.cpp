#include <millrace/base/reader.hpp>
#include <millrace/crypto/hash.hpp>
#include <millrace/rtmp/error.hpp>
#include <millrace/rtmp/shared_objects.hpp>

#include <algorithm>

namespace millrace::rtmp {
namespace {

constexpr std::string_view kMagic = "MRSO";
constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kDigest = 32;

void write_text(ByteWriter& out, std::string_view text)
{
    out.u16(static_cast<std::uint16_t>(text.size()));
    out.text(text);
}

Unexpected refused(std::string_view what)
{
    return {Errc::bad_stored_object, what};
}

} // namespace

// file := "MRSO" 01 app:text name:text version:u32 count:u32 slot*count sha-256 of all before it
// slot := name:text length:u32 value             value: AMF0
// text := length:u16 byte*
Result<StoredObject> read_stored_object(ByteView bytes)
{
    if (bytes.size() < kMagic.size() + 1 + kDigest || !as_text(bytes).starts_with(kMagic)) {
        return refused("it does not begin with MRSO");
    }
    const auto body = bytes.first(bytes.size() - kDigest);
    if (!std::ranges::equal(crypto::sha256(body), bytes.subspan(body.size()))) {
        return refused("its checksum does not fit");
    }
    ByteReader in{body};
    in.skip(kMagic.size());
    if (in.u8() != kFormat) {
        return refused("it was written by a newer version");
    }
    StoredObject object;
    object.app = in.text(in.u16());
    object.name = in.text(in.u16());
    object.version = in.u32();
    for (auto left = in.u32(); left > 0 && in.ok(); --left) {
        std::string name{in.text(in.u16())};
        object.slots[std::move(name)] = to_bytes(in.bytes(in.u32()));
    }
    if (!in.ok() || !in.at_end()) {
        return refused("its counts do not fit");
    }
    return object;
}

Bytes write_stored_object(const StoredObject& object)
{
    Bytes bytes;
    ByteWriter out{bytes};
    out.text(kMagic);
    out.u8(kFormat);
    write_text(out, object.app);
    write_text(out, object.name);
    out.u32(object.version);
    out.u32(static_cast<std::uint32_t>(object.slots.size()));
    for (const auto& [name, value] : object.slots) {
        write_text(out, name);
        out.u32(static_cast<std::uint32_t>(value.size()));
        out.bytes(value);
    }
    const auto digest = crypto::sha256(bytes);
    out.bytes(digest);
    return bytes;
}

} // namespace millrace::rtmp
