// Both cores of this room on the two ends of a wire that cuts bytes wherever it likes, on a clock of its own.
#pragma once

#include "peer.hpp"
#include <millrace/rtmp/client.hpp>

#include <functional>
#include <random>
#include <utility>

namespace millrace::rtmp {

class Conversation {
public:
    explicit Conversation(Client::Options options, unsigned seed = 1)
        : client{std::move(options), now, fill_with_counting},
          server{now, fill_with_counting, {}, {.encryption = true}}, random_{seed}
    {
    }

    /// Carries bytes both ways until nobody has anything to say; answers the server's requests with yes.
    void run()
    {
        for (;;) {
            collect(client, from_client_);
            collect(server, from_server_);
            if (from_client_.wire.empty() && from_server_.wire.empty()) {
                break;
            }
            deliver(std::exchange(from_client_.wire, {}), server, from_server_);
            deliver(std::exchange(from_server_.wire, {}), client, from_client_);
            while (auto event = server.next_event()) {
                answer(*event);
                server_events.push_back(std::move(*event));
            }
            while (auto event = client.next_event()) {
                client_events.push_back(std::move(*event));
            }
        }
    }

    /// Events of one kind that the server gave, in order.
    template <class Event>
    std::vector<Event> from_server() const
    {
        return only<Event>(server_events);
    }

    template <class Event>
    std::vector<Event> from_client() const
    {
        return only<Event>(client_events);
    }

    Clock::time_point now{std::chrono::hours{1}};
    Client client;
    Server server;
    std::vector<ServerEvent> server_events;
    std::vector<ClientEvent> client_events;
    std::string refusal; ///< When not empty, publish and play are refused with it.
    std::function<void(const ConnectRequested&)> on_connect; ///< Answers connect; without it: yes.
    std::error_code client_error;
    std::error_code server_error;

private:
    template <class Event, class Events>
    static std::vector<Event> only(const Events& events)
    {
        std::vector<Event> found;
        for (const auto& event : events) {
            if (const auto* match = std::get_if<Event>(&event)) {
                found.push_back(*match);
            }
        }
        return found;
    }

    /// What a core has said and the wire has not yet carried.
    struct End {
        Bytes wire;
        std::optional<OutputCipher> cipher;
    };

    /// What a transport does after each feed.
    template <class Core>
    static void collect(Core& core, End& end)
    {
        append(core.take_output(), end);
        if (auto cipher = core.take_output_cipher()) {
            end.cipher = std::move(cipher);
            append(core.take_output(), end);
        }
    }

    static void append(Bytes bytes, End& end)
    {
        if (end.cipher) {
            end.cipher->apply(bytes);
        }
        end.wire.insert(end.wire.end(), bytes.begin(), bytes.end());
    }

    template <class Core>
    void deliver(const Bytes& bytes, Core& to, End& answers)
    {
        ByteView left{bytes};
        while (!left.empty() && !to.closed()) {
            const auto size = std::min<std::size_t>(left.size(), 1 + random_() % 700);
            if (const auto fed = to.feed(left.first(size), now); !fed) {
                note(to, fed.error().code());
            }
            collect(to, answers);
            left = left.subspan(size);
        }
    }

    void note(const Client&, std::error_code code) { client_error = code; }
    void note(const Server&, std::error_code code) { server_error = code; }

    void answer(const ServerEvent& event)
    {
        if (const auto* connect = std::get_if<ConnectRequested>(&event)) {
            on_connect ? on_connect(*connect) : server.accept_connect();
        } else if (const auto* publish = std::get_if<PublishRequested>(&event)) {
            if (refusal.empty()) {
                server.accept_publish(publish->stream);
            } else {
                server.refuse_publish(publish->stream, "NetStream.Publish.BadName", refusal);
            }
        } else if (const auto* play = std::get_if<PlayRequested>(&event)) {
            if (refusal.empty()) {
                server.accept_play(play->stream);
            } else {
                server.refuse_play(play->stream, "NetStream.Play.StreamNotFound", refusal);
            }
        }
    }

    std::minstd_rand random_;
    End from_client_;
    End from_server_;
};

} // namespace millrace::rtmp
