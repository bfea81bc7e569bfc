// The attributes whose values have a grammar of their own: rtpmap, fmtp, source-filter, crypto.
#pragma once

#include <millrace/sdp/quirk.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace::sdp {

/// One `a=` line.
struct Attribute {
    std::string name;
    std::optional<std::string> value; ///< None of a flag such as `a=recvonly`.

    friend bool operator==(const Attribute&, const Attribute&) = default;
};

/// Compares as SDP names are compared by those who are wise: whatever their case.
bool same_name(std::string_view a, std::string_view b);

/// `a=rtpmap:96 H264/90000` (RFC 8866 §6.6).
struct RtpMap {
    std::uint8_t payload_type = 0;
    std::string encoding;
    std::uint32_t clock_rate = 0;
    std::uint32_t channels = 0; ///< 0 when not told.

    friend bool operator==(const RtpMap&, const RtpMap&) = default;
};

/// The parameters of an fmtp, in their order; names are compared whatever their case.
class Parameters {
public:
    Parameters() = default;
    Parameters(std::initializer_list<std::pair<std::string, std::string>> list) : list_{list} {}

    void add(std::string name, std::string value) { list_.emplace_back(std::move(name), std::move(value)); }
    /// Its value; none when it is not there. Valid while these parameters are.
    std::optional<std::string_view> get(std::string_view name) const;
    std::optional<std::uint32_t> number(std::string_view name) const;
    bool empty() const { return list_.empty(); }
    const std::vector<std::pair<std::string, std::string>>& list() const { return list_; }

    friend bool operator==(const Parameters&, const Parameters&) = default;

private:
    std::vector<std::pair<std::string, std::string>> list_;
};

/// `a=fmtp:96 packetization-mode=1;…` (RFC 8866 §6.15).
struct Fmtp {
    std::uint8_t payload_type = 0;
    Parameters parameters;

    friend bool operator==(const Fmtp&, const Fmtp&) = default;
};

/// `a=source-filter: incl IN IP4 232.1.1.1 10.0.0.1` (RFC 4570 §3).
struct SourceFilter {
    bool include = true;
    std::string destination; ///< "*" for every destination of the medium.
    std::vector<std::string> sources;

    friend bool operator==(const SourceFilter&, const SourceFilter&) = default;
};

/// `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:KEY|2^31|1:4` (RFC 4568 §9).
struct Crypto {
    std::uint32_t tag = 0;
    std::string suite;
    std::string key;      ///< Base64 of master key and salt, without "inline:".
    std::string lifetime; ///< Empty when not told.
    std::string mki;      ///< "1:4"; empty when not told.
    std::string session_parameters;

    friend bool operator==(const Crypto&, const Crypto&) = default;
};

/// None when the value cannot be read at all; what was odd about it is counted.
std::optional<RtpMap> read_rtpmap(std::string_view value, QuirkCounts& quirks);
std::optional<Fmtp> read_fmtp(std::string_view value, QuirkCounts& quirks);
std::optional<SourceFilter> read_source_filter(std::string_view value);
std::optional<Crypto> read_crypto(std::string_view value);

std::string to_string(const RtpMap& map);
std::string to_string(const Fmtp& fmtp);
std::string to_string(const SourceFilter& filter);
std::string to_string(const Crypto& crypto);

} // namespace millrace::sdp
