// Sections, made whole from the packets of one PID (ISO/IEC 13818-1 §2.4.4).
#pragma once

#include "findings.hpp"
#include "psi.hpp"

namespace millrace::mpegts {

/// Payloads in, whole sections with a right CRC out.
class SectionReader {
public:
    explicit SectionReader(Findings& findings) : findings_{&findings} {}

    /// Takes the payload of one packet; `start`: a section begins in it. Calls `visit` with each whole
    /// section, without its CRC.
    template <class Visit>
    void feed(ByteView payload, bool start, const Visit& visit)
    {
        if (start) {
            const std::size_t pointer = payload.empty() ? 0 : payload[0];
            if (pointer + 1 > payload.size()) {
                findings_->count("bad_section");
                return gap();
            }
            take(payload.subspan(1, pointer), visit);
            gap();
            running_ = true;
            payload = payload.subspan(1 + pointer);
        }
        take(payload, visit);
    }

    /// What was begun is lost.
    void gap()
    {
        held_.clear();
        running_ = false;
    }

private:
    static constexpr std::size_t kHeadBytes = 3;
    static constexpr std::size_t kCrcBytes = 4;
    static constexpr std::uint8_t kStuffing = 0xff;

    template <class Visit>
    void take(ByteView bytes, const Visit& visit)
    {
        if (!running_) {
            return;
        }
        held_.insert(held_.end(), bytes.begin(), bytes.end());
        while (running_ && held_.size() >= kHeadBytes) {
            if (held_[0] == kStuffing) {
                return gap();
            }
            const auto whole = kHeadBytes + ((held_[1] & 0x0fU) << 8U | held_[2]);
            if (held_.size() < whole) {
                return;
            }
            const auto section = ByteView{held_}.first(whole);
            if (whole < kHeadBytes + kCrcBytes || crc32(section) != 0) {
                findings_->count("bad_crc");
            } else {
                visit(section.first(whole - kCrcBytes));
            }
            held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(whole));
        }
    }

    Findings* findings_;
    Bytes held_; ///< Of the section in the making: less than 4 KiB and a packet.
    bool running_ = false;
};

} // namespace millrace::mpegts
