// What the exchange asks of whoever brings streams from other servers and takes them there.
#pragma once

#include <millrace/exchange/local_stream.hpp>

namespace millrace::exchange {

/// Called on any worker, unless it says otherwise.
class Relay {
public:
    virtual ~Relay() = default;

    /// Whether streams of that name are brought when somebody wants to watch them.
    virtual bool brings(const std::string& name) const = 0;

    /// Waits until a stream of that name is there, however it came. `route`: the servers that the wish came
    /// through. Gives why it does not come, in words; empty: it is there.
    virtual net::awaitable<std::string> bring(std::string name, std::string route) = 0;

    /// A stream began. Called on its home's worker, which it lives on.
    virtual void began(const std::shared_ptr<LocalStream>& stream, Desk& home) = 0;
};

} // namespace millrace::exchange
