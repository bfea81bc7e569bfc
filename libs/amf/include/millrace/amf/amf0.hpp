// AMF0, the first Action Message Format: reading and writing (AMF0 specification §2).
#pragma once

#include <millrace/amf/value.hpp>
#include <millrace/base/reader.hpp>
#include <millrace/base/result.hpp>

#include <vector>

namespace millrace::amf {

enum class Errc {
    truncated = 1,      ///< A value ends after the bytes do.
    unknown_marker,     ///< A type marker that AMF0 reserves or does not define.
    bad_reference,      ///< A reference to an object that was not begun.
    too_deep,           ///< Nested deeper than Limits::depth.
    too_many_values,    ///< More values than Limits allow.
};

std::error_code make_error_code(Errc code);

/// How much one message may make us build.
struct Limits {
    std::size_t depth = 32;
    std::size_t items = 4096;   ///< Members or elements of one container.
    std::size_t values = 16384; ///< Values in one message, copies made by references included.
};

/// Reads the values of one message, one after the other. The reference table lives as long as this reader.
class Amf0Reader {
public:
    explicit Amf0Reader(ByteView message, Limits limits = {});
    ~Amf0Reader();

    bool at_end() const;
    /// How many bytes were read so far.
    std::size_t position() const;

    /// The next value. Errors: all of Errc. An error is final and repeats.
    Result<Value> next();

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// All values of a message. Errors: all of Errc.
Result<std::vector<Value>> read_amf0(ByteView message, Limits limits = {});

/// Writes a value; a string of 64 KiB or more becomes a long string. No references are emitted.
void write(ByteWriter& out, const Value& value);

/// Several values in a row, as commands and data messages carry them.
Bytes write_amf0(std::initializer_list<Value> values);
Bytes write_amf0(const std::vector<Value>& values);

} // namespace millrace::amf

template <>
struct std::is_error_code_enum<millrace::amf::Errc> : std::true_type {};
