// A stream that is cut: fed by its home, asked by everybody.
#pragma once

#include "hls_session.hpp"
#include <millrace/doors/http/hls.hpp>
#include <millrace/hls/directives.hpp>
#include <millrace/hls/names.hpp>

#include <atomic>
#include <list>

namespace millrace::doors {

/// What is asked of a cutting, by a request that may be on another worker.
struct HlsQuestion {
    std::optional<hls::Resource> resource; ///< None: the multivariant playlist.
    bool dash = false;                     ///< The manifest of DASH instead.
    std::string stem;                      ///< The last part of the stream's name: "cam".
    std::string query;
    HlsViewer viewer;
    bool gzip = false;
};

/// An answer, whose bytes are shared with all who get the same.
struct HlsAnswer {
    unsigned status = 200;
    std::string content_type;
    std::string cache_control;
    std::string etag;
    hls::SharedBody body;
    bool gzipped = false;
    std::string why;            ///< Of an error, in words.
    unsigned retry = 0;         ///< Seconds after which to ask again; 0: not told.
    bool fresh_session = false; ///< The viewer is to be told its id.
};

/// Lives on its home's worker, and is touched nowhere else.
class HlsStream : public exchange::Tap, public std::enable_shared_from_this<HlsStream> {
public:
    HlsStream(HlsHouse& house, exchange::Desk& home, std::string name, hls::Settings settings,
              hls::Start start);
    ~HlsStream() override;

    const std::string& name() const { return name_; }
    std::string key() const { return key_of(name_, packager_.settings().container); }
    static std::string key_of(const std::string& stream, hls::Container container);
    exchange::Desk& home() const { return home_; }
    /// May be asked on any worker: it will never answer again.
    bool closed() const { return closed_.load(std::memory_order_relaxed); }
    /// The same: its stream is over, though one of the name may come again.
    bool over() const { return over_.load(std::memory_order_relaxed); }

    /// Is fed by this stream from now on.
    void attach(const std::shared_ptr<exchange::LocalStream>& source);
    /// Asked on any worker; answered there.
    static net::awaitable<HlsAnswer> ask(std::shared_ptr<HlsStream> stream, HlsQuestion question);
    /// Lets go of everything; the worker has ended.
    void shut();
    /// Runs once a second until it is idle or closed.
    net::awaitable<void> keep_house();

    HlsReport report() const;
    const hls::Packager& packager() const { return packager_; }

    void take(std::span<const hub::Update> updates) override;
    void ended() override;
    exchange::Audience audience() const override;

private:
    struct Rendered {
        std::uint64_t version = 0;
        hls::SharedBody plain;
        hls::SharedBody zipped;
    };

    net::awaitable<HlsAnswer> answer(HlsQuestion question);
    net::awaitable<HlsAnswer> multivariant(const HlsQuestion& question);
    net::awaitable<HlsAnswer> playlist(const HlsQuestion& question);
    net::awaitable<HlsAnswer> part(const HlsQuestion& question);
    HlsAnswer segment(const HlsQuestion& question);
    HlsAnswer init(const HlsQuestion& question);
    HlsAnswer key(const HlsQuestion& question);
    HlsAnswer media(const HlsQuestion& question, hls::SharedBody body) const;
    hls::SharedBody render(const hls::Rendition& rendition, bool delta, bool zip);
    /// Waits for the next version, though not longer than that; false: in vain.
    net::awaitable<bool> changed(Clock::time_point deadline);
    net::awaitable<bool> until_ready();
    void wake();
    HlsSession* visit(const HlsViewer& viewer, bool& fresh);
    void watch_version();

    HlsHouse& house_;
    exchange::Desk& home_;
    std::string name_;
    hls::Packager packager_;
    std::shared_ptr<exchange::LocalStream> source_; ///< None: the stream is over.
    std::uint64_t epoch_ = 0;
    std::uint64_t version_ = 0;
    Clock::time_point asked_; ///< The last time.
    std::list<net::asio::steady_timer*> waiting_;
    std::map<std::string, std::unique_ptr<HlsSession>, std::less<>> sessions_;
    std::map<std::string, Rendered, std::less<>> rendered_;
    std::uint64_t bytes_out_ = 0;
    std::atomic<bool> closed_{false};
    std::atomic<bool> over_{true};
    bool fed_ = false; ///< By an earlier stream of the name.
    bool shut_ = false;
};

} // namespace millrace::doors
