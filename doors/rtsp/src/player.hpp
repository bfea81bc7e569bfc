// A session that plays a live stream: the stream's packets, in datagrams or through the connection.
#pragma once

#include "datagram_outlet.hpp"
#include "lens.hpp"
#include "part.hpp"
#include <millrace/exchange/local_stream.hpp>

#include <map>

namespace millrace::doors {

/// How a stream is put into packets, the same for all who play it.
hub::Packaging rtp_packaging(const hub::Stream& stream, std::uint64_t seed);

class RtspPlayer final : public RtspPart {
public:
    RtspPlayer(RtspRoom& room, const RtspCaller& caller, std::string path, std::string query,
               std::shared_ptr<exchange::LocalStream> source);

    RtspReply set_up(int track, const std::string& url, const RtspCaller& caller,
                     rtsp::Transport& transport) override;
    void agreed(int track, const rtsp::Transport& transport) override { lines_[track].transport = transport; }
    net::awaitable<RtspReply> play(const rtsp::Ask& ask) override;
    RtspReply pause(const rtsp::Ask& ask) override;
    void tear_down(std::optional<int> track) override;
    void go() override;
    void feed(int track, SharedBytes packet) override;
    std::optional<std::string> parameter(std::string_view name) const override;

    exchange::SessionInfo info(Clock::time_point now) const override;
    void tick(Clock::time_point now) override;

private:
    struct Line {
        std::string url;
        rtsp::Transport transport;
        net::DatagramPair sockets;
        bool playing = false;
    };

    void release() override;
    RtspReply open_sockets(Line& line, int track, const RtspCaller& caller, rtsp::Transport& transport);
    static net::awaitable<void> listen(std::shared_ptr<RtspPlayer> self, int track,
                                       std::shared_ptr<net::DatagramSocket> socket, bool rtcp);
    void hear_report(ByteView packet);
    void route();
    hub::Selection selection() const;
    hub::Viewer* viewer() const;
    std::vector<rtsp::RtpInfo> infos(hub::Viewer& viewer) const;
    void over_by_stream();

    std::string query_;
    std::shared_ptr<exchange::LocalStream> source_;
    hub::Packaging packaging_;
    std::uint64_t seed_;
    std::map<int, Line> lines_; ///< By slot.
    std::shared_ptr<ChannelMap> map_ = std::make_shared<ChannelMap>();
    std::shared_ptr<exchange::ViewerSocket> wire_; ///< Of interleaved packets.
    std::uint32_t key_ = 0;                        ///< In the wire.
    std::shared_ptr<DatagramOutlet> datagrams_;
    std::map<std::string, double, std::less<>> network_; ///< As the client reports it.
    std::uint64_t bytes_in_ = 0;
    bool watching_ = false;
};

} // namespace millrace::doors
