// What holds for an application, the APP of APP/NAME.
#pragma once

#include <millrace/rtmp/auth.hpp>
#include <millrace/rtmp/swf.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace millrace::server {

struct Application {
    std::string name; ///< "live": it, and all below it, such as "live/north"; "*": what no other one names.
    std::optional<rtmp::AuthScheme> auth;                  ///< Publishers must authenticate so.
    std::map<std::string, std::string, std::less<>> users; ///< Name to password.
    bool players = false;           ///< Players over RTSP must be one of the users, too.
    std::string redirect;           ///< Where it is served instead; empty: here.
    std::vector<rtmp::SwfFile> swf; ///< Unless empty: who does not authenticate must be one of these.
};

/// The entry that holds for an APP: the one that names most of it; none when there is none.
const Application* find_application(const std::vector<Application>& applications, std::string_view app);
/// The same for a stream, APP/NAME.
const Application* application_of(const std::vector<Application>& applications, std::string_view path);

} // namespace millrace::server
