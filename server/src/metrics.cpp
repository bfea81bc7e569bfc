#include "metrics.hpp"

#include "families.hpp"
#include "relay_metrics.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

namespace millrace::server {
namespace {

void add_streams(Families& out, const exchange::Report& report)
{
    out.gauge("millrace_streams", "Streams, live or waiting for their publisher.",
              static_cast<double>(report.streams.size()));
    for (const auto& stream : report.streams) {
        const Families::Labels labels{{"stream", stream.name}};
        out.gauge("millrace_stream_live", "1 while somebody publishes.", stream.publisher ? 1 : 0, labels);
        out.gauge("millrace_stream_backup", "1 while a publisher is held in reserve.", stream.backup ? 1 : 0,
                  labels);
        out.gauge("millrace_stream_viewers", "Viewers of a stream.", static_cast<double>(stream.viewers),
                  labels);
        out.gauge("millrace_stream_gop_seconds", "Between the last two key frames.",
                  stream.quality.gop_seconds, labels);
        out.gauge("millrace_stream_av_skew_seconds", "How far sound arrives ahead of its picture.",
                  stream.quality.av_skew_seconds, labels);
        out.counter("millrace_stream_bytes_in_total", "Payload bytes from the present publisher.",
                    static_cast<double>(stream.quality.bytes), labels);
        out.counter("millrace_stream_bytes_out_total", "Bytes to viewers.",
                    static_cast<double>(stream.bytes_out), labels);
        out.counter("millrace_stream_jumps_total", "Jumps of the timestamps.",
                    static_cast<double>(stream.jumps), labels);
        out.counter("millrace_stream_wraps_24_bit_total", "Wraps of the timestamps at 2^24 ms.",
                    static_cast<double>(stream.wraps_24_bit), labels);
        out.counter("millrace_stream_steps_back_total", "Timestamps that were raised to the one before.",
                    static_cast<double>(stream.steps_back), labels);
        for (const auto& [track, quality] : stream.quality.tracks) {
            auto of_track = labels;
            of_track.push_back({"track", std::to_string(track)});
            out.gauge("millrace_track_bitrate", "Bits per second.", quality.bitrate, of_track);
            out.gauge("millrace_track_fps", "Frames per second.", quality.fps, of_track);
            out.gauge("millrace_track_jitter_seconds", "Mean deviation of arrival from timestamp.",
                      quality.jitter_seconds, of_track);
            out.counter("millrace_track_gaps_total", "Steps of the timestamps of more than half a second.",
                        static_cast<double>(quality.gaps), of_track);
        }
    }
}

void add_sessions(Families& out, const exchange::Report& report)
{
    std::map<std::pair<std::string, std::string>, double> count;
    double falls = 0;
    double skips = 0;
    for (const auto& session : report.sessions) {
        count[{session.protocol, std::string{name(session.role)}}] += 1;
        falls += static_cast<double>(session.falls);
        skips += static_cast<double>(session.skips);
    }
    for (const auto& [key, sessions] : count) {
        out.gauge("millrace_sessions", "Open sessions.", sessions,
                  {{"protocol", key.first}, {"role", key.second}});
    }
    out.gauge("millrace_viewers_falls", "Falls to sound only of the viewers that are here.", falls);
    out.gauge("millrace_viewers_skips", "Skips to a newer key frame of the viewers that are here.", skips);
}

void add_listeners(Families& out, const std::vector<std::unique_ptr<net::Listener>>& listeners)
{
    for (const auto& listener : listeners) {
        const Families::Labels labels{{"listener", listener->address()}};
        const auto& counters = listener->counters();
        const auto value = [](const std::atomic<std::uint64_t>& counter) {
            return static_cast<double>(counter);
        };
        out.gauge("millrace_connections", "Open connections.", value(counters.open), labels);
        out.counter("millrace_connections_accepted_total", "Connections accepted.", value(counters.accepted),
                    labels);
        out.counter("millrace_connections_refused_total", "Closed at once: the limit was reached.",
                    value(counters.refused_full), labels);
        out.counter("millrace_connections_tls_failed_total", "Closed: they did not finish the TLS handshake.",
                    value(counters.tls_failed), labels);
        out.counter("millrace_connections_silent_closed_total", "Closed: they said nothing in time.",
                    value(counters.silent), labels);
        out.counter("millrace_connections_unknown_closed_total", "Closed: they spoke no known protocol.",
                    value(counters.unknown), labels);
        out.counter("millrace_accept_errors_total", "The system could not give a connection.",
                    value(counters.accept_errors), labels);
    }
}

void add_shared_objects(Families& out, const objects::Report& report)
{
    out.gauge("millrace_shared_objects", "Shared objects in use, or not yet stored.",
              static_cast<double>(report.objects.size()));
    out.gauge("millrace_shared_object_bytes", "Memory for the slots of shared objects.",
              static_cast<double>(report.bytes));
    out.gauge("millrace_shared_object_clients", "Sessions that use shared objects.",
              static_cast<double>(report.guests));
    out.gauge("millrace_shared_objects_stored", "Persistent shared objects that are on disk only.",
              static_cast<double>(report.stored_objects));
    out.gauge("millrace_shared_objects_stored_bytes", "Their size.",
              static_cast<double>(report.stored_bytes));
    for (const auto& [reason, count] : report.counters) {
        out.counter("millrace_shared_object_refusals_total", "Events refused or ignored, by reason.",
                    static_cast<double>(count), {{"reason", std::string{reason}}});
    }
}

void add_process(Families& out)
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    out.counter("process_cpu_seconds_total", "CPU time used.",
                seconds(usage.ru_utime) + seconds(usage.ru_stime));
    std::ifstream statm{"/proc/self/statm"};
    double virtual_pages = 0;
    double resident_pages = 0;
    statm >> virtual_pages >> resident_pages;
    out.gauge("process_resident_memory_bytes", "Memory in use.",
              resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE)));
}

} // namespace

std::string metrics_text(const exchange::Report& report, const objects::Report& objects,
                         const std::vector<std::unique_ptr<net::Listener>>& listeners,
                         const relay::Report& relays)
{
    Families out;
    add_streams(out, report);
    add_sessions(out, report);
    add_relays(out, relays);
    add_listeners(out, listeners);
    add_shared_objects(out, objects);
    for (const auto& [key, count] : report.counters) {
        Families::Labels labels;
        if (!key.second.empty()) {
            labels.push_back({"reason", key.second});
        }
        out.counter("millrace_" + key.first + "_total", "Events since the start, by reason.",
                    static_cast<double>(count), labels);
    }
    add_process(out);
    return out.text();
}

} // namespace millrace::server
