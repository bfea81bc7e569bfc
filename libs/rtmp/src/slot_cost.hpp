// What a slot of a shared object counts for.
#pragma once

#include <millrace/base/bytes.hpp>

#include <string_view>

namespace millrace::rtmp {

/// What a slot costs besides its name and value.
inline constexpr std::size_t kSlotBytes = 64;

inline std::size_t slot_cost(std::string_view name, const Bytes& value)
{
    return name.size() + value.size() + kSlotBytes;
}

} // namespace millrace::rtmp
