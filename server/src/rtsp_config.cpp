#include "rtsp_config.hpp"

#include <charconv>

namespace millrace::server {
namespace {

/// "30000-39999"
void read_ports(const TableReader& reader, const toml::node& node, doors::RtspSettings& into)
{
    const auto text = node.value_or(std::string{});
    const auto* end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, into.least_port);
    const bool dash = first.ec == std::errc{} && first.ptr != end && *first.ptr == '-';
    const auto second = dash ? std::from_chars(first.ptr + 1, end, into.most_port) : first;
    const bool good = dash && second.ec == std::errc{} && second.ptr == end && into.least_port >= 1024 &&
                      into.most_port > into.least_port;
    if (!good) {
        reader.fail(node, R"(rtsp.ports must be a range of ports from 1024 on such as "30000-39999")");
    }
}

} // namespace

void read_rtsp(const std::string& file, const toml::node& node, doors::RtspSettings& into)
{
    TableReader rtsp{file, "rtsp."};
    rtsp.flag("udp", into.udp);
    rtsp.key("ports", [&](const toml::node& ports) { read_ports(rtsp, ports, into); });
    rtsp.count("sessions", into.sessions, 1, 1000000);
    rtsp.seconds("timeout", into.timeout, 5, 3600);
    rtsp.seconds("publisher_silence", into.publisher_silence, 1, 3600);
    rtsp.flag("basic", into.basic);
    rtsp.flag("sha256", into.sha256);
    rtsp.read(rtsp.table(node, "rtsp"));
}

} // namespace millrace::server
