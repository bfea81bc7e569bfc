// What the tests of bodies share.
#pragma once

#include <millrace/flv/body.hpp>
#include <millrace/testing/hex.hpp>

#include <vector>

namespace millrace::flv {

inline std::vector<media::Item> drain(BodyReader& reader)
{
    std::vector<media::Item> items;
    while (auto item = reader.next()) {
        items.push_back(std::move(*item));
    }
    return items;
}

inline std::vector<media::Item> feed(BodyReader& reader, TagType type, std::uint32_t timestamp, ByteView body)
{
    reader.feed(type, timestamp, SharedBytes::copy_of(body));
    return drain(reader);
}

template <class T>
std::vector<T> only(const std::vector<media::Item>& items)
{
    std::vector<T> out;
    for (const auto& item : items) {
        if (const auto* held = std::get_if<T>(&item)) {
            out.push_back(*held);
        }
    }
    return out;
}

inline Bytes joined(const Body& body)
{
    Bytes bytes = body.lead;
    bytes.insert(bytes.end(), body.payload.view().begin(), body.payload.view().end());
    return bytes;
}

inline SharedBytes shared(ByteView bytes)
{
    return SharedBytes::copy_of(bytes);
}

} // namespace millrace::flv
