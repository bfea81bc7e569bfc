#include "visit.hpp"

namespace millrace::doors {

void RtspHouse::serve(exchange::Desk& desk, net::Caller caller)
{
    auto visit = std::make_shared<RtspVisit>(room(desk.worker().index()), std::move(caller));
    desk.worker().spawn(RtspVisit::listen(std::move(visit)));
}

} // namespace millrace::doors
