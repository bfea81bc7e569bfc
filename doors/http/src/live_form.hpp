// The forms in which HTTP carries a live stream: FLV and MPEG-TS.
#pragma once

#include "answer.hpp"
#include "target.hpp"
#include <millrace/exchange/exchange.hpp>

#include <functional>

namespace millrace::doors {

/// How a stream goes out to one player, by the ending of the path and the query of its URL.
struct LiveForm {
    std::string protocol; ///< "flv", "ts": behind "http-" and "ws-".
    std::string_view content_type;
    hub::Packaging packaging;
    /// Why a stream with these tracks cannot be played so; empty when it can.
    std::function<std::string(const std::vector<media::Track>&)> refusal;
    /// Adds the tracks of the stream, and why some are left out.
    std::function<void(const hub::Stream&, exchange::SessionInfo&)> describe;
};

/// Expects: the target names a stream.
LiveForm live_form(const Target& target);

/// Why a stream cannot be played so; none when it can.
std::optional<SiteReply> refuse(const std::string& name, const LiveForm& form, const hub::Stream& stream);

} // namespace millrace::doors
