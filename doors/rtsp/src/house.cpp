#include "tunnel.hpp"
#include "visit.hpp"

namespace millrace::doors {

void RtspHouse::serve(exchange::Desk& desk, net::Caller caller)
{
    if (caller.protocol == net::Protocol::http) {
        desk.worker().spawn(open_rtsp_tunnel(*this, *tunnels_, desk, std::move(caller)));
        return;
    }
    auto visit = std::make_shared<RtspVisit>(room(desk.worker().index()), std::move(caller));
    desk.worker().spawn(RtspVisit::listen(std::move(visit)));
}

} // namespace millrace::doors
