// Which streams are recorded: those whose publisher asks for it, and those that the operator names.
#pragma once

#include <millrace/exchange/exchange.hpp>
#include <millrace/store/recorder.hpp>

#include <map>
#include <memory>
#include <mutex>

namespace millrace::vod {

/// Lets a recorder into streams as their publishers come. A publisher that is lost and comes back within the
/// grace window goes on in the same file; one that says that it ends, ends the file.
class Recordings {
public:
    struct Settings {
        std::vector<exchange::Pattern> allowed{exchange::Pattern{"*"}}; ///< Whose publisher may ask for it.
        std::vector<exchange::Pattern> streams;                         ///< Recorded unasked.
        store::Recording::Kind kind = store::Recording::Kind::append;   ///< Of those recorded unasked.
    };

    Recordings(store::Recorder& recorder, Settings settings);
    ~Recordings();
    Recordings(const Recordings&) = delete;
    Recordings& operator=(const Recordings&) = delete;

    /// A publisher was put on air; for Exchange::on_claimed.
    void claimed(const std::shared_ptr<exchange::LocalStream>& stream, const exchange::Claim& claim);

    /// The file of a stream, in the recorder's folder.
    static std::string file_of(std::string_view stream);

    /// What there is: recordings since the start with what came of them, then the files of before, by name.
    /// Reads the folder, so it belongs on a file thread.
    struct Line {
        std::string name;
        std::string state; ///< Of Recorder::State, or "stored".
        std::uint64_t bytes = 0;
        std::optional<std::chrono::milliseconds> duration;
        std::optional<WallTime> since;
        std::string reason;
    };
    std::vector<Line> list() const;

    const store::Recorder& recorder() const { return recorder_; }

private:
    class Writer;

    std::shared_ptr<Writer> writer_of(const std::string& stream) const;
    void forget(const std::string& stream, const Writer& writer);
    void begin(const std::shared_ptr<exchange::LocalStream>& stream, store::Recording::Kind kind,
               exchange::RecordNews news);

    store::Recorder& recorder_;
    Settings settings_;
    mutable std::mutex mutex_;
    std::map<std::string, std::shared_ptr<Writer>> writers_; ///< By stream.
};

} // namespace millrace::vod
