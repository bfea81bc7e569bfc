// What a client has to say, in the order of its urgency.
#pragma once

#include "outbox.hpp"
#include <millrace/base/shared_bytes.hpp>
#include <millrace/rtmp/chunk_writer.hpp>

#include <bitset>
#include <deque>

namespace millrace::rtmp {

/// Orders a client's output: messages in, chunks out; control before audio and data, those before video, and
/// the farewell behind all of them.
///
/// A message is cut into chunks only when its turn comes, so that what is dropped before leaves no trace.
class ClientOutput {
public:
    /// What goes before all else.
    Outbox& control() { return control_; }
    /// What goes when all else has gone.
    Outbox& farewell() { return farewell_; }

    /// The type of commands from now on.
    void use_commands(MessageType type);

    /// Announces the chunk size for all that is said from now on. Expects: no media was sent yet.
    void set_chunk_size(std::uint32_t bytes);

    void send(const MessageHead& head, Bytes lead, SharedBytes payload);

    /// Drops video that was not begun, but for configurations, and all of those tracks that comes before
    /// their next key frames; gives the number of messages dropped now.
    std::size_t drop_video();
    /// Drops media of which nothing more shall go out.
    void drop_media();

    /// Whole chunks, until there are `most` bytes or more.
    Bytes take(std::size_t most);
    bool empty() const;
    /// Media bytes that wait.
    std::size_t backlog() const { return audio_.size() + video_.size(); }

private:
    struct Waiting {
        MessageHead head;
        Bytes lead;
        SharedBytes payload;

        std::size_t size() const { return lead.size() + payload.size(); }
    };

    /// Messages of one urgency, the first of them perhaps cut into chunks already.
    class Lane {
    public:
        void push(Waiting message);
        /// Appends one chunk. Expects: !empty().
        void take_chunk(ChunkWriter& writer, Bytes& out);
        std::size_t drop_unless_config(std::bitset<256>& tracks);
        void clear();
        bool empty() const { return waiting_.empty() && at_ == chunks_.size(); }
        std::size_t size() const { return waiting_bytes_ + chunks_.size() - at_; }

    private:
        void begin(ChunkWriter& writer);

        std::deque<Waiting> waiting_;
        std::size_t waiting_bytes_ = 0;
        Bytes chunks_;           ///< The message that was begun.
        std::size_t at_ = 0;     ///< How much of it has gone.
        std::size_t end_ = 0;    ///< Where its next chunk ends.
        std::size_t stride_ = 0; ///< The size of its further chunks.
    };

    Outbox control_;
    Lane audio_;
    Lane video_;
    Outbox farewell_;
    ChunkWriter writer_;
    std::bitset<256> to_key_frame_; ///< Video tracks that are dropped up to their next key frame.
};

} // namespace millrace::rtmp
