// The texts in which servers ask for authentication, word for word what clients look for.
#pragma once

#include <millrace/base/bytes.hpp>

#include <string>
#include <string_view>

namespace millrace::rtmp {

// reject  := "[ AccessManager.Reject ] : [ " what " ] : " query?
// what    := "code=403 need auth; authmod=" module | "authmod=" module
// query   := "?reason=" ("needauth" | "authfailed" | "nosuchuser") ("&" key "=" value)*
//
// FFmpeg reads the module's name up to the space behind it, and the query up to the end of the text.
inline constexpr std::string_view kAuthReject = "[ AccessManager.Reject ] : [ ";
inline constexpr std::string_view kAuthEnd = " ] : ";
inline constexpr std::string_view kAuthModule = "authmod=";
inline constexpr std::string_view kNeedAuth = "code=403 need auth; ";
inline constexpr std::string_view kReason = "?reason=";

/// Small letters.
std::string hex(ByteView bytes);

} // namespace millrace::rtmp
