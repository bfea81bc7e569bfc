// Both cores of this room on the two ends of a wire that cuts bytes wherever it likes, on a clock of its own.
#pragma once

#include "peer.hpp"
#include <millrace/rtmp/client.hpp>

#include <random>

namespace millrace::rtmp {

class Conversation {
public:
    explicit Conversation(Client::Options options, unsigned seed = 1)
        : client{std::move(options), now, fill_with_counting}, server{now, fill_with_counting}, random_{seed}
    {
    }

    /// Carries bytes both ways until nobody has anything to say; answers the server's requests with yes.
    void run()
    {
        while (client.has_output() || server.has_output()) {
            deliver(client.take_output(), server);
            deliver(server.take_output(), client);
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

    template <class Core>
    void deliver(const Bytes& bytes, Core& to)
    {
        ByteView left{bytes};
        while (!left.empty() && !to.closed()) {
            const auto size = std::min<std::size_t>(left.size(), 1 + random_() % 700);
            if (const auto fed = to.feed(left.first(size), now); !fed) {
                note(to, fed.error().code());
            }
            left = left.subspan(size);
        }
    }

    void note(const Client&, std::error_code code) { client_error = code; }
    void note(const Server&, std::error_code code) { server_error = code; }

    void answer(const ServerEvent& event)
    {
        if (std::holds_alternative<ConnectRequested>(event)) {
            server.accept_connect();
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
};

} // namespace millrace::rtmp
