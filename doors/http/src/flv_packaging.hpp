// The packaging that HTTP-FLV and WebSocket-FLV share.
#pragma once

#include "answer.hpp"
#include <millrace/exchange/exchange.hpp>
#include <millrace/flv/delivery.hpp>

namespace millrace::doors {

/// As a player asks for it in its query; without a query, the default tracks.
flv::Options flv_options(std::string_view query);
hub::Packaging flv_packaging(const flv::Options& options);

/// Why a stream cannot be played so; none when it can.
std::optional<SiteReply> refuse_flv(const std::string& name, std::string_view query,
                                    const hub::Stream& stream);

/// Tells the operator which tracks a player gets.
void describe_flv_tracks(const flv::Options& options, const hub::Stream& stream, exchange::SessionInfo& info);

} // namespace millrace::doors
