#include "hls_stream.hpp"
#include <millrace/crypto/random.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>

namespace millrace::doors {
namespace {

constexpr std::size_t kMostNumbers = 100000; ///< Streams whose numbers are remembered.
constexpr std::size_t kMostKnown = 10000;    ///< Streams that a worker remembers where to find.

std::string make_token()
{
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::array<std::uint8_t, 4> random{};
    crypto::random_fill(random);
    std::string token;
    for (const auto byte : random) {
        token.push_back(kDigits[byte >> 4U]);
        token.push_back(kDigits[byte & 0xfU]);
    }
    return token;
}

} // namespace

HlsHouse::HlsHouse(exchange::Exchange& exchange, HlsSettings settings, std::uint64_t first_msn,
                   std::uint64_t first_discontinuity)
    : exchange_{exchange}, settings_{std::move(settings)},
      rooms_(exchange.size()), first_{first_msn, first_discontinuity}
{
}

HlsHouse::~HlsHouse() = default;

std::shared_ptr<HlsStream> HlsHouse::known(const exchange::Desk& desk, const std::string& stream,
                                           hls::Container container) const
{
    const auto& room = rooms_[const_cast<exchange::Desk&>(desk).worker().index()];
    const auto at = room.known.find(HlsStream::key_of(stream, container));
    auto found = at == room.known.end() ? nullptr : at->second.lock();
    return found && !found->closed() ? found : nullptr;
}

net::awaitable<Result<std::shared_ptr<HlsStream>>> HlsHouse::get(exchange::Desk& desk, std::string stream,
                                                                 hls::Container container, std::string route,
                                                                 std::string* why)
{
    const auto located = co_await exchange_.locate(stream, std::move(route), why);
    if (!located) {
        co_return Unexpected{located.error()};
    }
    auto* home = *located;
    auto find = [this, home, &stream, container]() -> std::shared_ptr<HlsStream> {
        const auto source = home->find(stream);
        if (!source || !source->home() || source->over()) {
            return nullptr;
        }
        return make(*home, source, container);
    };
    auto found = co_await net::run_on(home->worker(), find);
    if (!found) {
        co_return Unexpected{exchange::Errc::no_such_stream};
    }
    auto& room = rooms_[desk.worker().index()];
    if (room.known.size() >= kMostKnown) {
        std::erase_if(room.known, [](const auto& entry) { return entry.second.expired(); });
    }
    room.known[found->key()] = found;
    co_return found;
}

/// On the home's worker.
std::shared_ptr<HlsStream> HlsHouse::make(exchange::Desk& home,
                                          const std::shared_ptr<exchange::LocalStream>& source,
                                          hls::Container container)
{
    auto& room = rooms_[home.worker().index()];
    const auto& name = source->stream().name();
    auto& held = room.home[HlsStream::key_of(name, container)];
    if (!held || held->closed()) {
        auto cut = settings_.cut;
        cut.container = container;
        auto start = begin(HlsStream::key_of(name, container));
        const auto gop = source->ingest().quality(Clock::now()).gop_seconds;
        start.gop = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(gop));
        held = std::make_shared<HlsStream>(*this, home, name, cut, std::move(start));
        held->attach(source);
        home.worker().spawn(held->keep_house());
        spdlog::info("{}: is cut for HLS as {}", name, container == hls::Container::ts ? "MPEG-TS" : "fMP4");
    }
    if (held->over()) {
        held->attach(source);
    }
    return held;
}

void HlsHouse::claimed(const std::shared_ptr<exchange::LocalStream>& stream)
{
    if (!settings_.enabled) {
        return;
    }
    for (std::size_t i = 0; i < rooms_.size(); ++i) {
        auto& home = exchange_.desk(i);
        if (!home.worker().context().get_executor().running_in_this_thread()) {
            continue;
        }
        for (const auto container : {hls::Container::fmp4, hls::Container::ts}) {
            const auto held = rooms_[i].home.contains(HlsStream::key_of(stream->stream().name(), container));
            if (held || (settings_.at_publication && container == settings_.cut.container)) {
                make(home, stream, container);
            }
        }
    }
}

hls::Start HlsHouse::begin(const std::string& key)
{
    const std::scoped_lock lock{mutex_};
    hls::Start start{.msn = first_.msn, .discontinuity = first_.discontinuity, .token = make_token()};
    if (const auto at = given_.find(key); at != given_.end()) {
        start.msn = std::max(start.msn, at->second.msn);
        start.discontinuity = std::max(start.discontinuity, at->second.discontinuity);
        start.continues = true;
    }
    return start;
}

void HlsHouse::note(const std::string& key, std::uint64_t next_msn, std::uint64_t discontinuity)
{
    const std::scoped_lock lock{mutex_};
    if (given_.size() >= kMostNumbers && !given_.contains(key)) {
        // What is forgotten must still never come again.
        for (const auto& [name, numbers] : given_) {
            first_.msn = std::max(first_.msn, numbers.msn);
            first_.discontinuity = std::max(first_.discontinuity, numbers.discontinuity);
        }
        given_.clear();
    }
    given_[key] = {next_msn, discontinuity};
}

void HlsHouse::forget(exchange::Desk& home, const HlsStream& stream)
{
    auto& room = rooms_[home.worker().index()];
    const auto at = room.home.find(stream.key());
    if (at != room.home.end() && at->second.get() == &stream) {
        room.home.erase(at);
    }
}

net::awaitable<std::vector<HlsReport>> HlsHouse::report()
{
    std::vector<HlsReport> all;
    for (std::size_t i = 0; i < rooms_.size(); ++i) {
        auto gather = [this, i] {
            std::vector<HlsReport> part;
            for (const auto& [key, stream] : rooms_[i].home) {
                part.push_back(stream->report());
            }
            return part;
        };
        auto part = co_await net::run_on(exchange_.desk(i).worker(), gather);
        std::ranges::move(part, std::back_inserter(all));
    }
    std::ranges::sort(all, {}, &HlsReport::stream);
    co_return all;
}

std::pair<std::uint64_t, std::uint64_t> HlsHouse::numbers()
{
    auto most = first_;
    for (const auto& room : rooms_) {
        for (const auto& [key, stream] : room.home) {
            note(key, stream->packager().next_msn(), stream->packager().discontinuities());
        }
    }
    for (const auto& [key, numbers] : given_) {
        most.msn = std::max(most.msn, numbers.msn);
        most.discontinuity = std::max(most.discontinuity, numbers.discontinuity);
    }
    return {most.msn, most.discontinuity};
}

void HlsHouse::clear()
{
    for (auto& room : rooms_) {
        for (auto& [key, stream] : room.home) {
            stream->shut();
        }
        room.home.clear();
        room.known.clear();
    }
}

} // namespace millrace::doors
