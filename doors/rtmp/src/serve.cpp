#include "visit.hpp"

namespace millrace::doors {

void serve_rtmp(exchange::Desk& desk, net::Caller caller, const RtmpOffer& offer)
{
    desk.worker().spawn(Visit::listen(std::make_shared<Visit>(desk, std::move(caller), offer)));
}

} // namespace millrace::doors
