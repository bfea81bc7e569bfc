// AMF3 values inside a message, with the tables that they share.
#pragma once

#include "marker3.hpp"
#include "reading.hpp"

#include <deque>
#include <optional>

namespace millrace::amf {

/// Reads AMF3 values where a Reading stands. Lives as long as the message is read: its tables are those of
/// the message.
class Amf3Part {
public:
    explicit Amf3Part(Reading& reading) : reading_{reading} {}

    Result<Value> read_value(std::size_t depth);

private:
    struct Traits {
        std::string_view class_name;
        std::vector<std::string_view> names;
        bool dynamic = false;
        bool externalizable = false;
    };

    std::optional<std::uint32_t> u29();
    std::optional<std::string_view> text();
    Result<Value> read_integer();
    Result<Value> read_complex(Marker3 marker, std::size_t depth);
    Result<Value> read_reference(Marker3 marker, std::size_t index, std::size_t begin, std::size_t depth);
    Result<Value> read_body(Marker3 marker, std::uint32_t head, std::size_t depth);
    Result<Value> read_xml(Marker3 marker, std::size_t length);
    Result<Value> read_array(std::size_t count, std::size_t depth);
    Result<Value> read_object(std::uint32_t head, std::size_t depth);
    Result<Value> read_members(const Traits& traits, std::size_t depth);
    Result<Value> read_dictionary(std::size_t count, std::size_t depth);
    Result<Value> read_object_vector(std::size_t count, std::size_t depth);
    template <class T, class Read>
    Result<Value> read_vector(std::size_t count, std::size_t item_bytes, Read read);
    Result<bool> read_named(MemberList& members, std::size_t depth);
    Result<std::vector<Value>> read_items(std::size_t count, std::size_t depth);
    std::optional<Traits> read_traits(std::uint32_t head);
    Unexpected why_not() const;
    bool fits(std::size_t count, std::size_t item_bytes) const;

    Reading& reading_;
    std::vector<std::string_view> strings_; ///< Views of the message.
    std::vector<Reading::Place> objects_;   ///< In the order of their markers.
    std::deque<Traits> traits_;
    Errc why_ = Errc::truncated; ///< Of the last text, number or traits that could not be read.
};

} // namespace millrace::amf
