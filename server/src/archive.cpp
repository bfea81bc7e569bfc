#include "archive.hpp"

#include "api.hpp"

#include <boost/json/array.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <stdexcept>

namespace millrace::server {
namespace {

namespace json = boost::json;

double seconds(std::chrono::milliseconds duration)
{
    return static_cast<double>(duration.count()) / 1000.0;
}

void tell_repairs(const std::vector<store::Repaired>& repairs)
{
    for (const auto& each : repairs) {
        if (each.error) {
            spdlog::error("the recording {} was not finished and cannot be repaired: {}", each.name,
                          each.error->message());
        } else {
            spdlog::warn("the recording {} was not finished: repaired, {} s, {} bytes cut off", each.name,
                         seconds(each.duration), each.cut);
        }
    }
}

} // namespace

Archive::Archive(const ArchiveConfig& config, const std::string& data)
{
    const auto directory = config.directory.empty() ? data + "/vod" : config.directory;
    std::vector<store::Folder> folders;
    auto own = store::Folder::open(directory, true);
    auto again = store::Folder::open(directory, false);
    if (own && again) {
        folders.push_back(std::move(*again));
        const store::Recorder::Limits limits{
            .recording = {.time = config.most_time, .bytes = config.most_bytes}};
        recorder_ = std::make_unique<store::Recorder>(std::move(*own), limits, tell_repairs);
        using Kind = store::Recording::Kind;
        recordings_ = std::make_unique<vod::Recordings>(
            *recorder_, vod::Recordings::Settings{.allowed = config.allowed,
                                                  .streams = config.streams,
                                                  .kind = config.append ? Kind::append : Kind::record});
    } else {
        spdlog::warn("nothing can be recorded: {}: {}", directory, (own ? again : own).error().message());
    }
    for (const auto& path : config.folders) {
        auto folder = store::Folder::open(path, false);
        if (!folder) {
            throw std::runtime_error{"vod.folders: " + path + ": " + folder.error().message()};
        }
        folders.push_back(std::move(*folder));
    }
    library_ = std::make_unique<store::Library>(std::move(folders));
    shelf_ = std::make_unique<vod::Shelf>(
        *library_, vod::Shelf::Settings{.threads = config.threads, .pace = config.pace});
}

void Archive::attend(exchange::Exchange& exchange)
{
    if (recordings_) {
        exchange.on_claimed = [this](const auto& stream, const auto& claim) {
            recordings_->claimed(stream, claim);
        };
    }
}

net::awaitable<json::object> Archive::recordings_json()
{
    json::array lines;
    if (recordings_) {
        auto list = [this] { return recordings_->list(); };
        const auto all = co_await shelf_->run(list);
        for (const auto& line : all) {
            json::object out{{"name", line.name}, {"state", line.state}, {"bytes", line.bytes}};
            out["seconds"] = line.duration ? json::value(seconds(*line.duration)) : json::value(nullptr);
            if (line.since) {
                out["since"] = rfc3339(*line.since);
            }
            if (!line.reason.empty()) {
                out["reason"] = line.reason;
            }
            lines.push_back(std::move(out));
        }
    }
    co_return json::object{{"recordings", std::move(lines)}};
}

void Archive::add_to_streams(json::object& streams) const
{
    if (!recorder_) {
        return;
    }
    const auto statuses = recorder_->statuses();
    for (auto& each : streams["streams"].as_array()) {
        auto& stream = each.as_object();
        const auto file = vod::Recordings::file_of(stream["name"].as_string());
        const auto status = std::ranges::find(statuses, file, &store::Recorder::Status::name);
        stream["recording"] = nullptr;
        if (status != statuses.end()) {
            stream["recording"] = {{"name", file},
                                   {"state", name(status->state)},
                                   {"bytes", status->bytes},
                                   {"seconds", seconds(status->duration)},
                                   {"reason", status->reason}};
        }
    }
}

void Archive::add_to_counters(exchange::Desk::Counters& counters) const
{
    if (!recorder_) {
        return;
    }
    const auto totals = recorder_->totals();
    counters[{"recordings_begun", ""}] = totals.begun;
    counters[{"recordings_failed", ""}] = totals.failed;
    counters[{"recordings_repaired", ""}] = totals.repaired;
    counters[{"recordings_bytes", ""}] = totals.bytes;
}

} // namespace millrace::server
