// AMF3, the second Action Message Format: reading and writing (AMF3 specification §3).
#pragma once

#include <millrace/amf/amf0.hpp>

namespace millrace::amf {

/// All values of a message that is AMF3 from its first byte; they share their tables of strings, objects and
/// traits. In RTMP, AMF3 stands inside of AMF0 instead: see Amf0Reader. Errors: all of Errc.
///
/// Integers read as doubles. A reference reads as a copy of what it names, bounded by Limits::copied; one to
/// what it stands in reads as Undefined.
Result<std::vector<Value>> read_amf3(ByteView message, Limits limits = {});

/// Writes a value without any references, which every reader takes, whatever its tables. Whole numbers of 29
/// bits become integers, all others doubles. Members without a name are left out where AMF3 cannot hold them
/// (dynamic and associative ones); texts are cut after 2^28 - 1 bytes. Unsupported becomes Undefined, and an
/// ECMA array without members an array without items.
void write_amf3(ByteWriter& out, const Value& value);

} // namespace millrace::amf
