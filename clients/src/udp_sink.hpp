// MPEG-TS that goes out over UDP, unicast or multicast.
#pragma once

#include "udp_place.hpp"
#include <millrace/clients/sink.hpp>

namespace millrace::clients {

/// Sends datagrams of seven transport packets, each at the time that the program's clock says. Whether
/// anybody hears them is not known.
class UdpSink final : public Sink {
public:
    UdpSink(const net::asio::any_io_executor& executor, Url url);
    ~UdpSink() override;
    UdpSink(const UdpSink&) = delete;
    UdpSink& operator=(const UdpSink&) = delete;

    net::awaitable<Outcome> open() override;
    void write(const media::Item& item) override;
    net::awaitable<Outcome> finish(std::chrono::milliseconds within) override;
    void stop() override;
    bool lost() const override;
    const Outcome& outcome() const override;
    std::uint64_t bytes() const override;
    /// Of datagrams that there was no room for, not of frames.
    std::uint64_t dropped() const override;
    std::chrono::milliseconds backlog() const override { return {}; }
    bool takes_past() const override { return false; }

private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace millrace::clients
