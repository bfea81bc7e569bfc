// AMF3 values that hold other values by name or by key (AMF3 §3.12, §3.15, §3.16).
#include "amf3_reader.hpp"

namespace millrace::amf {

// vector-object := fixed:u8 type:text value*count
Result<Value> Amf3Part::read_object_vector(std::size_t count, std::size_t depth)
{
    ObjectVector vector{.fixed = reading_.in.u8() != 0};
    const auto type = text();
    if (!type) {
        return why_not();
    }
    vector.type_name = *type;
    auto items = read_items(count, depth);
    if (!items) {
        return Unexpected{items.error()};
    }
    vector.items = std::move(*items);
    return Value{std::move(vector)};
}

// dictionary := weak:u8 (key:value value)*count
Result<Value> Amf3Part::read_dictionary(std::size_t count, std::size_t depth)
{
    Dictionary dictionary{.pairs = {}, .weak = reading_.in.u8() != 0};
    if (!reading_.in.ok() || !fits(count, 2)) {
        return Unexpected{Errc::truncated, "AMF3 §3.16"};
    }
    if (count > reading_.limits.items) {
        return Unexpected{Errc::too_many_values};
    }
    for (std::size_t i = 0; i < count; ++i) {
        auto key = read_value(depth);
        if (!key) {
            return key;
        }
        auto value = read_value(depth);
        if (!value) {
            return value;
        }
        dictionary.pairs.emplace_back(std::move(*key), std::move(*value));
    }
    return Value{std::move(dictionary)};
}

// named := (name:text value)* 01
Result<bool> Amf3Part::read_named(MemberList& members, std::size_t depth)
{
    for (;;) {
        const auto name = text();
        if (!name) {
            return why_not();
        }
        if (name->empty()) {
            return true;
        }
        if (!members.has_room()) {
            return Unexpected{Errc::too_many_values};
        }
        auto value = read_value(depth);
        if (!value) {
            return Unexpected{value.error()};
        }
        members.add(*name, std::move(*value));
    }
}

// traits := (index << 2 | 1):u29 | (7):u29 class:text | (count << 4 | dynamic << 3 | 3):u29 class:text
// name:text*count
std::optional<Amf3Part::Traits> Amf3Part::read_traits(std::uint32_t head)
{
    if ((head & kInlineTraits) == 0) {
        const std::size_t index = head >> 2U;
        why_ = Errc::bad_reference;
        if (index >= traits_.size()) {
            return std::nullopt;
        }
        const auto& known = traits_[index];
        std::size_t bytes = known.class_name.size();
        for (const auto name : known.names) {
            bytes += name.size();
        }
        why_ = Errc::too_many_values;
        return reading_.may_copy(bytes) ? std::optional{known} : std::nullopt;
    }
    const auto class_name = text();
    if (!class_name) {
        return std::nullopt;
    }
    Traits traits{.class_name = *class_name,
                  .names = {},
                  .dynamic = (head & kDynamic) != 0,
                  .externalizable = (head & kExternalizable) != 0};
    const std::size_t count = traits.externalizable ? 0 : head >> kMemberShift;
    if (!fits(count, 1) || count > reading_.limits.items) {
        why_ = fits(count, 1) ? Errc::too_many_values : Errc::truncated;
        return std::nullopt;
    }
    for (std::size_t i = 0; i < count; ++i) {
        const auto name = text();
        if (!name) {
            return std::nullopt;
        }
        traits.names.push_back(*name);
    }
    if (reading_.copying == 0) {
        traits_.push_back(traits);
    }
    return traits;
}

Result<Value> Amf3Part::read_object(std::uint32_t head, std::size_t depth)
{
    const auto traits = read_traits(head);
    if (!traits) {
        return why_not();
    }
    if (!traits->externalizable) {
        return read_members(*traits, depth);
    }
    if (!can_externalize(traits->class_name)) {
        return Unexpected{Errc::unknown_class, "AMF3 §3.12"};
    }
    auto body = read_value(depth);
    if (!body) {
        return body;
    }
    Externalized object{.class_name = std::string{traits->class_name}, .body = {}};
    object.body.push_back(std::move(*body));
    return Value{std::move(object)};
}

// members := value*count named?                  named when the traits are dynamic
Result<Value> Amf3Part::read_members(const Traits& traits, std::size_t depth)
{
    MemberList members{reading_};
    for (const auto name : traits.names) {
        auto value = read_value(depth);
        if (!value) {
            return value;
        }
        members.add(name, std::move(*value));
    }
    const auto sealed = members.size();
    if (traits.dynamic) {
        if (const auto read = read_named(members, depth); !read) {
            return Unexpected{read.error()};
        }
    }
    return Value{Object{std::string{traits.class_name}, members.take(), sealed, traits.dynamic}};
}

} // namespace millrace::amf
