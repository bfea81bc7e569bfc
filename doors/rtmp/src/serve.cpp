#include "visit.hpp"

namespace millrace::doors {

void serve_rtmp(exchange::Desk& desk, net::Caller caller, RtmpOffer offer)
{
    desk.worker().spawn(Visit::listen(std::make_shared<Visit>(desk, std::move(caller), std::move(offer))));
}

} // namespace millrace::doors
