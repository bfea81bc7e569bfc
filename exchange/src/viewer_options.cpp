#include <millrace/exchange/viewer_options.hpp>

#include <algorithm>
#include <charconv>

namespace millrace::exchange {
namespace {

constexpr double kLeastLatency = 0.2;
constexpr double kMostLatency = 60;

void apply(hub::Viewer::Options& options, std::string_view name, std::string_view value)
{
    if (name == "max_latency") {
        double seconds = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
        if (error == std::errc{} && end == value.data() + value.size()) {
            options.max_latency = std::chrono::duration_cast<Clock::duration>(
                std::chrono::duration<double>{std::clamp(seconds, kLeastLatency, kMostLatency)});
        }
    } else if (name == "video" && value == "0") {
        options.selection = hub::Selection::audio_only;
    } else if (name == "audio" && value == "0") {
        options.selection = hub::Selection::video_only;
    }
}

} // namespace

hub::Viewer::Options viewer_options(const Settings& settings, std::string_view query)
{
    hub::Viewer::Options options{.max_latency = settings.max_latency, .stall_limit = settings.stall_limit};
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const auto pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (const auto equals = pair.find('='); equals != std::string_view::npos) {
            apply(options, pair.substr(0, equals), pair.substr(equals + 1));
        }
    }
    return options;
}

} // namespace millrace::exchange
