#include "rtmp_way.hpp"

#include "rtmp_connection.hpp"
#include <millrace/crypto/random.hpp>
#include <millrace/rtmp/error.hpp>

#include <fmt/format.h>

#include <stdexcept>

namespace millrace::clients {
namespace {

/// The same stream elsewhere: its name and query behind the place that a server named.
Url same_stream_at(const std::string& tc_url, const Url& present)
{
    const auto mark = std::min(tc_url.find('?'), tc_url.size());
    auto place = tc_url.substr(0, mark);
    while (place.ends_with('/')) {
        place.pop_back();
    }
    auto text = place + '/' + present.name();
    if (mark + 1 < tc_url.size()) {
        text.append(present.query.empty() ? "?" : "&").append(tc_url.substr(mark + 1));
    }
    auto there = parse_url(text);
    if (!there.rtmp()) {
        throw std::runtime_error{"it speaks no RTMP"};
    }
    auto url = present;
    url.scheme = there.scheme;
    url.host = std::move(there.host);
    url.port = there.port;
    url.path = std::move(there.path);
    url.query = std::move(there.query);
    if (!there.user.empty()) {
        url.user = std::move(there.user);
        url.password = std::move(there.password);
    }
    return url;
}

} // namespace

RtmpWay::RtmpWay(Url url) : url_{std::move(url)} {}

Outcome RtmpWay::go_on(const rtmp::Refused& refused)
{
    return refused.redirect ? redirect(*refused.redirect) : authenticate(refused);
}

Outcome RtmpWay::redirect(const std::string& tc_url)
{
    if (++redirects_ > kRedirects) {
        return {fmt::format("redirected more than {} times", kRedirects)};
    }
    return turn_to(tc_url);
}

Outcome RtmpWay::turn_to(const std::string& tc_url)
{
    try {
        url_ = same_stream_at(tc_url, url_);
    } catch (const std::runtime_error& error) {
        return {fmt::format("sent elsewhere, but not to where we can go: {}", error.what())};
    }
    suffix_.clear();
    responder_.reset();
    return {};
}

Outcome RtmpWay::authenticate(const rtmp::Refused& refused)
{
    if (!responder_) {
        responder_.emplace(url_.user, url_.password,
                           [](std::span<std::uint8_t> bytes) { crypto::random_fill(bytes); });
    }
    auto answer = responder_->answer(refused.description, url_.app());
    if (!answer && answer.error() == make_error_code(rtmp::Errc::refused)) {
        return to_outcome(refused);
    }
    if (url_.user.empty()) {
        return {"the server asks for a user and a password: rtmp://USER:PASSWORD@HOST/APP/NAME"};
    }
    if (!answer) {
        return {answer.error().message()};
    }
    suffix_ = *std::move(answer);
    return {};
}

} // namespace millrace::clients
