// A stream that goes out over RTSP.
#pragma once

#include "rtsp_call.hpp"
#include <millrace/clients/sink.hpp>
#include <millrace/rtp/muxer.hpp>

#include <deque>
#include <map>

namespace millrace::clients {

/// Announces what it was told of once the first frame comes; until the server lets it record, the newest
/// group of pictures is kept. Packets go through the connection. The verbs are those of Sink.
class RtspPublisher : public std::enable_shared_from_this<RtspPublisher> {
public:
    static constexpr std::size_t kMostKept = std::size_t{64} << 20U;
    static constexpr std::size_t kMostWaiting = std::size_t{4} << 20U; ///< Then pictures are dropped.

    RtspPublisher(const net::asio::any_io_executor& executor, Url url);

    /// Looks whether the server can be reached.
    net::awaitable<Outcome> open();
    void write(const media::Item& item);
    net::awaitable<Outcome> finish(std::chrono::milliseconds within);
    void stop();

    bool lost() const { return lost_; }
    const Outcome& outcome() const { return outcome_; }
    std::uint64_t bytes() const { return call_ ? call_->bytes_out() : 0; }
    std::uint64_t dropped() const { return dropped_; }
    std::size_t waiting() const { return call_ ? call_->backlog() : 0; }

    std::function<void()> on_lost;
    std::function<void(const std::string&)> on_warning;

private:
    std::string description() const;
    void announce();
    static net::awaitable<void> run(std::shared_ptr<RtspPublisher> self);
    void on(const rtsp::ClientEvent& event);
    void keep(const media::Frame& frame);
    void send(const media::Frame& frame);
    void lose(Outcome why);

    net::asio::any_io_executor executor_;
    Url url_;
    Source::Limits limits_;
    std::shared_ptr<RtspCall> call_;
    std::map<media::TrackId, media::Track> tracks_;
    std::map<int, std::size_t> streams_; ///< By slot.
    std::deque<media::Frame> kept_;
    std::size_t kept_bytes_ = 0;
    std::unique_ptr<rtp::Muxer> muxer_;
    bool announced_ = false;
    bool recording_ = false;
    bool finishing_ = false;
    bool lost_ = false;
    bool waits_for_key_ = false;
    Outcome outcome_;
    std::uint64_t dropped_ = 0;
};

/// The same as a sink.
class RtspSink final : public Sink {
public:
    RtspSink(const net::asio::any_io_executor& executor, Url url);
    ~RtspSink() override;

    net::awaitable<Outcome> open() override;
    void write(const media::Item& item) override { publisher_->write(item); }
    net::awaitable<Outcome> finish(std::chrono::milliseconds within) override;
    void stop() override { publisher_->stop(); }
    bool lost() const override { return publisher_->lost(); }
    const Outcome& outcome() const override { return publisher_->outcome(); }
    std::uint64_t bytes() const override { return publisher_->bytes(); }
    std::uint64_t dropped() const override { return publisher_->dropped(); }
    std::chrono::milliseconds backlog() const override
    {
        return std::chrono::milliseconds{publisher_->waiting() > 0 ? 1 : 0};
    }

private:
    std::shared_ptr<RtspPublisher> publisher_;
};

} // namespace millrace::clients
