// Whatever a client sends, whatever our side answers and whenever: what is closed stays closed, an error
// repeats, what is held has its limits, what is said is a chunk stream that leaves the players' media alone.
#include "operations.hpp"
#include <millrace/rtmp/server.hpp>

namespace {

using namespace millrace;
using namespace millrace::rtmp;

const Server::Limits kLimits{
    .chunks = {.pending_bytes = std::size_t{1} << 20U}, .events = 32, .output_bytes = 8192};

class Session {
public:
    void run(ByteReader& in)
    {
        if ((in.u8() & 1U) != 0) {
            Bytes hello(1 + 2 * kHandshakeBlock, 0);
            hello[0] = 3;
            feed(hello);
        }
        while (!in.at_end() && steps_ < 1000) {
            ++steps_;
            step(in);
            check();
        }
        while (server_.next_event()) {
        }
        listener_.hear(server_.take_output());
        expect(listener_.media == 0);
    }

private:
    void feed(ByteView bytes)
    {
        const auto fed = server_.feed(bytes, now_);
        expect(fed || server_.closed());
        if (was_closed_) {
            expect(!fed);
            expect(error_ == std::error_code{} || fed.error() == error_);
        }
        error_ = fed ? std::error_code{} : fed.error().code();
    }

    void step(ByteReader& in)
    {
        const auto op = in.u8();
        const StreamId stream = op >> 4U;
        switch (op & 15U) {
        case 0: return feed(in.bytes(std::min<std::size_t>(in.u8(), in.remaining())));
        case 1:
        case 2: return feed(read_message(in, writer_));
        case 3: return server_.accept_connect();
        case 4: return server_.accept_publish(stream);
        case 5: return server_.refuse_publish(stream, "NetStream.Publish.BadName", "taken");
        case 6: return server_.accept_play(stream);
        case 7: return server_.refuse_play(stream, "NetStream.Play.StreamNotFound", "not there");
        case 8: return server_.end_play(stream);
        case 9:
            server_.send_shared_object(
                {.name = "chat",
                 .events = {{.action = stream == 0 ? ObjectAction::use_success : ObjectAction::clear}}});
            return play_on(in.u8(), stream);
        case 10: return listener_.hear(server_.take_output());
        case 11: return drain();
        case 12: return tick(std::chrono::seconds{in.u8()});
        case 13: return stream == 0 ? server_.disconnect("enough") : server_.accept_connect();
        case 14: return stream == 0 ? server_.reject_connect("no") : drain();
        default: return stream == 0 ? server_.close() : tick(std::chrono::seconds{1});
        }
    }

    /// What the owner of a recording says.
    void play_on(unsigned what, StreamId stream)
    {
        switch (what % 8) {
        case 0: return server_.accept_play(stream, true);
        case 1: return server_.accept_seek(stream);
        case 2: return server_.refuse_seek(stream, "no");
        case 3: return server_.switch_play(stream, what >= 128);
        case 4: return server_.complete_play(stream, 1, 2);
        case 5: return server_.begin_transition(stream, "film");
        case 6: return server_.end_transition(stream, "film");
        default: return server_.notify(stream, "status", "NetStream.Play.PublishNotify", "back");
        }
    }

    void drain()
    {
        while (const auto event = server_.next_event()) {
            if (const auto* media = std::get_if<MediaReceived>(&*event)) {
                expect(media->stream > 0);
            }
            if (const auto* length = std::get_if<StreamLengthRequested>(&*event)) {
                expect(length->path.find('/') != std::string::npos && length->path.size() <= 255);
                server_.answer_stream_length(*length, 1);
            }
            if (const auto* publish = std::get_if<PublishRequested>(&*event)) {
                expect(publish->path.find('/') != std::string::npos && publish->path.size() <= 255);
                expect(publish->path.find("..") == std::string::npos ||
                       publish->path.find("/../") == std::string::npos);
            }
        }
    }

    void tick(std::chrono::seconds after)
    {
        now_ += after;
        const bool due = now_ >= server_.deadline();
        const auto ticked = server_.tick(now_);
        expect(ticked || server_.closed());
        expect(!due || server_.closed() || server_.deadline() > now_);
    }

    void check()
    {
        expect(!was_closed_ || server_.closed());
        if (was_closed_) {
            const auto left = server_.take_output();
            expect(!silent_ || left.empty());
            listener_.hear(left);
            silent_ = true;
            expect(server_.deadline() == Clock::time_point::max());
        }
        was_closed_ = server_.closed();
    }

    Clock::time_point now_{std::chrono::hours{1}};
    Server server_{now_, fill_with_counting, kLimits};
    ChunkWriter writer_;
    Listener listener_;
    std::error_code error_;
    bool was_closed_ = false;
    bool silent_ = false; ///< Its last words were taken.
    int steps_ = 0;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    ByteReader in{ByteView{data, size}};
    Session session;
    session.run(in);
    return 0;
}
