#include <millrace/rtsp/message.hpp>
#include <millrace/rtsp/range.hpp>

#include <algorithm>
#include <charconv>

namespace millrace::rtsp {
namespace {

constexpr std::size_t kMostInfos = 64;

template <class Number>
std::optional<Number> number(std::string_view text)
{
    Number value{};
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} ? std::optional{value} : std::nullopt;
}

/// Where the element that begins the text ends: at a comma that another URL follows, for a URL may have
/// commas.
std::size_t end_of_element(std::string_view text)
{
    for (auto at = text.find(','); at != std::string_view::npos; at = text.find(',', at + 1)) {
        const auto next = trim(text.substr(at + 1));
        if (next.size() >= 4 && same_name(next.substr(0, 4), "url=")) {
            return at;
        }
    }
    return text.size();
}

} // namespace

// rtp-info := "url=" url *(";seq=" number / ";rtptime=" number)  separated by commas
std::vector<RtpInfo> read_rtp_info(std::string_view text)
{
    std::vector<RtpInfo> infos;
    while (!text.empty() && infos.size() < kMostInfos) {
        const auto end = end_of_element(text);
        auto element = text.substr(0, end);
        text = end < text.size() ? text.substr(end + 1) : std::string_view{};
        RtpInfo info;
        while (!element.empty()) {
            const auto stop = std::min(element.find(';'), element.size());
            const auto part = trim(element.substr(0, stop));
            element = stop < element.size() ? element.substr(stop + 1) : std::string_view{};
            const auto equals = std::min(part.find('='), part.size());
            const auto name = part.substr(0, equals);
            const auto value = equals < part.size() ? part.substr(equals + 1) : std::string_view{};
            if (same_name(name, "url")) {
                info.url = value;
            } else if (same_name(name, "seq")) {
                info.seq = number<std::uint16_t>(value);
            } else if (same_name(name, "rtptime")) {
                info.rtptime = number<std::uint32_t>(value);
            }
        }
        if (!info.url.empty() || info.seq || info.rtptime) {
            infos.push_back(std::move(info));
        }
    }
    return infos;
}

std::string write(const std::vector<RtpInfo>& infos)
{
    std::string text;
    for (const auto& info : infos) {
        text += (text.empty() ? "url=" : ",url=") + info.url;
        if (info.seq) {
            text += ";seq=" + std::to_string(*info.seq);
        }
        if (info.rtptime) {
            text += ";rtptime=" + std::to_string(*info.rtptime);
        }
    }
    return text;
}

} // namespace millrace::rtsp
