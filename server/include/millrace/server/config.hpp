// The configuration file: TOML, every key optional, unknown keys refused.
#pragma once

#include <millrace/doors/http/hls.hpp>
#include <millrace/doors/rtsp/house.hpp>
#include <millrace/exchange/settings.hpp>
#include <millrace/net/tls.hpp>
#include <millrace/objects/shelf.hpp>
#include <millrace/relay/rules.hpp>
#include <millrace/server/application.hpp>
#include <millrace/server/archive_config.hpp>

#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace millrace::server {

struct Listen {
    std::string address;             ///< "[::]:1935".
    std::set<std::string> protocols; ///< "rtmp", "rtmps", "http", …; what is not named is refused there.

    bool wants_tls() const;
    bool preset = false; ///< Ours, not the operator's: IPv4 will do where there is no IPv6.
};

/// How clients leave when the server ends.
struct Drain {
    /// For clients that understand a request to connect anew, to leave on their own.
    Clock::duration time = std::chrono::milliseconds{500};
    std::string server; ///< Where they are sent, "rtmp://HOST[:PORT]"; empty: to where they are.
};

struct Config {
    std::string data = "data";
    std::size_t threads = 0; ///< Workers; 0: one a core.
    std::string log_level = "info";
    std::vector<Listen> listen;  ///< Empty: default_listen().
    std::size_t connections = 0; ///< On each listener at once; 0: three quarters of the file descriptors.
    net::TlsFiles tls;           ///< Empty: a self-signed pair is made below `data`.
    exchange::Settings settings;
    relay::Settings relay;
    doors::RtspSettings rtsp;
    objects::Settings shared_objects; ///< The folder aside, which is in `data`.
    ArchiveConfig archive;
    doors::HlsSettings hls;
    std::vector<Application> applications;
    Drain drain;
    bool demo = false;
    std::vector<std::string> warnings; ///< Of what was read but has no effect.
};

/// What is wrong with a configuration, in one line that names the file, the line and what to do.
class ConfigError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Reads a file. Throws ConfigError.
Config read_config(const std::string& file);
/// The same from a text; `file` is named in errors.
Config parse_config(std::string_view text, const std::string& file);

/// The contract's ports, moved by `port_offset`. Throws ConfigError when a port would leave 1 to 65535.
std::vector<Listen> default_listen(int port_offset);

} // namespace millrace::server
