#include "hls_source.hpp"

#include <boost/asio/co_spawn.hpp>
#include <fmt/format.h>

#include <utility>

namespace millrace::clients {
namespace {

std::string text_of(const Url& url)
{
    auto text = fmt::format("{}://{}{}", name(url.scheme), url.authority(), url.target());
    return text;
}

hls::Client::Limits limits_of(const Source::Limits& limits)
{
    hls::Client::Limits wanted;
    wanted.patience = limits.answer;
    wanted.unchanged = limits.silence;
    return wanted;
}

} // namespace

/// What the coroutine shares that fetches while another takes frames.
struct HlsSource::State {
    State(const net::asio::any_io_executor& on, const Url& url, Limits with)
        : core{text_of(url), limits_of(with)}, fetcher{on, url}, limits{with}, news{on}, wait{on}, pause{on}
    {
    }

    net::awaitable<void> fetch_all();

    hls::Client core;
    HttpFetcher fetcher;
    Limits limits;
    net::Notice news;              ///< Rung when something was fetched, or it is over.
    net::asio::steady_timer wait;  ///< Of the fetching, until the core wants more.
    net::asio::steady_timer pause; ///< Of the giving, until a frame is due.
    Pacer pacer;
    Timeline timeline;
    bool stopping = false;
    bool fetching = false;
};

net::awaitable<void> HlsSource::State::fetch_all()
{
    while (!stopping && !core.over()) {
        auto wanted = core.next(Clock::now());
        if (!wanted) {
            if (core.over()) {
                break;
            }
            wait.expires_at(core.deadline());
            co_await wait.async_wait(net::kNoThrow);
            continue;
        }
        auto answer = co_await fetcher.get(std::move(*wanted), limits.connect);
        if (const auto* fetched = std::get_if<Fetched>(&answer)) {
            core.got(fetched->url, fetched->body, Clock::now());
        } else {
            const auto& failure = std::get<NotFetched>(answer);
            core.failed(failure.why, failure.gone, Clock::now());
        }
        news.notify();
    }
    fetching = false;
    news.notify();
}

HlsSource::HlsSource(const net::asio::any_io_executor& executor, Url url, Limits limits)
    : state_{std::make_shared<State>(executor, url, limits)}, limits_{limits}
{
}

HlsSource::~HlsSource()
{
    state_->stopping = true;
    state_->fetcher.cancel();
    state_->wait.cancel();
}

bool HlsSource::takes(const Url& url)
{
    return (url.scheme == Scheme::http || url.scheme == Scheme::https) &&
           (url.path.ends_with(".m3u8") || url.path.ends_with(".m3u"));
}

net::awaitable<Outcome> HlsSource::open()
{
    const auto state = state_;
    state->fetching = true;
    const auto executor = co_await net::asio::this_coro::executor;
    net::asio::co_spawn(
        executor, [state]() -> net::awaitable<void> { co_await state->fetch_all(); }, net::kDetached);
    while (state->fetching && !state->core.begun()) {
        co_await state->news.wait();
    }
    if (!state->core.begun()) {
        co_return Outcome{state->core.why().empty() ? "stopped" : state->core.why()};
    }
    co_return Outcome{};
}

net::awaitable<std::optional<media::Item>> HlsSource::next()
{
    const auto state = state_;
    for (;;) {
        while (const auto warning = state->core.next_warning()) {
            warn(*warning);
        }
        bytes_ = state->fetcher.bytes();
        if (state->stopping) {
            while (state->fetching) {
                co_await state->news.wait();
            }
            co_return std::nullopt;
        }
        auto item = state->core.next_item();
        if (!item) {
            if (!state->fetching) {
                outcome_ = {state->core.why()};
                co_return std::nullopt;
            }
            state->wait.cancel(); // there is room again for more
            co_await state->news.wait();
            continue;
        }
        const auto* frame = std::get_if<media::Frame>(&*item);
        if (frame != nullptr && (limits_.paced || state->core.live())) {
            const auto due = state->pacer.due(state->timeline.map(*frame, Clock::now()), Clock::now());
            while (!state->stopping && Clock::now() < due) {
                state->pause.expires_at(due);
                co_await state->pause.async_wait(net::kNoThrow);
            }
        }
        co_return item;
    }
}

void HlsSource::stop()
{
    state_->stopping = true;
    state_->fetcher.cancel();
    state_->wait.cancel();
    state_->pause.cancel();
    state_->news.notify();
}

} // namespace millrace::clients
