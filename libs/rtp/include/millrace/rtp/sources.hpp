// Who sends under which SSRC: collisions and loops (RFC 3550 §8.2).
#pragma once

#include <millrace/base/clock.hpp>

#include <cstdint>
#include <map>
#include <string>

namespace millrace::rtp {

/// Remembers from which address each source comes, and finds two under one name, and our own packets coming
/// back.
class Sources {
public:
    enum class Verdict : std::uint8_t {
        fine,
        taken, ///< Of another address than the source of that name: a third party's collision or loop. Drop
               ///< it.
        collision, ///< Somebody else has our SSRC: say BYE, and go on under another (rename()).
        loop,      ///< Our own packets come back. Drop it.
    };

    struct Limits {
        std::size_t sources = 4096;
        std::size_t conflicts = 64;
        std::chrono::nanoseconds forget = std::chrono::seconds{50}; ///< Ten intervals of reports.
    };

    explicit Sources(std::uint32_t ours) : Sources{ours, Limits{}} {}
    Sources(std::uint32_t ours, Limits limits) : ours_{ours}, limits_{limits} {}

    /// A packet of that source came from that address, in whatever form addresses are told apart.
    Verdict heard(std::uint32_t ssrc, const std::string& address, Clock::time_point now);
    /// The address of our own packets as others see it: what comes from there under our name is a loop.
    void set_own_address(std::string address) { own_address_ = std::move(address); }
    /// A source said BYE.
    void forget(std::uint32_t ssrc) { sources_.erase(ssrc); }
    /// Takes a new name after a collision. Expects: `candidate` is random.
    void rename(std::uint32_t candidate);

    std::uint32_t ours() const { return ours_; }
    bool known(std::uint32_t ssrc) const { return sources_.contains(ssrc); }
    std::uint64_t collisions() const { return collisions_; }
    std::uint64_t loops() const { return loops_; }

private:
    struct Source {
        std::string address;
        Clock::time_point heard{};
    };

    std::uint32_t ours_;
    Limits limits_;
    std::string own_address_;
    std::map<std::uint32_t, Source> sources_;
    std::map<std::string, Clock::time_point> conflicts_; ///< Addresses that came under our name.
    std::uint64_t collisions_ = 0;
    std::uint64_t loops_ = 0;
};

} // namespace millrace::rtp
