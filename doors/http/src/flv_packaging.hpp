// The packaging that HTTP-FLV and WebSocket-FLV share.
#pragma once

#include <millrace/exchange/exchange.hpp>
#include <millrace/flv/delivery.hpp>

namespace millrace::doors {

/// As a player asks for it in its query; without a query, the default tracks.
flv::Options flv_options(std::string_view query);
hub::Packaging flv_packaging(const flv::Options& options);

/// Tells the operator which tracks a player gets.
void describe_flv_tracks(const flv::Options& options, const hub::Stream& stream, exchange::SessionInfo& info);

} // namespace millrace::doors
