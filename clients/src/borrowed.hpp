// Standard input or output, used without blocking.
#pragma once

#include <fcntl.h>

namespace millrace::clients {

/// Gives a descriptor back as it was: whether it blocks is seen by every process that shares it, such as the
/// shell that started us.
class Borrowed {
public:
    explicit Borrowed(int descriptor) : descriptor_{descriptor}, flags_{::fcntl(descriptor, F_GETFL)} {}
    ~Borrowed()
    {
        if (flags_ != -1) {
            ::fcntl(descriptor_, F_SETFL, flags_);
        }
    }
    Borrowed(const Borrowed&) = delete;
    Borrowed& operator=(const Borrowed&) = delete;

private:
    int descriptor_;
    int flags_;
};

} // namespace millrace::clients
