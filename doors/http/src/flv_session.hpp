// What the operator sees of one who plays or publishes FLV over HTTP.
#pragma once

#include <millrace/exchange/exchange.hpp>

#include <functional>

namespace millrace::doors {

/// Known to its desk while it exists.
class FlvSession : public exchange::Session {
public:
    FlvSession(exchange::Desk& desk, std::string protocol, exchange::Role role, std::string stream,
               std::string remote)
        : desk_{desk}, number_{desk.enter(*this)}
    {
        info_.protocol = std::move(protocol);
        info_.role = role;
        info_.stream = std::move(stream);
        info_.remote = std::move(remote);
        info_.since = WallTime::clock::now();
        info_.state = "live";
    }
    ~FlvSession() override { desk_.leave(number_); }
    FlvSession(const FlvSession&) = delete;
    FlvSession& operator=(const FlvSession&) = delete;

    exchange::Desk& desk() { return desk_; }
    std::uint64_t number() const { return number_; }
    exchange::SessionInfo& mutable_info() { return info_; }
    const std::string& stream() const { return info_.stream; }
    std::string label() const
    {
        return exchange::session_id(number_) + " " + info_.protocol + " " + info_.remote;
    }

    exchange::SessionInfo info(Clock::time_point) const override
    {
        auto info = info_;
        if (describe) {
            describe(info);
        }
        return info;
    }
    void disconnect(std::string_view reason) override
    {
        info_.reason = reason;
        desk_.count("sessions_disconnected");
        if (on_disconnect) {
            on_disconnect();
        }
    }

    std::function<void(exchange::SessionInfo&)> describe; ///< Adds what is known at the moment.
    std::function<void()> on_disconnect;

private:
    exchange::Desk& desk_;
    exchange::SessionInfo info_;
    std::uint64_t number_;
};

} // namespace millrace::doors
