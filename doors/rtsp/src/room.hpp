// One worker's part of RTSP: its sessions, whatever connections they were made on.
#pragma once

#include "part.hpp"
#include <millrace/doors/rtsp/house.hpp>
#include <millrace/rtsp/server.hpp>

#include <map>

namespace millrace::doors {

class RtspRoom {
public:
    RtspRoom(RtspHouse& house, exchange::Desk& desk);

    RtspHouse& house() { return house_; }
    exchange::Desk& desk() { return desk_; }
    const RtspSettings& settings() const { return house_.settings(); }
    rtsp::SessionBook& book() { return book_; }
    std::uint64_t next_connection() { return ++connections_; }

    std::shared_ptr<RtspPart> find(std::string_view session) const;
    void keep(std::shared_ptr<RtspPart> part);
    /// The session is over; whoever holds its part may go on using it.
    void drop(const std::string& session);
    void clear() { parts_.clear(); }

    /// The worker whose book has a session of that id, if it is one of ours.
    static std::optional<std::size_t> worker_of(std::string_view session);

private:
    RtspHouse& house_;
    exchange::Desk& desk_;
    rtsp::SessionBook book_;
    std::map<std::string, std::shared_ptr<RtspPart>, std::less<>> parts_;
    std::uint64_t connections_ = 0;
};

} // namespace millrace::doors
