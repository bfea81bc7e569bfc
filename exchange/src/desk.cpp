#include <millrace/exchange/desk.hpp>
#include <millrace/exchange/exchange.hpp>

#include <charconv>

namespace millrace::exchange {
namespace {

constexpr std::size_t kInboxBytes = std::size_t{256} * 1024;
constexpr std::uint64_t kNumberBits = 48;
constexpr std::chrono::seconds kHousekeeping{1};

} // namespace

std::string_view name(Role role)
{
    switch (role) {
    case Role::idle: return "idle";
    case Role::publisher: return "publisher";
    case Role::viewer: return "viewer";
    }
    return "unknown";
}

std::string session_id(std::uint64_t number)
{
    return "s" + std::to_string(worker_of(number)) + "-" +
           std::to_string(number & ((std::uint64_t{1} << kNumberBits) - 1));
}

std::optional<std::uint64_t> parse_session_id(std::string_view id)
{
    const auto dash = id.find('-');
    if (id.empty() || id[0] != 's' || dash == std::string_view::npos) {
        return std::nullopt;
    }
    std::uint64_t worker = 0;
    std::uint64_t number = 0;
    const auto parse = [](std::string_view text, std::uint64_t& value) {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        return error == std::errc{} && end == text.data() + text.size();
    };
    if (!parse(id.substr(1, dash - 1), worker) || !parse(id.substr(dash + 1), number) || worker > 0xffff ||
        number >> kNumberBits != 0) {
        return std::nullopt;
    }
    return worker << kNumberBits | number;
}

std::size_t worker_of(std::uint64_t session)
{
    return session >> kNumberBits;
}

Desk::Desk(Exchange& exchange, net::Worker& worker, const Settings& settings)
    : exchange_{exchange}, worker_{worker}, settings_{settings}, inbox_(kInboxBytes)
{
}

std::uint64_t Desk::enter(Session& session)
{
    const auto number = static_cast<std::uint64_t>(worker_.index()) << kNumberBits | ++last_session_;
    sessions_.emplace(number, &session);
    return number;
}

void Desk::leave(std::uint64_t number)
{
    sessions_.erase(number);
}

void Desk::disconnect(std::uint64_t number, std::string_view reason)
{
    if (const auto at = sessions_.find(number); at != sessions_.end()) {
        at->second->disconnect(reason);
    }
}

std::shared_ptr<LocalStream> Desk::find(const std::string& name) const
{
    const auto at = streams_.find(name);
    return at == streams_.end() ? nullptr : at->second;
}

std::shared_ptr<LocalStream> Desk::make(const std::string& name, bool home)
{
    auto stream = std::make_shared<LocalStream>(*this, name, home, settings_);
    streams_[name] = stream;
    return stream;
}

void Desk::drop(const LocalStream& stream)
{
    const auto at = streams_.find(stream.stream().name());
    if (at == streams_.end() || at->second.get() != &stream) {
        return;
    }
    if (stream.home()) {
        exchange_.forget(stream.stream().name(), *this);
    } else if (auto* home = exchange_.home_of(stream.stream().name(), nullptr)) {
        home->worker().post([home, this, number = stream.subscription, name = stream.stream().name()] {
            if (const auto there = home->find(name)) {
                there->unsubscribe(*this, number);
            }
        });
    }
    streams_.erase(at);
}

void Desk::clear()
{
    for (const auto& [name, stream] : streams_) {
        stream->shut();
    }
    streams_.clear();
}

void Desk::count(std::string_view name, std::string_view reason, std::uint64_t amount)
{
    counters_[{std::string{name}, std::string{reason}}] += amount;
}

net::awaitable<void> Desk::housekeep()
{
    net::asio::steady_timer timer{worker_.context()};
    for (;;) {
        timer.expires_after(kHousekeeping);
        co_await timer.async_wait(net::kNoThrow);
        std::vector<std::shared_ptr<LocalStream>> streams;
        for (const auto& [name, stream] : streams_) {
            streams.push_back(stream);
        }
        for (const auto& stream : streams) {
            stream->housekeep(Clock::now());
        }
        const auto sessions = sessions_; // A session may leave when told the time.
        for (const auto& [number, session] : sessions) {
            if (sessions_.contains(number)) {
                session->tick(Clock::now());
            }
        }
    }
}

} // namespace millrace::exchange
