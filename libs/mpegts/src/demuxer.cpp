#include "packet_finder.hpp"
#include "pes_reader.hpp"
#include "section_reader.hpp"

#include <algorithm>

namespace millrace::mpegts {
namespace {

constexpr std::int64_t kClockRate = 27'000'000;
constexpr std::int64_t kClockWrap = (kTimestampMask + 1) * 300;

std::string program_name(std::uint16_t number)
{
    return "program " + std::to_string(number);
}

/// What the head of one packet tells (ISO/IEC 13818-1 §2.4.3.2 to §2.4.3.5).
struct PacketHead {
    std::uint16_t pid = 0;
    bool broken = false;
    bool start = false;
    bool scrambled = false;
    bool discontinuity = false;
    std::uint8_t counter = 0;
    std::optional<std::int64_t> pcr;
    std::optional<ByteView> payload;
};

PacketHead read_head(ByteView packet)
{
    PacketHead head{.pid = static_cast<std::uint16_t>((packet[1] & 0x1fU) << 8U | packet[2]),
                    .broken = (packet[1] & 0x80U) != 0,
                    .start = (packet[1] & 0x40U) != 0,
                    .scrambled = (packet[3] & 0xc0U) != 0,
                    .counter = static_cast<std::uint8_t>(packet[3] & 15U)};
    auto rest = packet.subspan(4);
    if ((packet[3] & 0x20U) != 0) {
        const std::size_t size = rest[0];
        if (size + 1 > rest.size()) {
            head.broken = true;
            return head;
        }
        const auto field = rest.subspan(1, size);
        head.discontinuity = size > 0 && (field[0] & 0x80U) != 0;
        if (size >= 7 && (field[0] & 0x10U) != 0) {
            head.pcr = read_pcr(field.data() + 1);
        }
        rest = rest.subspan(1 + size);
    }
    if ((packet[3] & 0x10U) != 0) {
        head.payload = rest;
    }
    return head;
}

/// Continuity of one PID (§2.4.3.3).
struct Continuity {
    std::optional<std::uint8_t> last;
    bool repeated = false;
};

} // namespace

struct Demuxer::State {
    explicit State(Limits limits) : finder{limits.search} { findings.limits = limits; }

    PacketFinder finder;
    Findings findings;
    std::optional<Error> failed;
    std::map<std::uint16_t, Continuity> continuity; ///< By PID, of those that are read.
    std::optional<SectionReader> pat;
    struct Program {
        std::uint16_t pid = 0;
        SectionReader sections;
        bool named = false; ///< In a warning.
    };
    std::map<std::uint16_t, Program> programs; ///< By number.
    std::optional<std::uint16_t> chosen;       ///< Program number.
    std::optional<ProgramMap> map;             ///< Of the program that is read.
    struct Stream {
        ProgramStream told;
        std::unique_ptr<PesReader> reader;
    };
    std::map<std::uint16_t, Stream> streams;   ///< By PID.
    std::map<std::uint16_t, std::uint8_t> klv; ///< PIDs with metadata that is counted only.
    Timeline timeline;
    std::optional<std::int64_t> pcr;

    void read(ByteView packet)
    {
        findings.offset = finder.offset();
        const auto head = read_head(packet);
        if (head.broken) {
            return findings.count("broken_packets");
        }
        if (map && head.pid == map->pcr_pid && head.pcr) {
            see_clock(*head.pcr, head.discontinuity);
        }
        if (!is_read(head.pid)) {
            return;
        }
        if (head.discontinuity) {
            continuity.erase(head.pid);
        }
        if (!head.payload || !follows(head)) {
            return;
        }
        if (head.scrambled) {
            gap(head.pid);
            return findings.count("scrambled_packets");
        }
        route(head);
    }

    bool is_read(std::uint16_t pid) const
    {
        return pid == kPatPid || streams.contains(pid) || klv.contains(pid) ||
               std::ranges::any_of(programs, [pid](const auto& one) { return one.second.pid == pid; });
    }

    /// Keeps count of one PID's packets; false for one that was sent twice.
    bool follows(const PacketHead& head)
    {
        auto& seen = continuity[head.pid];
        const auto last = std::exchange(seen.last, head.counter);
        if (!last || head.counter == ((*last + 1U) & 15U)) {
            seen.repeated = false;
            return true;
        }
        if (head.counter == *last && !seen.repeated) {
            seen.repeated = true;
            findings.count("repeated_packets");
            return false;
        }
        seen.repeated = false;
        findings.count("lost_packets");
        gap(head.pid);
        return true;
    }

    void gap(std::uint16_t pid)
    {
        if (const auto stream = streams.find(pid); stream != streams.end()) {
            stream->second.reader->gap();
        } else if (pid == kPatPid && pat) {
            pat->gap();
        }
        for (auto& [number, program] : programs) {
            if (program.pid == pid) {
                program.sections.gap();
            }
        }
    }

    void route(const PacketHead& head)
    {
        if (const auto stream = streams.find(head.pid); stream != streams.end()) {
            return stream->second.reader->feed(*head.payload, head.start);
        }
        if (klv.contains(head.pid)) {
            return findings.count("klv_ignored", head.start ? 1 : 0);
        }
        if (head.pid == kPatPid) {
            if (!pat) {
                pat.emplace(findings);
            }
            std::vector<Association> told;
            pat->feed(*head.payload, head.start, [&told, this](ByteView section) {
                if (const auto read = read_program_associations(section)) {
                    told.insert(told.end(), read->begin(), read->end());
                } else {
                    findings.count("bad_section");
                }
            });
            if (!told.empty()) {
                learn(told);
            }
            return;
        }
        std::optional<ProgramMap> told; // the newest of all that stand in this packet
        for (auto& [number, program] : programs) {
            if (program.pid == head.pid) {
                program.sections.feed(*head.payload, head.start, [&, wanted = number](ByteView section) {
                    auto read = read_program_map(section);
                    if (!read) {
                        findings.count("bad_section");
                    } else if (read->program == wanted) {
                        told = std::move(read);
                    }
                });
                if (told) {
                    break;
                }
            }
        }
        if (told) {
            learn(std::move(*told));
        }
    }

    /// A program association table. One of several sections names some of the programs; those that are known
    /// stay, unless the one that is read has gone elsewhere.
    void learn(const std::vector<Association>& told)
    {
        for (const auto& [number, pid] : told) {
            const auto known = programs.find(number);
            if (known == programs.end()) {
                if (programs.size() >= findings.limits.programs) {
                    findings.count("streams_ignored");
                    continue;
                }
                programs.emplace(number, Program{pid, SectionReader{findings}});
            } else if (known->second.pid != pid) {
                known->second.pid = pid;
                known->second.sections.gap();
            }
        }
        const bool gone = chosen && std::ranges::none_of(told, [this](const Association& one) {
                              return one.program == *chosen;
                          });
        if (gone) {
            findings.count("program_changes");
            findings.warn(program_name(*chosen) + " is gone; another is looked for");
            programs.clear();
            end_streams();
            map.reset();
            chosen.reset();
            learn(told);
        }
    }

    void learn(ProgramMap told)
    {
        const bool has_media = std::ranges::any_of(told.streams, [](const ProgramStream& stream) {
            const auto known = recognize(stream);
            return known && known->kind != media::Kind::data;
        });
        if (chosen && *chosen != told.program) {
            auto& program = programs.at(told.program);
            if (!program.named && has_media) {
                program.named = true;
                findings.warn(program_name(told.program) + " is not read: " + program_name(*chosen) + " is");
            }
            return;
        }
        if (!chosen && !has_media) {
            return;
        }
        if (map && *map == told) {
            return;
        }
        findings.count("program_changes", map ? 1 : 0);
        chosen = told.program;
        map = told;
        arrange(told);
    }

    /// Streams that stay keep their readers and numbers.
    void arrange(const ProgramMap& told)
    {
        std::map<std::uint16_t, Stream> before;
        before.swap(streams);
        klv.clear();
        for (const auto& stream : told.streams) {
            const auto known = before.find(stream.pid);
            if (known != before.end() && known->second.told == stream) {
                streams.insert(before.extract(known));
            }
        }
        for (auto& [pid, stream] : before) {
            stream.reader->end();
            continuity.erase(pid);
        }
        for (const auto& stream : told.streams) {
            if (streams.contains(stream.pid)) {
                continue;
            }
            const auto known = recognize(stream);
            if (is_klv(stream)) {
                klv[stream.pid] = 0;
                findings.warn(mpegts::describe(stream) + " is metadata that is not read (KLV)");
            } else if (!known || streams.size() >= findings.limits.streams) {
                findings.count("streams_ignored");
                findings.warn(mpegts::describe(stream) +
                              (known ? " is one stream too many" : " is not read"));
            } else {
                auto reader = make_reader(stream, free_number(known->kind), findings);
                streams.emplace(stream.pid, Stream{stream, std::make_unique<PesReader>(std::move(reader),
                                                                                       timeline, findings)});
            }
        }
    }

    std::uint8_t free_number(media::Kind kind) const
    {
        std::uint8_t number = 0;
        const auto is_taken = [&](const auto& one) {
            const auto& track = one.second.reader->reader().track();
            return track.kind == kind && track.number == number;
        };
        while (std::ranges::any_of(streams, is_taken)) {
            ++number;
        }
        return number;
    }

    void see_clock(std::int64_t now, bool announced)
    {
        if (pcr && !announced) {
            auto step = (now - *pcr) % kClockWrap;
            step += step < 0 ? kClockWrap : 0;
            findings.count("clock_jumps", step > kClockRate ? 1 : 0);
        }
        pcr = now;
    }

    void end_streams()
    {
        for (auto& [pid, stream] : streams) {
            stream.reader->end();
        }
        streams.clear();
    }

    void take_packets()
    {
        while (const auto packet = finder.take()) {
            read(*packet);
        }
        findings.count("garbage_bytes", finder.take_garbage());
    }
};

Demuxer::Demuxer() : Demuxer{Limits{}} {}
Demuxer::Demuxer(Limits limits) : state_{std::make_unique<State>(limits)} {}
Demuxer::~Demuxer() = default;
Demuxer::Demuxer(Demuxer&&) noexcept = default;
Demuxer& Demuxer::operator=(Demuxer&&) noexcept = default;

Result<> Demuxer::feed(ByteView bytes)
{
    auto& state = *state_;
    // In pieces, so that little is held twice.
    constexpr std::size_t kPiece = std::size_t{64} << 10U;
    while (!bytes.empty() && !state.failed) {
        const auto piece = bytes.first(std::min(bytes.size(), kPiece));
        bytes = bytes.subspan(piece.size());
        state.finder.feed(piece);
        state.take_packets();
        if (state.finder.failed()) {
            state.failed = Error{Errc::not_ts, "ISO/IEC 13818-1 §2.4.3.2"};
        }
    }
    if (state.failed) {
        return Unexpected{*state.failed};
    }
    return {};
}

std::optional<media::Item> Demuxer::next()
{
    auto& items = state_->findings.items;
    if (items.empty()) {
        return std::nullopt;
    }
    auto item = std::move(items.front());
    items.pop_front();
    return item;
}

void Demuxer::end()
{
    auto& state = *state_;
    if (state.failed) {
        return;
    }
    state.finder.end();
    state.take_packets();
    for (auto& [pid, stream] : state.streams) {
        stream.reader->end();
    }
}

void Demuxer::restart()
{
    auto& state = *state_;
    end();
    state.finder = PacketFinder{state.findings.limits.search};
    state.continuity.clear();
    state.timeline = {};
    state.pcr.reset();
}

std::optional<Demuxer::Warning> Demuxer::next_warning()
{
    auto& warnings = state_->findings.warnings;
    if (warnings.empty()) {
        return std::nullopt;
    }
    auto warning = std::move(warnings.front());
    warnings.pop_front();
    return warning;
}

const Demuxer::Counters& Demuxer::counters() const
{
    return state_->findings.counters;
}

std::optional<std::int64_t> Demuxer::clock() const
{
    return state_->pcr;
}

} // namespace millrace::mpegts
