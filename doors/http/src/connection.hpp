// One HTTP connection: requests read one after the other, each given to who answers it.
#pragma once

#include "answer.hpp"
#include "hls_target.hpp"
#include "target.hpp"
#include <millrace/doors/http/hls.hpp>
#include <millrace/doors/http/tunnels.hpp>
#include <millrace/exchange/exchange.hpp>
#include <millrace/net/channel_stream.hpp>
#include <millrace/vod/shelf.hpp>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <memory>
#include <optional>

namespace millrace::doors {

namespace beast = boost::beast;
using RequestParser = http::request_parser<http::buffer_body>;

/// What the answers to one connection's requests share. Lives on its desk's worker.
struct Connection {
    exchange::Desk& desk;
    std::shared_ptr<net::Channel> channel;
    net::ChannelStream stream;
    std::string remote;
    bool tls;
    beast::flat_buffer buffer; ///< Bytes read beyond the present request.
};

/// The servers that a stream came through, for an answer to a relay; empty for everybody else.
net::awaitable<std::string> route_for(Connection& connection, const RequestParser& request,
                                      const Target& target);

/// Plays to a client as one endless file. The connection is used up.
net::awaitable<void> play_live(Connection& connection, const RequestParser& request, Target target);
/// Plays to a client as a file in WebSocket messages (RFC 6455). The connection is used up.
net::awaitable<void> play_websocket(Connection& connection, const RequestParser& request, Target target);
/// Takes a file as a publication, as long as it comes; gives the answer to the request.
net::awaitable<SiteReply> publish_body(Connection& connection, RequestParser& request, Target target);

/// Answers GET and HEAD with a recording: as it stands, or as FLV from the key frame at `?start=SECONDS` on.
/// None: there is no such file, and nothing was answered. Gives whether the connection can go on.
net::awaitable<std::optional<bool>> serve_file(Connection& connection, const RequestParser& request,
                                               Target target, vod::Shelf& shelf);

/// Answers GET and HEAD with a playlist, a segment or whatever else of HLS; gives whether the connection can
/// go on.
net::awaitable<bool> serve_hls(Connection& connection, const RequestParser& request, const Target& target,
                               const HlsTarget& wanted, HlsHouse& house);

/// Takes a request of an RTMPT session; gives false when the connection is to be closed.
net::awaitable<bool> serve_tunnel(Connection& connection, RequestParser& request, Tunnels& tunnels,
                                  std::string path);

/// Reads the rest of a request; none when it breaks off or has more than `most` bytes.
net::awaitable<std::optional<Bytes>> read_body(Connection& connection, RequestParser& request,
                                               std::size_t most);

/// Sends an answer; gives false when the connection is to be closed.
net::awaitable<bool> send(Connection& connection, Answer answer);

} // namespace millrace::doors
