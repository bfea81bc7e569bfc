// An RTMPE key agreement on which three implementations agree: the client's secret is 64 bytes of 11, the
// server's 64 bytes of 22.
#pragma once

#include <millrace/testing/hex.hpp>

namespace millrace::rtmp::vectors {

using namespace testing::literals;

inline constexpr auto kRtmpeClientKey = R"(
    bb873f842ea957e1 09ecdd111d0128dc 99c35bd1d7807109 1e602cc67aa4edc1 00abc41a978ecd23 8ad17de9745d518f
    32a272972ed8c11b ea45a82c1ed063aa e1bcbbf1108ae46a 7c7d10aea04f67b2 a4d0d024be407257 b6872b2458e26e02
    e43c29bcfc90fee4 a23b685f2a41fd07 5f2d34e19c78ae09 c388e9cf9d0602d3
)"_hex;
inline constexpr auto kRtmpeServerKey = R"(
    19640e4e7b3e7575 65f72aa14d9cf5a1 c54100c686e1e8af 302eee4edae4605d 653f7fe4eb4b169b c749ddff019a48ca
    92a88e30658b4d54 b61d2aab0ef4edc6 33f95fc54eb4ed76 0deb25da2e96ea6f 4179f4dab0f9ab22 0dc039499daeeb0b
    c0a7b1294b9ce1a0 964544ffbab0bd93 c2ad317192403699 1a0fada3035f63e0
)"_hex;
inline constexpr auto kRtmpeShared = R"(
    587baffe9b0b403f 0d948b1a961d0374 f3f452189d5dfa92 9c64337c0ed8b087 bb9f3457c515751a f3a4ad4c31a22a2d
    e3fa574f5ee454b5 5f01ec3265d4d99d 45eaae4bee105c67 7151b93323050539 67afc5ee56a29794 f464fdb57071de62
    7e1e60deba69bf3f 969be664e686e22c 0d635e0da37fe8ab 4ba41796e5ba7bb8
)"_hex;

// RC4 keys by direction, and what their streams hold behind the 1536 bytes that are not used.
inline constexpr auto kRtmpeToServer = "9d8151feeb5ac72f73b614a6c7381f1c"_hex;
inline constexpr auto kRtmpeToServerStream = "01662253b7a4260ab42b5f0624a1bd08"_hex;
inline constexpr auto kRtmpeToClient = "36541809f2a7d15d1b5421f945a3c151"_hex;
inline constexpr auto kRtmpeToClientStream = "83c211165d3669c723cac3f6beb95f74"_hex;

} // namespace millrace::rtmp::vectors
