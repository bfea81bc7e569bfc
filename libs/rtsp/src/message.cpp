#include <millrace/base/reader.hpp>
#include <millrace/rtsp/message.hpp>

#include <algorithm>
#include <array>
#include <cctype>

namespace millrace::rtsp {
namespace {

struct Status {
    int code;
    std::string_view reason;
};
// RFC 2326 §7.1.1 and §11; 250 and 201 of §11.2.
constexpr std::array kStatuses{
    Status{100, "Continue"},
    Status{200, "OK"},
    Status{201, "Created"},
    Status{250, "Low on Storage Space"},
    Status{300, "Multiple Choices"},
    Status{301, "Moved Permanently"},
    Status{302, "Moved Temporarily"},
    Status{303, "See Other"},
    Status{304, "Not Modified"},
    Status{305, "Use Proxy"},
    Status{400, "Bad Request"},
    Status{401, "Unauthorized"},
    Status{402, "Payment Required"},
    Status{403, "Forbidden"},
    Status{404, "Not Found"},
    Status{405, "Method Not Allowed"},
    Status{406, "Not Acceptable"},
    Status{407, "Proxy Authentication Required"},
    Status{408, "Request Time-out"},
    Status{410, "Gone"},
    Status{411, "Length Required"},
    Status{412, "Precondition Failed"},
    Status{413, "Request Entity Too Large"},
    Status{414, "Request-URI Too Large"},
    Status{415, "Unsupported Media Type"},
    Status{451, "Parameter Not Understood"},
    Status{452, "Conference Not Found"},
    Status{453, "Not Enough Bandwidth"},
    Status{454, "Session Not Found"},
    Status{455, "Method Not Valid in This State"},
    Status{456, "Header Field Not Valid for Resource"},
    Status{457, "Invalid Range"},
    Status{458, "Parameter Is Read-Only"},
    Status{459, "Aggregate Operation Not Allowed"},
    Status{460, "Only Aggregate Operation Allowed"},
    Status{461, "Unsupported Transport"},
    Status{462, "Destination Unreachable"},
    Status{500, "Internal Server Error"},
    Status{501, "Not Implemented"},
    Status{502, "Bad Gateway"},
    Status{503, "Service Unavailable"},
    Status{504, "Gateway Time-out"},
    Status{505, "RTSP Version Not Supported"},
    Status{551, "Option not supported"},
};

/// Quirk: live555 takes every `$` on a TCP connection for the begin of an interleaved frame, also inside of
/// headers and bodies, so none is ever written.
void append_text(Bytes& out, std::string_view text, bool line)
{
    ByteWriter writer{out};
    for (const char c : text) {
        if (c == '$') {
            writer.text("%24");
        } else if (!line || (c != '\r' && c != '\n')) {
            writer.u8(static_cast<std::uint8_t>(c));
        }
    }
}

std::size_t escaped_size(std::string_view text)
{
    return text.size() + 2 * static_cast<std::size_t>(std::ranges::count(text, '$'));
}

void append_rest(Bytes& out, const Headers& headers, std::string_view body)
{
    ByteWriter writer{out};
    for (const auto& [name, value] : headers) {
        append_text(out, name, true);
        writer.text(": ");
        append_text(out, value, true);
        writer.text("\r\n");
    }
    if (!body.empty()) {
        writer.text("Content-Length: " + std::to_string(escaped_size(body)) + "\r\n");
    }
    writer.text("\r\n");
    append_text(out, body, false);
}

} // namespace

bool same_name(std::string_view a, std::string_view b)
{
    return std::ranges::equal(
        a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string_view trim(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

const std::string* Headers::find(std::string_view name) const
{
    const auto found =
        std::ranges::find_if(fields_, [name](const Field& field) { return same_name(field.name, name); });
    return found == fields_.end() ? nullptr : &found->value;
}

std::string_view Headers::value(std::string_view name) const
{
    const auto* found = find(name);
    return found == nullptr ? std::string_view{} : std::string_view{*found};
}

std::string Headers::list(std::string_view name) const
{
    std::string all;
    for (const auto& field : fields_) {
        if (same_name(field.name, name) && !field.value.empty()) {
            all += (all.empty() ? "" : ",") + field.value;
        }
    }
    return all;
}

void Headers::add(std::string_view name, std::string_view value)
{
    fields_.push_back({std::string{name}, std::string{value}});
}

void Headers::set(std::string_view name, std::string_view value)
{
    std::erase_if(fields_, [name](const Field& field) { return same_name(field.name, name); });
    add(name, value);
}

void Headers::extend(std::string_view more)
{
    if (!fields_.empty() && !more.empty()) {
        auto& value = fields_.back().value;
        value.append(value.empty() ? "" : " ").append(more);
    }
}

std::string_view reason_of(int status)
{
    const auto* found = std::ranges::find(kStatuses, status, &Status::code);
    return found == kStatuses.end() ? std::string_view{"Unknown"} : found->reason;
}

void write(Bytes& out, const Request& request)
{
    append_text(out, request.method, true);
    ByteWriter{out}.u8(' ');
    append_text(out, request.uri, true);
    ByteWriter{out}.u8(' ');
    append_text(out, request.version, true);
    ByteWriter{out}.text("\r\n");
    append_rest(out, request.headers, request.body);
}

void write(Bytes& out, const Response& response)
{
    ByteWriter{out}.text("RTSP/1.0 " + std::to_string(response.status) + " ");
    append_text(out, response.reason.empty() ? reason_of(response.status) : response.reason, true);
    ByteWriter{out}.text("\r\n");
    append_rest(out, response.headers, response.body);
}

void write_frame_head(Bytes& out, std::uint8_t channel, std::size_t size)
{
    ByteWriter writer{out};
    writer.u8('$');
    writer.u8(channel);
    writer.u16(static_cast<std::uint16_t>(size));
}

void write(Bytes& out, const Frame& frame)
{
    write_frame_head(out, frame.channel, frame.payload.size());
    ByteWriter{out}.bytes(frame.payload);
}

} // namespace millrace::rtsp
