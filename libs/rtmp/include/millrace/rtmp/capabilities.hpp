// What the two sides of a connection say that they can do (Enhanced RTMP v2, "Enhancing NetConnection connect
// Command").
#pragma once

#include <millrace/amf/value.hpp>
#include <millrace/flv/options.hpp>

#include <string>
#include <vector>

namespace millrace::rtmp {

/// As announced in the object of `connect`, or in the answer to it. Most clients announce nothing and can all
/// the same: what is not announced is not forbidden.
struct Capabilities {
    /// Codecs in a list or map that are looked at; more are passed over.
    static constexpr std::size_t kMostCodecs = 64;

    bool announced = false; ///< Anything of this at all.
    bool codecs = false;    ///< A list or map of codecs.
    bool reconnect = false; ///< Follows NetConnection.Connect.ReconnectRequest.
    bool multitrack = false;
    bool mod_ex = false;      ///< Reads ModEx, if only to pass over what it does not know.
    bool nanoseconds = false; ///< Knows the one ModEx that there is.
    flv::FourCcs takes = flv::FourCcs::unannounced();
    std::vector<std::string> four_cc_list; ///< Those that are FourCCs or "*", each once, to be said again.

    friend bool operator==(const Capabilities&, const Capabilities&) = default;
};

/// From the members of an object; what has a wrong type is passed over.
Capabilities read_capabilities(const amf::Value& object);

/// What we announce, as server and as client: we pass every codec on, read several tracks and ModEx.
amf::Members our_capabilities();

/// How streams go out to a peer with these.
flv::Options options_for(const Capabilities& capabilities);

} // namespace millrace::rtmp
