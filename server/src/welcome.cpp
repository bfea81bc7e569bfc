#include "welcome.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace millrace::server {
namespace {

/// The host that a client on this machine can use for a listener.
std::string host_of(const net::Listener& listener)
{
    const auto address = listener.address();
    const auto host = address.substr(0, address.rfind(':'));
    return host == "0.0.0.0" || host == "[::]" ? "127.0.0.1" : host;
}

const net::Listener* speaker(const std::string& protocol,
                             const std::vector<std::unique_ptr<net::Listener>>& listeners,
                             const std::vector<Listen>& listen)
{
    // The port of the contract first: the one whose list begins with the protocol's own kind.
    const net::Listener* any = nullptr;
    for (std::size_t i = 0; i < listeners.size(); ++i) {
        if (listen[i].protocols.contains(protocol)) {
            const auto home = protocol == "http"             ? 1U
                              : protocol == "https"          ? 2U
                              : protocol.starts_with("rtsp") ? 3U
                                                             : 0U;
            const bool own = !listen[i].preset || i == home;
            if (own) {
                return listeners[i].get();
            }
            any = any != nullptr ? any : listeners[i].get();
        }
    }
    return any;
}

} // namespace

std::uint16_t port_of(const std::string& protocol,
                      const std::vector<std::unique_ptr<net::Listener>>& listeners,
                      const std::vector<Listen>& listen)
{
    const auto* listener = speaker(protocol, listeners, listen);
    return listener != nullptr ? listener->port() : std::uint16_t{0};
}

std::string welcome_text(const std::vector<std::unique_ptr<net::Listener>>& listeners,
                         const std::vector<Listen>& listen, bool demo)
{
    std::string text = "Millrace is up.\n";
    for (std::size_t i = 0; i < listeners.size(); ++i) {
        text += fmt::format("  listening  {} ({})\n", listeners[i]->address(),
                            fmt::join(listen[i].protocols, ", "));
    }
    const std::string name = demo ? "live/demo" : "live/cam";
    if (const auto* rtmp = speaker("rtmp", listeners, listen)) {
        const auto where = fmt::format("rtmp://{}:{}", host_of(*rtmp), rtmp->port());
        text += fmt::format("  publish    OBS: server {}/live, stream key cam\n", where);
        text += fmt::format("             ffmpeg -re -i FILE -c copy -f flv {}/live/cam\n", where);
        text += fmt::format("  watch      ffplay {}/{}\n", where, name);
    }
    if (const auto* rtsp = speaker("rtsp", listeners, listen)) {
        text += fmt::format("             rtsp://{}:{}/{}\n", host_of(*rtsp), rtsp->port(), name);
    }
    if (const auto* http = speaker("http", listeners, listen)) {
        const auto where = fmt::format("http://{}:{}", host_of(*http), http->port());
        text += fmt::format("             {}/{}.flv\n", where, name);
        text += fmt::format("  console    {}/\n", where);
    }
    if (const auto* https = speaker("https", listeners, listen)) {
        text += fmt::format("             https://{}:{}/\n", host_of(*https), https->port());
    }
    if (demo) {
        text += "  demo       a test picture with a beep is published as live/demo\n";
    }
    return text + "  Ctrl-C ends it.\n";
}

} // namespace millrace::server
