// In which form a player gets a stream, or why it gets none.
#pragma once

#include <millrace/exchange/exchange.hpp>
#include <millrace/flv/delivery.hpp>
#include <millrace/rtmp/server.hpp>

namespace millrace::doors {

struct PlayForm {
    flv::Options options;
    hub::Packaging packaging;
    std::string_view refusal_code; ///< Empty when the stream can be played.
    std::string refusal;
};

/// By what the player announced when it connected, and asks for in the query.
PlayForm play_form(const rtmp::Capabilities& capabilities, const rtmp::PlayRequested& request,
                   const exchange::Settings& settings, const hub::Stream& stream);

/// `aggregate=1`: a recording comes in aggregate messages.
bool asks_for_aggregates(std::string_view query);

/// Tells the operator which tracks a player gets.
void describe_tracks(const flv::Options& options, const hub::Stream& stream, exchange::SessionInfo& info);

} // namespace millrace::doors
