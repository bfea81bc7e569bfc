// Immutable bytes with many owners: how a payload goes from one publisher to all viewers without a copy.
#pragma once

#include <millrace/base/bytes.hpp>

#include <memory>

namespace millrace {

/// A slice of immutable, reference-counted bytes. Copying and slicing cost a reference, never a copy of
/// the bytes; the count is atomic, so that slices may live on several threads.
class SharedBytes {
public:
    SharedBytes() = default;

    /// Takes the bytes over, without a copy.
    explicit SharedBytes(Bytes&& bytes);

    static SharedBytes copy_of(ByteView bytes);

    const std::uint8_t* data() const { return view_.data(); }
    std::size_t size() const { return view_.size(); }
    bool empty() const { return view_.empty(); }
    ByteView view() const { return view_; }
    operator ByteView() const { return view_; }

    /// The bytes from `offset` on, at most `count`; what lies past the end is left out.
    SharedBytes slice(std::size_t offset, std::size_t count = std::dynamic_extent) const;

    /// Equal bytes; who owns them does not matter.
    friend bool operator==(const SharedBytes& a, const SharedBytes& b);

private:
    std::shared_ptr<const Bytes> owner_;
    ByteView view_;
};

} // namespace millrace
