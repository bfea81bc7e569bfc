// The configured applications as the doors ask for them.
#pragma once

#include <millrace/doors/http/site.hpp>
#include <millrace/doors/rtmp/access.hpp>
#include <millrace/server/application.hpp>

#include <mutex>

namespace millrace::server {

class Access final : public doors::RtmpAccess {
public:
    explicit Access(std::vector<Application> applications);

    doors::Admission admit(const rtmp::ConnectRequested& request, Clock::time_point now) override;
    std::string why_not_publish(const doors::Admission& admission, std::string_view path) const override;
    std::string why_not_play(const doors::Admission& admission, std::string_view path) const override;

    /// Over HTTP: publishers by user and password in the clear (RFC 7617); nothing that needs a SWF file.
    std::optional<doors::SiteReply> refuse_http(const doors::MediaRequest& request) const;

private:
    rtmp::AuthVerdict judge(const Application& application, const rtmp::ConnectRequested& request,
                            Clock::time_point now);

    const std::vector<Application> applications_;
    std::mutex mutex_; ///< For the challenger: a challenge is answered on another connection, on any worker.
    rtmp::AuthChallenger challenger_;
};

} // namespace millrace::server
