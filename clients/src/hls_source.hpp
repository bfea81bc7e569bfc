// A stream that is played over HLS.
#pragma once

#include "http_fetch.hpp"
#include <millrace/clients/pacing.hpp>
#include <millrace/clients/source.hpp>
#include <millrace/net/notice.hpp>

namespace millrace::clients {

/// Fetches what the client core wants. What is live is given on as fast as it is watched; what is recorded
/// too, where the limits say so.
class HlsSource final : public Source {
public:
    HlsSource(const net::asio::any_io_executor& executor, Url url, Limits limits);
    ~HlsSource() override;
    HlsSource(const HlsSource&) = delete;
    HlsSource& operator=(const HlsSource&) = delete;

    /// Whether a URL is that of a playlist.
    static bool takes(const Url& url);

    net::awaitable<Outcome> open() override;
    net::awaitable<std::optional<media::Item>> next() override;
    void stop() override;

private:
    struct State;
    std::shared_ptr<State> state_;
    Limits limits_;
};

} // namespace millrace::clients
