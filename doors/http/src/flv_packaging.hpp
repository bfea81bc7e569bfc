// The packaging that HTTP-FLV and WebSocket-FLV share.
#pragma once

#include <millrace/flv/muxer.hpp>
#include <millrace/hub/stream.hpp>

namespace millrace::doors {

hub::Packaging flv_packaging();

} // namespace millrace::doors
