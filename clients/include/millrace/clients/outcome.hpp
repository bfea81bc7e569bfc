// Whether something with a peer worked, in words for whoever asked for it.
#pragma once

#include <string>

namespace millrace::clients {

/// It worked, or why it did not: one line for people, without the name of the command.
struct [[nodiscard]] Outcome {
    std::string why; ///< Empty: it worked.

    explicit operator bool() const { return why.empty(); }
};

} // namespace millrace::clients
