// The type markers of AMF0 (AMF0 §2.1).
#pragma once

#include <cstdint>

namespace millrace::amf {

enum class Marker : std::uint8_t {
    number = 0x00,
    boolean = 0x01,
    string = 0x02,
    object = 0x03,
    null = 0x05,
    undefined = 0x06,
    reference = 0x07,
    ecma_array = 0x08,
    object_end = 0x09,
    strict_array = 0x0a,
    date = 0x0b,
    long_string = 0x0c,
    unsupported = 0x0d,
    xml_document = 0x0f,
    typed_object = 0x10,
    amf3 = 0x11,
};

} // namespace millrace::amf
