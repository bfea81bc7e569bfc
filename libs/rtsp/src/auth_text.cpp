#include "auth_text.hpp"

#include <millrace/rtsp/auth.hpp>

#include <algorithm>

namespace millrace::rtsp {
namespace {

constexpr std::size_t kMostParameters = 64;

/// name "=" (token | quoted-string), as it begins the text; takes it off.
bool take_parameter(std::string_view& text, std::string& name, std::string& value)
{
    const auto begin = text.find_first_not_of(", \t");
    if (begin == std::string_view::npos) {
        return false;
    }
    text.remove_prefix(begin);
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) {
        return false;
    }
    name = trim(text.substr(0, equals));
    text.remove_prefix(equals + 1);
    text = text.substr(std::min(text.find_first_not_of(" \t"), text.size()));
    value.clear();
    if (!text.starts_with('"')) {
        const auto end = std::min(text.find(','), text.size());
        value = trim(text.substr(0, end));
        text.remove_prefix(end);
        return true;
    }
    std::size_t at = 1;
    while (at < text.size() && text[at] != '"') {
        at += text[at] == '\\' && at + 1 < text.size() ? 1 : 0;
        value.push_back(text[at++]);
    }
    text.remove_prefix(std::min(at + 1, text.size()));
    return true;
}

template <class F>
void each_parameter(std::string_view text, F f)
{
    std::string name;
    std::string value;
    for (std::size_t i = 0; i < kMostParameters && take_parameter(text, name, value); ++i) {
        f(name, value);
    }
}

/// Takes the scheme's name off.
std::string_view take_scheme(std::string_view& text)
{
    text = trim(text);
    const auto end = std::min(text.find_first_of(" \t"), text.size());
    const auto scheme = text.substr(0, end);
    text.remove_prefix(end);
    return scheme;
}

std::optional<std::string> decode_base64(std::string_view text)
{
    Bytes out;
    Base64Reader reader;
    if (!reader.feed(as_bytes(trim(text)), out)) {
        return std::nullopt;
    }
    return std::string{as_text(out)};
}

int base64_value(std::uint8_t c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

} // namespace

std::string quote(std::string_view text)
{
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            quoted.push_back('\\');
        }
        quoted.push_back(c);
    }
    return quoted + "\"";
}

Challenge read_challenge(std::string_view text)
{
    Challenge challenge;
    const auto scheme = take_scheme(text);
    challenge.digest = same_name(scheme, "Digest");
    challenge.known = challenge.digest || same_name(scheme, "Basic");
    each_parameter(text, [&challenge](const std::string& name, const std::string& value) {
        if (same_name(name, "realm")) {
            challenge.realm = value;
        } else if (same_name(name, "nonce")) {
            challenge.nonce = value;
        } else if (same_name(name, "opaque")) {
            challenge.opaque = value;
        } else if (same_name(name, "algorithm")) {
            challenge.hash = same_name(value, "SHA-256") ? HashKind::sha256 : HashKind::md5;
            challenge.known = challenge.known && (same_name(value, "SHA-256") || same_name(value, "MD5"));
        } else if (same_name(name, "stale")) {
            challenge.stale = same_name(value, "true");
        } else if (same_name(name, "qop")) {
            challenge.qop_auth = ("," + value + ",").find(",auth,") != std::string::npos || value == "auth";
        }
    });
    return challenge;
}

std::string write(const Challenge& challenge)
{
    if (!challenge.digest) {
        return "Basic realm=" + quote(challenge.realm);
    }
    std::string text = "Digest realm=" + quote(challenge.realm) + ", nonce=" + quote(challenge.nonce);
    if (challenge.hash == HashKind::sha256) {
        text += ", algorithm=SHA-256";
    }
    if (challenge.qop_auth) {
        text += ", qop=\"auth\"";
    }
    if (!challenge.opaque.empty()) {
        text += ", opaque=" + quote(challenge.opaque);
    }
    return challenge.stale ? text + ", stale=TRUE" : text;
}

std::optional<Credentials> read_credentials(std::string_view text)
{
    const auto scheme = take_scheme(text);
    Credentials credentials;
    credentials.digest = same_name(scheme, "Digest");
    if (same_name(scheme, "Basic")) {
        const auto plain = decode_base64(text);
        if (!plain) {
            return std::nullopt;
        }
        const auto colon = std::min(plain->find(':'), plain->size());
        credentials.user = plain->substr(0, colon);
        credentials.password = colon < plain->size() ? plain->substr(colon + 1) : "";
        return credentials;
    }
    if (!credentials.digest) {
        return std::nullopt;
    }
    each_parameter(text, [&credentials](const std::string& name, const std::string& value) {
        const std::pair<std::string_view, std::string*> known[]{
            {"username", &credentials.user},       {"realm", &credentials.realm},
            {"nonce", &credentials.nonce},         {"uri", &credentials.uri},
            {"response", &credentials.response},   {"qop", &credentials.qop},
            {"algorithm", &credentials.algorithm}, {"nc", &credentials.nc},
            {"cnonce", &credentials.cnonce}};
        for (const auto& [key, into] : known) {
            if (same_name(name, key)) {
                *into = value;
            }
        }
    });
    return credentials;
}

bool Base64Reader::feed(ByteView text, Bytes& out)
{
    for (const auto c : text) {
        if (failed_) {
            break;
        }
        if (c == '\r' || c == '\n' || c == ' ') {
            continue;
        }
        const int value = c == '=' ? 0 : base64_value(c);
        // Padding ends a quantum, of which it is one or two.
        failed_ = value < 0 || (padding_ > 0 && c != '=') || (c == '=' && count_ < 2);
        padding_ += c == '=' ? 1U : 0U;
        quantum_ = quantum_ << 6U | static_cast<std::uint32_t>(value & 63);
        if (!failed_ && ++count_ == 4) {
            for (unsigned i = 0; i < 3 - padding_; ++i) {
                out.push_back(static_cast<std::uint8_t>(quantum_ >> (16 - 8 * i)));
            }
            quantum_ = count_ = padding_ = 0;
        }
    }
    return !failed_;
}

} // namespace millrace::rtsp
