// Timed metadata: ID3 version 2.4 tags, and the AMF script data of which they are made.
#pragma once

#include <millrace/base/bytes.hpp>
#include <millrace/media/container.hpp>

namespace millrace::mpegts {

/// The name of script data that stands for an ID3 tag which came from elsewhere. Its members are the tag's
/// texts; the member "id3" is the whole tag in hexadecimal digits.
constexpr std::string_view kId3Name = "onID3";

/// One ID3 tag that says what AMF0 script data (a name, then values) says: a TXXX frame for each member,
/// objects in it as "object.member"; a value without a name is called as the data is. The very tag again of
/// data that script_of_id3() made. Empty when there is nothing to say: no text, number or boolean, or no
/// AMF0.
Bytes id3_of_script(ByteView script);
Bytes id3_of_metadata(const media::Metadata& metadata);

/// AMF0 script data named kId3Name that says what an ID3 tag (or several in a row) says; empty when this is
/// none.
Bytes script_of_id3(ByteView tag);

/// The tag with which a segment of packed audio begins: its PTS, 33 bits of timestamp_of() (RFC 8216 §3.4).
Bytes id3_of_timestamp(std::int64_t ticks);
/// The PTS in the tags with which packed audio begins, and how long all of those are. `bytes` 0: no tag
/// stands there, or it is not whole.
struct PackedAudioHead {
    std::size_t bytes = 0;
    std::optional<std::int64_t> timestamp;
};
PackedAudioHead read_packed_audio_head(ByteView segment);

} // namespace millrace::mpegts
