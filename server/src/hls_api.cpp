#include "hls_api.hpp"

#include <boost/json/array.hpp>

#include <cmath>

namespace millrace::server {
namespace {

namespace json = boost::json;

double thousandths(double value)
{
    return std::round(value * 1000) / 1000;
}

json::object hls_json(const doors::HlsReport& report)
{
    json::array left_out;
    for (const auto& track : report.left_out) {
        left_out.push_back(json::object{{"kind", media::name(track.track.kind)},
                                        {"id", track.track.number},
                                        {"codec", media::name(track.track.codec)},
                                        {"reason", track.why}});
    }
    return {{"container", report.container == hls::Container::ts ? "ts" : "fmp4"},
            {"window_seconds", thousandths(report.window_seconds)},
            {"linger_seconds", thousandths(report.linger_seconds)},
            {"target_seconds", thousandths(report.target_seconds)},
            {"part_seconds", thousandths(report.part_seconds)},
            {"bytes_held", report.bytes},
            {"next_segment", report.next_msn},
            {"discontinuities", report.discontinuities},
            {"forced_cuts", report.forced_cuts},
            {"renditions", report.renditions},
            {"waiting", report.waiting},
            {"viewers", report.viewers},
            {"tracks_left_out", std::move(left_out)}};
}

} // namespace

void add_hls(json::object& streams, const std::vector<doors::HlsReport>& reports)
{
    for (auto& stream : streams["streams"].as_array()) {
        auto& object = stream.as_object();
        json::array all;
        for (const auto& report : reports) {
            if (object["name"].as_string() != report.stream) {
                continue;
            }
            all.push_back(hls_json(report));
            for (const auto& warning : report.warnings) {
                object["warnings"].as_array().push_back(json::string{warning});
            }
        }
        object["hls"] = std::move(all);
    }
}

} // namespace millrace::server
