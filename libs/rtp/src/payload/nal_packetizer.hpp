// What the packetizers of H.264 and H.265 have alike.
#pragma once

#include <millrace/rtp/payload/packetizer.hpp>

namespace millrace::rtp {

/// An aggregate of the sets: `header`, then each after its length of two bytes. Several when they do not fit
/// into one; a set that fits into none goes alone, or in fragments by the caller's `big`.
template <class Big>
void send_sets(const std::vector<Bytes>& sets, ByteView header, std::size_t most, std::uint32_t timestamp,
               PayloadSink& sink, Big big)
{
    std::size_t at = 0;
    while (at < sets.size()) {
        Bytes payload = to_bytes(header);
        std::size_t taken = 0;
        while (at + taken < sets.size() && payload.size() + 2 + sets[at + taken].size() <= most) {
            const auto& set = sets[at + taken];
            payload.push_back(static_cast<std::uint8_t>(set.size() >> 8U));
            payload.push_back(static_cast<std::uint8_t>(set.size()));
            payload.insert(payload.end(), set.begin(), set.end());
            ++taken;
        }
        if (taken >= 2) {
            const ByteView part{payload};
            sink.add(timestamp, false, {&part, 1});
            at += taken;
        } else {
            big(sets[at]);
            ++at;
        }
    }
}

} // namespace millrace::rtp
