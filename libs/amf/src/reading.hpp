// What the readers of one message share, whichever format they read.
#pragma once

#include <millrace/amf/amf0.hpp>

#include <string>
#include <unordered_map>

namespace millrace::amf {

/// A message while it is read: where, and what it may still cost.
struct Reading {
    /// Where a value that may be referred to stands in the message. A reference reads it again from there.
    struct Place {
        std::size_t begin = 0; ///< Of its marker.
        std::size_t end = 0;   ///< Behind its last byte; 0 while it is still open.
    };

    Reading(ByteView bytes, Limits bounds) : message{bytes}, limits{bounds}, in{bytes} {}

    /// Counts bytes that a reference makes us have twice. False: too many.
    bool may_copy(std::size_t bytes)
    {
        copied += bytes;
        return copied <= limits.copied;
    }

    /// Calls `read` at `place` and comes back. What is read there is in the tables already.
    template <class Read>
    Result<Value> read_again(const Place& place, Read read)
    {
        if (!may_copy(place.end - place.begin)) {
            return Unexpected{Errc::too_many_values};
        }
        --values; // the copy counts instead of its reference
        ByteReader here = in;
        in = ByteReader{message.first(place.end)};
        in.skip(place.begin);
        ++copying;
        auto value = read();
        --copying;
        in = here;
        return value;
    }

    /// What had not ended at `at` had not ended there, also when this place is read again by a reference to
    /// what is around it: so that a copy equals its original, and that no chain of references can come back
    /// to itself.
    static bool is_open(const Place& place, std::size_t at) { return place.end == 0 || place.end > at; }

    template <class T>
    Result<Value> checked(T value, std::string_view clause) const
    {
        if (!in.ok()) {
            return Unexpected{Errc::truncated, clause};
        }
        return Value{std::move(value)};
    }

    ByteView message;
    Limits limits;
    ByteReader in;
    std::size_t values = 0;
    std::size_t copied = 0;
    int copying = 0; ///< Inside of how many references.
    Amf0Reader::Counters counters;
};

/// Members as they come; the last one of a name wins.
class MemberList {
public:
    explicit MemberList(Reading& reading) : reading_{reading} {}

    /// False: there are as many as there may be.
    bool has_room() const { return members_.size() < reading_.limits.items; }

    /// Names are views of the message or of what else outlives this list.
    void add(std::string_view name, Value value)
    {
        const auto [known, fresh] = seen_.try_emplace(name, members_.size());
        if (fresh) {
            members_.emplace_back(name, std::move(value));
        } else {
            // Quirk: a name may stand twice in one object; the last one wins.
            ++reading_.counters["duplicate_key"];
            members_[known->second].second = std::move(value);
        }
    }

    std::size_t size() const { return members_.size(); }
    Members take() { return std::move(members_); }

private:
    Reading& reading_;
    Members members_;
    std::unordered_map<std::string_view, std::size_t> seen_;
};

} // namespace millrace::amf
