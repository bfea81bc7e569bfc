// Whatever a server sends, whatever is published and whenever: a session starts once, ends once, stays
// closed, and what it says is a chunk stream.
#include "operations.hpp"
#include <millrace/rtmp/client.hpp>

namespace {

using namespace millrace;
using namespace millrace::rtmp;

const Client::Limits kLimits{
    .chunks = {.pending_bytes = std::size_t{1} << 20U}, .events = 32, .output_bytes = 8192};

class Session {
public:
    explicit Session(std::uint8_t kind)
        : client_{{.role = (kind & 0x80U) != 0 ? Client::Role::connect
                           : (kind & 1U) != 0  ? Client::Role::publish
                                               : Client::Role::play,
                   .app = "live",
                   .tc_url = "rtmp://h/live",
                   .name = "cam",
                   .digest = (kind & 2U) != 0 ? DigestLayout::d8 : DigestLayout::none,
                   .chunk_size = 1U + (kind >> 3U) * 50U,
                   .amf3 = (kind & 0x40U) != 0},
                  now_,
                  fill_with_counting,
                  kLimits}
    {
        if ((kind & 4U) != 0) {
            ServerHandshake handshake{fill_with_counting};
            const auto hello = client_.take_output();
            listener_.hear(hello);
            expect(handshake.feed(hello).has_value());
            feed(handshake.take_output());
        }
    }

    void run(ByteReader& in)
    {
        for (int steps = 0; !in.at_end() && steps < 1000; ++steps) {
            step(in);
            expect(!was_closed_ || client_.closed());
            was_closed_ = client_.closed();
        }
        drain();
        while (client_.has_output()) {
            const auto said = client_.take_output(1);
            expect(!said.empty());
            listener_.hear(said);
        }
        expect(client_.backlog() == 0);
    }

private:
    void feed(ByteView bytes)
    {
        const auto fed = client_.feed(bytes, now_);
        expect(fed || client_.closed());
        expect(!was_closed_ || !fed);
    }

    void send(ByteReader& in, MessageType type)
    {
        const auto first = in.u8();
        const std::size_t size = in.u16();
        const auto before = client_.backlog();
        client_.send(type, in.u32(), Bytes{first}, SharedBytes{Bytes(size, first)});
        expect(client_.backlog() >= before);
    }

    void step(ByteReader& in)
    {
        switch (in.u8() & 15U) {
        case 0: return feed(in.bytes(std::min<std::size_t>(in.u8(), in.remaining())));
        case 1:
        case 2:
        case 3: return feed(read_message(in, writer_));
        case 4: return send(in, MessageType::audio);
        case 5: return send(in, MessageType::video);
        case 6: return send(in, MessageType::data);
        case 7: {
            const auto before = client_.backlog();
            const auto dropped = client_.drop_video();
            return expect(dropped == 0 || client_.backlog() < before);
        }
        case 8:
        case 9: return listener_.hear(client_.take_output(in.u16()));
        case 10: return drain();
        case 11: return tick(std::chrono::seconds{in.u8()});
        case 12: return client_.close();
        case 13: return use_objects(in.u8());
        default: return drain();
        }
    }

    void use_objects(std::uint8_t what)
    {
        const std::string name(1, static_cast<char>('a' + (what >> 4U)));
        switch (what & 7U) {
        case 0:
        case 1: return client_.use_object(name, (what & 8U) != 0);
        case 2: return client_.release_object(name);
        case 3: return client_.remove_from_object(name, "slot");
        case 4: return client_.clear_object(name);
        case 5: return client_.call_object(name, "hello", {what});
        default: return client_.change_object(name, "slot", std::string(what, 'x'));
        }
    }

    void drain()
    {
        while (const auto event = client_.next_event()) {
            const bool starts = std::holds_alternative<Started>(*event);
            const bool ends =
                std::holds_alternative<Ended>(*event) || std::holds_alternative<Refused>(*event);
            // What a server says beside the stream may come before it.
            const bool beside = std::holds_alternative<Noticed>(*event) ||
                                std::holds_alternative<ReconnectRequested>(*event) ||
                                std::holds_alternative<SharedObjectArrived>(*event);
            expect(!ended_ && !(starts && started_) &&
                   (started_ || starts || beside || std::holds_alternative<Refused>(*event)));
            started_ = started_ || starts;
            ended_ = ends;
        }
    }

    void tick(std::chrono::seconds after)
    {
        now_ += after;
        const bool due = now_ >= client_.deadline();
        const auto ticked = client_.tick(now_);
        expect(ticked || client_.closed());
        expect(!due || client_.closed());
    }

    Clock::time_point now_{std::chrono::hours{1}};
    Listener listener_;
    Client client_;
    ChunkWriter writer_;
    bool was_closed_ = false;
    bool started_ = false;
    bool ended_ = false;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    ByteReader in{ByteView{data, size}};
    Session session{in.u8()};
    session.run(in);
    return 0;
}
