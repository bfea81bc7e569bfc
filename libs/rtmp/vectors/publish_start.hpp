// V15: the body of the answer to publish, onStatus with NetStream.Publish.Start; computed by an independent
// script.
#pragma once

#include <millrace/testing/hex.hpp>

namespace millrace::rtmp::vectors {

using namespace testing::literals;

constexpr auto kPublishStart = R"(
    02 0008 6f6e537461747573  00 0000000000000000  05          # "onStatus", 0, null
    03 0005 6c6576656c                      02 0006 737461747573
       0004 636f6465                        02 0017 4e657453747265616d2e5075626c6973682e5374617274
       000b 6465736372697074696f6e          02 0002 6f6b
       0000 09
)"_hex;

} // namespace millrace::rtmp::vectors
