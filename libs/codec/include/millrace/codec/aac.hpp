// AAC: the AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1).
#pragma once

#include <millrace/base/bytes.hpp>
#include <millrace/codec/error.hpp>

#include <string>

namespace millrace::codec::aac {

/// What an AudioSpecificConfig says; spectral band replication and parametric stereo when it says so itself.
struct Config {
    std::uint8_t object_type = 2;    ///< Of the core: 2 is AAC LC.
    std::uint32_t core_rate = 0;     ///< Hertz, without spectral band replication.
    std::uint32_t sample_rate = 0;   ///< Hertz, as it plays: of the extension when there is one.
    std::uint8_t channel_config = 0; ///< 0: the channels stand in a program config element.
    std::uint32_t channels = 0;      ///< As they are coded; 0 when not known.
    bool sbr = false;                ///< HE-AAC, told by either kind of explicit signalling.
    bool ps = false;                 ///< HE-AAC v2: one coded channel plays as two.

    std::uint32_t played_channels() const { return ps && channels == 1 ? 2 : channels; }

    friend bool operator==(const Config&, const Config&) = default;
};

/// Errors: truncated, bad_value.
Result<Config> read_config(ByteView bytes);

/// The shortest AudioSpecificConfig that says the same, with hierarchical signalling of extensions.
/// Expects: channel_config is not 0.
Bytes write_config(const Config& config);

/// RFC 6381 §3.3: "mp4a.40.2" for AAC LC, .5 for HE-AAC, .29 for HE-AAC v2.
std::string codec_string(const Config& config);

} // namespace millrace::codec::aac
