// The type markers of AMF3 (AMF3 §3.1) and the limits of its numbers.
#pragma once

#include <cstdint>

namespace millrace::amf {

enum class Marker3 : std::uint8_t {
    undefined = 0x00,
    null = 0x01,
    false_value = 0x02,
    true_value = 0x03,
    integer = 0x04,
    number = 0x05,
    string = 0x06,
    xml_document = 0x07,
    date = 0x08,
    array = 0x09,
    object = 0x0a,
    xml = 0x0b,
    byte_array = 0x0c,
    vector_int = 0x0d,
    vector_uint = 0x0e,
    vector_double = 0x0f,
    vector_object = 0x10,
    dictionary = 0x11, ///< In AMF0 the same number is the switch to AMF3.
};

inline constexpr std::uint32_t kU29Bits = 29;
inline constexpr std::int32_t kMaxInteger = (1 << 28) - 1; ///< AMF3 §3.6: 29 bits with a sign.
inline constexpr std::int32_t kMinInteger = -(1 << 28);
inline constexpr std::uint32_t kMaxLength = (1U << 28U) - 1; ///< What stands above the reference bit.

/// The bits of an object's U29 (AMF3 §3.12), from the lowest: not a reference, traits stand here, it writes
/// its own body, it may have dynamic members.
inline constexpr std::uint32_t kInline = 1;
inline constexpr std::uint32_t kInlineTraits = 2;
inline constexpr std::uint32_t kExternalizable = 4;
inline constexpr std::uint32_t kDynamic = 8;
inline constexpr std::uint32_t kMemberShift = 4;

} // namespace millrace::amf
