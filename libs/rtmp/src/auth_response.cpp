// How answers to challenges are computed.
#include "auth_text.hpp"
#include <millrace/crypto/base64.hpp>
#include <millrace/crypto/hash.hpp>
#include <millrace/rtmp/auth.hpp>

#include <algorithm>

namespace millrace::rtmp {

namespace {

crypto::Digest128 md5_of(std::initializer_list<std::string_view> parts)
{
    std::string text;
    for (const auto part : parts) {
        text.append(part);
    }
    return crypto::md5(as_bytes(text));
}

std::string hex_md5(std::initializer_list<std::string_view> parts)
{
    return hex(md5_of(parts));
}

} // namespace

std::string hex(ByteView bytes)
{
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (const auto byte : bytes) {
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 15U];
    }
    return text;
}

std::string_view query_value(std::string_view query, std::string_view key)
{
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const auto pair = query.substr(0, end);
        if (pair.size() > key.size() && pair.starts_with(key) && pair[key.size()] == '=') {
            return pair.substr(key.size() + 1);
        }
        query.remove_prefix(std::min(end + 1, query.size()));
    }
    return {};
}

std::string_view name(AuthScheme scheme)
{
    return scheme == AuthScheme::adobe ? "adobe" : "llnw";
}

std::string adobe_response(std::string_view user, std::string_view password, std::string_view salt,
                           std::string_view opaque, std::string_view client_challenge)
{
    const auto inner = crypto::base64(md5_of({user, salt, password}));
    return crypto::base64(md5_of({inner, opaque, client_challenge}));
}

std::string llnw_response(std::string_view user, std::string_view password, const LlnwAnswer& answer)
{
    const bool has_instance = answer.app.find('/') != std::string_view::npos;
    const auto who = hex_md5({user, ":live:", password});
    const auto what = hex_md5({"publish:/", answer.app, has_instance ? "" : "/_definst_"});
    return hex_md5({who, ":", answer.nonce, ":", answer.count, ":", answer.client_nonce, ":auth:", what});
}

} // namespace millrace::rtmp
