// Building of HTTP answers.
#pragma once

#include <millrace/doors/http/site.hpp>

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

namespace millrace::doors {

namespace http = boost::beast::http;

using Answer = http::response<http::string_body>;

/// An answer of the site, fit for that request: HEAD gets no body, the version and keep-alive are the
/// request's.
Answer make_answer(const http::request_header<>& request, bool keep_alive, SiteReply reply);

/// `{"error":"…"}` with a status: what was expected and what to do.
SiteReply problem(unsigned status, std::string_view sentence);

inline constexpr std::string_view kFlvType = "video/x-flv";
inline constexpr std::string_view kTsType = "video/mp2t";

/// The head of a live stream without an end: its bytes follow until the connection closes.
/// `route`, when there is one: the servers that the stream came through.
std::string live_head(unsigned version, std::string_view type, std::string_view route = {});

/// Headers for pages of other origins that play our media (Fetch standard §3.2).
void allow_any_origin(http::fields& fields);

} // namespace millrace::doors
