#include <millrace/sdp/description.hpp>

namespace millrace::sdp {
namespace {

void line(std::string& out, char letter, std::string_view value)
{
    out += letter;
    out += '=';
    for (const char c : value) {
        // A line is a line, whatever a peer put into a name.
        if (c != '\r' && c != '\n') {
            out += c;
        }
    }
    out += "\r\n";
}

void write_connection(std::string& out, const std::optional<Connection>& connection)
{
    if (!connection) {
        return;
    }
    auto text = std::string{connection->ip6 ? "IN IP6 " : "IN IP4 "} + connection->address;
    if (connection->ttl && !connection->ip6) {
        text += "/" + std::to_string(*connection->ttl);
    }
    if (connection->count > 1) {
        text += "/" + std::to_string(connection->count);
    }
    line(out, 'c', text);
}

void write_bandwidths(std::string& out, const Section& section)
{
    for (const auto& each : section.bandwidths) {
        line(out, 'b', each.type + ":" + std::to_string(each.value));
    }
}

void write_attributes(std::string& out, const Section& section)
{
    for (const auto& each : section.attributes) {
        line(out, 'a', each.value ? each.name + ":" + *each.value : each.name);
    }
}

void write_media(std::string& out, const Media& media)
{
    auto text = media.type + " " + std::to_string(media.port);
    if (media.port_count > 1) {
        text += "/" + std::to_string(media.port_count);
    }
    text += " " + media.protocol;
    for (const auto& format : media.formats) {
        text += " " + format;
    }
    line(out, 'm', text);
    write_connection(out, media.connection);
    write_bandwidths(out, media);
    for (const auto& map : media.maps) {
        line(out, 'a', "rtpmap:" + to_string(map));
    }
    for (const auto& fmtp : media.fmtps) {
        line(out, 'a', "fmtp:" + to_string(fmtp));
    }
    write_attributes(out, media);
}

} // namespace

std::string write(const Description& description)
{
    std::string out;
    const auto& origin = description.origin;
    line(out, 'v', "0");
    line(out, 'o',
         origin.user + " " + origin.session + " " + origin.version + (origin.ip6 ? " IN IP6 " : " IN IP4 ") +
             origin.address);
    line(out, 's', description.name.empty() ? "-" : description.name);
    if (!description.information.empty()) {
        line(out, 'i', description.information);
    }
    write_connection(out, description.connection);
    write_bandwidths(out, description);
    line(out, 't', description.time);
    write_attributes(out, description);
    for (const auto& media : description.media) {
        write_media(out, media);
    }
    return out;
}

} // namespace millrace::sdp
