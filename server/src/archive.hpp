// Recordings of the house: who writes them, who finds them, who reads them.
#pragma once

#include <millrace/server/archive_config.hpp>
#include <millrace/vod/recordings.hpp>
#include <millrace/vod/shelf.hpp>

#include <boost/json/object.hpp>

namespace millrace::server {

class Archive {
public:
    /// Opens the folders; repairs, on the recorder's thread, what a crash has left. Throws std::runtime_error
    /// when a folder of films is not there. Without a folder for recordings there are none, which is logged.
    Archive(const ArchiveConfig& config, const std::string& data);

    /// Hears of publishers from now on; before Exchange::start().
    void attend(exchange::Exchange& exchange);

    vod::Shelf& shelf() { return *shelf_; }

    /// GET /api/v1/recordings.
    net::awaitable<boost::json::object> recordings_json();
    /// Adds to each stream of GET /api/v1/streams its recording.
    void add_to_streams(boost::json::object& streams) const;
    /// Adds to the counters of /metrics.
    void add_to_counters(exchange::Desk::Counters& counters) const;

    /// No file is read any more. To be called when the workers stand still.
    void stop_reading() { shelf_->stop(); }
    /// All recordings are finished. To be called before the workers go, and after the streams have gone.
    void stop_writing() { recorder_.reset(); }

private:
    std::unique_ptr<store::Recorder> recorder_; ///< None: nothing can be recorded.
    std::unique_ptr<vod::Recordings> recordings_;
    std::unique_ptr<store::Library> library_;
    std::unique_ptr<vod::Shelf> shelf_;
};

} // namespace millrace::server
