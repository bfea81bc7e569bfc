// The configured applications as the RTSP door asks for them.
#pragma once

#include <millrace/doors/rtsp/access.hpp>
#include <millrace/doors/rtsp/house.hpp>
#include <millrace/rtsp/auth.hpp>
#include <millrace/server/application.hpp>

namespace millrace::server {

class RtspGuard final : public doors::RtspAccess {
public:
    RtspGuard(std::vector<Application> applications, const doors::RtspSettings& settings);

    /// Publishers by user and password (Digest, and Basic where it is allowed); nothing that needs a SWF
    /// file.
    doors::RtspVerdict judge(const doors::RtspQuestion& question) const override;

private:
    const std::vector<Application> applications_;
    const rtsp::Authenticator authenticator_;
};

} // namespace millrace::server
