// Aggregate messages: several audio, video and data messages in one (RTMP 1.0 §7.1.6, in the form that the
// wire has).
#pragma once

#include <millrace/base/shared_bytes.hpp>
#include <millrace/rtmp/message.hpp>

#include <optional>
#include <utility>

namespace millrace::rtmp {

/// Takes an aggregate apart: its body in, its messages out, their payloads slices of the body.
///
/// What is whole comes out; a tail whose size does not fit the body ends it.
class AggregateReader {
public:
    struct Part {
        MessageType type = {};
        std::uint32_t timestamp = 0; ///< On the clock of the message, not of the part.
        SharedBytes payload;
    };

    AggregateReader(std::uint32_t timestamp, SharedBytes body) : timestamp_{timestamp}, body_{std::move(body)}
    {
    }

    /// The next part of any type but aggregate, which must not be nested; none at the end.
    std::optional<Part> next();

    /// True when bytes are left that are no whole part. Known after next() gave none.
    bool truncated() const { return truncated_; }

private:
    std::uint32_t timestamp_;
    SharedBytes body_;
    std::size_t at_ = 0;
    std::optional<std::uint32_t> first_; ///< The timestamp that the first part carries.
    bool truncated_ = false;
};

/// Puts messages together: their payloads are copied, each behind a head of its own. The message stream of
/// the whole counts; that of the parts is 0, as in FLV.
class AggregateWriter {
public:
    void add(MessageType type, std::uint32_t timestamp, ByteView lead, ByteView payload);

    bool empty() const { return body_.empty(); }
    std::size_t bytes() const { return body_.size(); }
    /// Of the first part: that of the message.
    std::uint32_t timestamp() const { return timestamp_; }
    /// The body of the message; the next one begins empty.
    Bytes take();

private:
    std::uint32_t timestamp_ = 0;
    Bytes body_;
};

} // namespace millrace::rtmp
