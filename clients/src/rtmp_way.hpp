// The way to an RTMP server that lets us in: over redirects and challenges.
#pragma once

#include <millrace/clients/outcome.hpp>
#include <millrace/clients/url.hpp>
#include <millrace/rtmp/auth.hpp>
#include <millrace/rtmp/client.hpp>

#include <optional>

namespace millrace::clients {

/// Says what to connect with, and after a refusal whether and with what to connect again.
class RtmpWay {
public:
    static constexpr int kRedirects = 5; ///< Followed, one after the other.

    explicit RtmpWay(Url url);

    const Url& url() const { return url_; }
    std::string app() const { return url_.app() + suffix_; }
    std::string tc_url() const { return url_.tc_url() + suffix_; }

    /// Takes a refusal; good when connecting again is worth it.
    Outcome go_on(const rtmp::Refused& refused);

    /// Turns to where a server has asked us to connect anew.
    Outcome turn_to(const std::string& tc_url);

private:
    Outcome redirect(const std::string& tc_url);
    Outcome authenticate(const rtmp::Refused& refused);

    Url url_;
    std::string suffix_; ///< What authentication adds to app and tcUrl.
    std::optional<rtmp::AuthResponder> responder_;
    int redirects_ = 0;
};

} // namespace millrace::clients
