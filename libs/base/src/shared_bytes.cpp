#include <millrace/base/shared_bytes.hpp>

#include <algorithm>

namespace millrace {

SharedBytes::SharedBytes(Bytes&& bytes)
    : owner_{std::make_shared<const Bytes>(std::move(bytes))}, view_{*owner_}
{
}

SharedBytes SharedBytes::copy_of(ByteView bytes)
{
    return SharedBytes{to_bytes(bytes)};
}

SharedBytes SharedBytes::slice(std::size_t offset, std::size_t count) const
{
    SharedBytes part;
    offset = std::min(offset, size());
    part.owner_ = owner_;
    part.view_ = view_.subspan(offset, std::min(count, size() - offset));
    return part;
}

bool operator==(const SharedBytes& a, const SharedBytes& b)
{
    return std::ranges::equal(a.view_, b.view_);
}

} // namespace millrace
