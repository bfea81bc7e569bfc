#include <millrace/rtp/quirk.hpp>

namespace millrace::rtp {

std::string_view name(Quirk quirk)
{
    switch (quirk) {
    case Quirk::punch: return "punch";
    case Quirk::bare_sender_report: return "bare_sender_report";
    case Quirk::reduced_size: return "reduced_size";
    case Quirk::sdes_without_end: return "sdes_without_end";
    case Quirk::trailing_zeros: return "trailing_zeros";
    case Quirk::empty_payload: return "empty_payload";
    case Quirk::marker_missing: return "marker_missing";
    case Quirk::marker_early: return "marker_early";
    case Quirk::sets_with_old_timestamp: return "sets_with_old_timestamp";
    case Quirk::annex_b: return "annex_b";
    case Quirk::empty_unit: return "empty_unit";
    case Quirk::start_and_end: return "start_and_end";
    case Quirk::undeclared_fragments: return "undeclared_fragments";
    case Quirk::trailing_zero_bytes: return "trailing_zero_bytes";
    case Quirk::adts_inside: return "adts_inside";
    case Quirk::config_missing: return "config_missing";
    case Quirk::config_cut: return "config_cut";
    case Quirk::misaligned_ts: return "misaligned_ts";
    case Quirk::ssrc_changed: return "ssrc_changed";
    case Quirk::sequence_reset: return "sequence_reset";
    case Quirk::report_rejected: return "report_rejected";
    case Quirk::frozen_timestamps: return "frozen_timestamps";
    case Quirk::swapped_channel: return "swapped_channel";
    case Quirk::foreign_reports: return "foreign_reports";
    }
    return "unknown";
}

} // namespace millrace::rtp
