#include "visit.hpp"

namespace millrace::doors {

void serve_rtmp(exchange::Desk& desk, objects::Shelf& shelf, net::Caller caller, const RtmpOffer& offer)
{
    desk.worker().spawn(Visit::listen(std::make_shared<Visit>(desk, shelf, std::move(caller), offer)));
}

} // namespace millrace::doors
