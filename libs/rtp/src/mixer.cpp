#include <millrace/rtp/mixer.hpp>

#include <algorithm>

namespace millrace::rtp {
namespace {

constexpr std::size_t kMostNames = 256; ///< Of sources, that are remembered.

} // namespace

void Mixer::contribute(const Packet& packet)
{
    // A mixer that is mixed passes its contributors on (RFC 3550 §7.3).
    auto sources = packet.csrc;
    sources.insert(sources.begin(), packet.ssrc);
    for (const auto ssrc : sources) {
        if (contributors_.size() < kMostSources && std::ranges::count(contributors_, ssrc) == 0 &&
            ssrc != options_.ssrc) {
            contributors_.push_back(ssrc);
        }
    }
}

void Mixer::describe(const rtcp::Sdes& sdes)
{
    for (const auto& chunk : sdes.chunks) {
        for (const auto& item : chunk.items) {
            if (item.type == rtcp::SdesType::cname &&
                (names_.contains(chunk.ssrc) || names_.size() < kMostNames)) {
                names_[chunk.ssrc] = item.text;
            }
        }
    }
}

void Mixer::leave(std::uint32_t ssrc)
{
    names_.erase(ssrc);
    std::erase(contributors_, ssrc);
}

Packet Mixer::mix(std::uint32_t timestamp, bool marker, SharedBytes payload)
{
    ++packets_;
    octets_ += static_cast<std::uint32_t>(payload.size());
    return {.marker = marker,
            .payload_type = options_.payload_type,
            .sequence = next_++,
            .timestamp = timestamp,
            .ssrc = options_.ssrc,
            .csrc = std::exchange(contributors_, {}),
            .payload = std::move(payload)};
}

std::vector<rtcp::Packet> Mixer::report(NtpTime ntp, std::uint32_t timestamp) const
{
    rtcp::Sdes sdes{{{options_.ssrc, {{rtcp::SdesType::cname, options_.cname}}}}};
    for (const auto& [ssrc, name] : names_) {
        if (sdes.chunks.size() < rtcp::kMostBlocks) {
            sdes.chunks.push_back({ssrc, {{rtcp::SdesType::cname, name}}});
        }
    }
    return {rtcp::SenderReport{
                .ssrc = options_.ssrc, .ntp = ntp, .rtp = timestamp, .packets = packets_, .octets = octets_},
            std::move(sdes)};
}

Packet Translator::pass(Packet packet) const
{
    if (const auto type = types_.find(packet.payload_type); type != types_.end()) {
        packet.payload_type = type->second;
    }
    return packet;
}

Packet Translator::pass(Packet packet, SharedBytes payload)
{
    grown_[packet.ssrc] +=
        static_cast<std::int64_t>(payload.size()) - static_cast<std::int64_t>(packet.payload.size());
    packet.payload = std::move(payload);
    return pass(std::move(packet));
}

rtcp::Packet Translator::pass(rtcp::Packet report) const
{
    if (auto* sender = std::get_if<rtcp::SenderReport>(&report)) {
        if (const auto grown = grown_.find(sender->ssrc); grown != grown_.end()) {
            sender->octets += static_cast<std::uint32_t>(grown->second);
        }
    }
    return report;
}

} // namespace millrace::rtp
