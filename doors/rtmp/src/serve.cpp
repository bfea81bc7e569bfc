#include "visit.hpp"
#include <millrace/doors/rtmp/serve.hpp>

namespace millrace::doors {

void serve_rtmp(exchange::Desk& desk, net::Caller caller, vod::Shelf& shelf)
{
    desk.worker().spawn(Visit::listen(std::make_shared<Visit>(desk, std::move(caller), shelf)));
}

} // namespace millrace::doors
