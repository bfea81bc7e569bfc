#include "room.hpp"

#include "tunnel.hpp"
#include <millrace/crypto/hash.hpp>
#include <millrace/crypto/random.hpp>

#include <fmt/format.h>

#include <charconv>

namespace millrace::doors {
namespace {

constexpr std::size_t kWorkerDigits = 3;

} // namespace

RtspRoom::RtspRoom(RtspHouse& house, exchange::Desk& desk)
    : house_{house}, desk_{desk}, book_{[](std::span<std::uint8_t> out) { crypto::random_fill(out); },
                                        fmt::format("{:03X}", desk.worker().index()),
                                        {.sessions = house.settings().sessions,
                                         .timeout = house.settings().timeout}}
{
}

std::shared_ptr<RtspPart> RtspRoom::find(std::string_view session) const
{
    const auto found = parts_.find(session);
    return found == parts_.end() ? nullptr : found->second;
}

void RtspRoom::keep(std::shared_ptr<RtspPart> part)
{
    auto id = part->session();
    parts_[std::move(id)] = std::move(part);
}

void RtspRoom::drop(const std::string& session)
{
    // Its last owner may be one that is being told so: it goes when nobody is at work with it.
    if (const auto found = parts_.find(session); found != parts_.end()) {
        desk_.worker().post([part = std::move(found->second)] {});
        parts_.erase(found);
    }
}

std::optional<std::size_t> RtspRoom::worker_of(std::string_view session)
{
    std::size_t worker = 0;
    const auto digits = session.substr(0, kWorkerDigits);
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), worker, 16);
    const bool good = error == std::errc{} && digits.size() == kWorkerDigits &&
                      stop == digits.data() + digits.size() && session.size() > kWorkerDigits;
    return good ? std::optional{worker} : std::nullopt;
}

RtspHouse::RtspHouse(exchange::Exchange& exchange, RtspSettings settings, std::shared_ptr<RtspAccess> access,
                     vod::Shelf* films)
    : exchange_{exchange}, settings_{std::move(settings)}, access_{std::move(access)}, films_{films},
      ports_{settings_.least_port, settings_.most_port},
      secret_(32), tunnels_{std::make_unique<RtspTunnels>()}
{
    crypto::random_fill(secret_);
    for (std::size_t i = 0; i < exchange.size(); ++i) {
        rooms_.push_back(std::make_unique<RtspRoom>(*this, exchange.desk(i)));
    }
}

RtspHouse::~RtspHouse() = default;

void RtspHouse::clear()
{
    for (auto& room : rooms_) {
        room->clear();
    }
}

std::uint64_t RtspHouse::seed_of(const std::string& stream) const
{
    const auto mac = crypto::hmac_sha256(secret_, as_bytes(stream));
    std::uint64_t seed = 0;
    for (std::size_t i = 0; i < sizeof seed; ++i) {
        seed = seed << 8U | mac[i];
    }
    return seed;
}

} // namespace millrace::doors
