// AMF0, the first Action Message Format: reading and writing (AMF0 specification §2).
#pragma once

#include <millrace/amf/value.hpp>
#include <millrace/base/reader.hpp>
#include <millrace/base/result.hpp>

#include <map>
#include <vector>

namespace millrace::amf {

enum class Errc {
    truncated = 1,   ///< A value ends after the bytes do.
    unknown_marker,  ///< A type marker that AMF0 reserves or does not define.
    bad_reference,   ///< A reference to an object that was not begun.
    too_deep,        ///< Nested deeper than Limits::depth.
    too_many_values, ///< More values, or more bytes copied by references, than Limits allow.
    unknown_class,   ///< An AMF3 object that writes its own body, of a class whose bodies are not known.
};

std::error_code make_error_code(Errc code);

/// How much one message may make us build.
struct Limits {
    std::size_t depth = 32;
    std::size_t items = 4096;   ///< Members or elements of one container.
    std::size_t values = 16384; ///< Values in one message, copies made by references included.
    std::size_t copied = std::size_t{256} << 10U; ///< Bytes of the message that references may copy.
};

/// Reads the values of one message, one after the other, and follows switches to AMF3 (AMF0 §3.1). The
/// reference tables live as long as this reader; those of AMF3 are shared by all switches of the message.
///
/// Counts never make it allocate: what it builds is bounded by the bytes of the message and by Limits,
/// references included. A reference reads as a copy of the container that it names.
class Amf0Reader {
public:
    /// What was tolerated, by name: "missing_object_end", "empty_key", "duplicate_key", "wrong_count".
    using Counters = std::map<std::string_view, std::uint64_t>;

    /// Expects: `message` outlives this reader.
    explicit Amf0Reader(ByteView message, Limits limits = {});
    ~Amf0Reader();
    Amf0Reader(const Amf0Reader&) = delete;
    Amf0Reader& operator=(const Amf0Reader&) = delete;

    bool at_end() const;
    /// How many bytes were read so far.
    std::size_t position() const;

    /// Goes on at another place of the message, for layouts in which values stand apart. Expects: not past
    /// its end.
    void move_to(std::size_t position);

    /// The next value. Errors: all of Errc. An error is final and repeats.
    Result<Value> next();

    const Counters& counters() const;
    /// True when an AMF3 value was met.
    bool switched() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// All values of a message. Errors: all of Errc.
Result<std::vector<Value>> read_amf0(ByteView message, Limits limits = {});

/// Writes a value; a string of 64 KiB or more becomes a long string. No references are emitted. Names of
/// members and classes are cut after 65535 bytes, which is all that the format can hold. What only AMF3 can
/// hold is written as a switch to AMF3.
void write(ByteWriter& out, const Value& value);

/// True when neither the value nor anything in it needs a switch to AMF3.
bool amf0_can_hold(const Value& value);

/// Several values in a row, as commands and data messages carry them.
Bytes write_amf0(std::initializer_list<Value> values);
Bytes write_amf0(const std::vector<Value>& values);

} // namespace millrace::amf

template <>
struct std::is_error_code_enum<millrace::amf::Errc> : std::true_type {
};
