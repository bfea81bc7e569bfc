#include "client_output.hpp"

#include "video_body.hpp"

#include <algorithm>
#include <array>

namespace millrace::rtmp {

namespace {

/// Sizes of the chunks that a message was cut into, read from its first header (RTMP 1.0 §5.3.1).
struct Cut {
    std::size_t first = 0;
    std::size_t further = 0;
};

Cut cut_of(ByteView chunks, std::size_t chunk_size)
{
    constexpr std::array<std::size_t, 4> kFixed{11, 7, 3, 0}; // By fmt.
    constexpr std::array<std::uint8_t, 3> kExtendedTime{0xFF, 0xFF, 0xFF};
    const std::size_t extended = std::ranges::equal(chunks.subspan(1, 3), kExtendedTime) ? 4 : 0;
    return {1 + kFixed[chunks.front() >> 6U] + extended + chunk_size, 1 + extended + chunk_size};
}

} // namespace

void ClientOutput::Lane::push(Waiting message)
{
    waiting_bytes_ += message.size();
    waiting_.push_back(std::move(message));
}

void ClientOutput::Lane::begin(ChunkWriter& writer)
{
    const auto message = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_bytes_ -= message.size();
    std::vector<SharedBytes> pieces;
    writer.write(pieces, message.head, message.lead, message.payload);
    chunks_.clear();
    for (const auto& piece : pieces) {
        chunks_.insert(chunks_.end(), piece.view().begin(), piece.view().end());
    }
    const auto cut = cut_of(chunks_, writer.chunk_size());
    at_ = 0;
    end_ = cut.first;
    stride_ = cut.further;
}

void ClientOutput::Lane::take_chunk(ChunkWriter& writer, Bytes& out)
{
    if (at_ == chunks_.size()) {
        begin(writer);
    }
    const auto chunk = ByteView{chunks_}.subspan(at_, std::min(end_, chunks_.size()) - at_);
    out.insert(out.end(), chunk.begin(), chunk.end());
    at_ += chunk.size();
    end_ += stride_;
}

/// Adds to `tracks` those of which something is dropped.
std::size_t ClientOutput::Lane::drop_unless_config(std::bitset<256>& tracks)
{
    const auto dropped = std::erase_if(waiting_, [&tracks](const Waiting& message) {
        const auto look = look_at_video(message.lead, message.payload);
        const bool drop = look.body != VideoBody::config;
        tracks[look.number] = tracks[look.number] || drop;
        return drop;
    });
    waiting_bytes_ = 0;
    for (const auto& message : waiting_) {
        waiting_bytes_ += message.size();
    }
    return dropped;
}

void ClientOutput::Lane::clear()
{
    *this = {};
}

void ClientOutput::set_chunk_size(std::uint32_t bytes)
{
    control_.set_chunk_size(bytes);
    farewell_.use_chunk_size(bytes);
    writer_.set_chunk_size(bytes);
}

void ClientOutput::use_commands(MessageType type)
{
    control_.use_commands(type);
    farewell_.use_commands(type);
}

void ClientOutput::send(const MessageHead& head, Bytes lead, SharedBytes payload)
{
    if (head.type != MessageType::video) {
        return audio_.push({head, std::move(lead), std::move(payload)});
    }
    const auto [body, number] = look_at_video(lead, payload);
    if (body == VideoBody::key_frame) {
        to_key_frame_.reset(number);
    }
    if (!to_key_frame_[number] || body == VideoBody::config) {
        video_.push({head, std::move(lead), std::move(payload)});
    }
}

std::size_t ClientOutput::drop_video()
{
    return video_.drop_unless_config(to_key_frame_);
}

void ClientOutput::drop_media()
{
    audio_.clear();
    video_.clear();
}

Bytes ClientOutput::take(std::size_t most)
{
    auto out = control_.take();
    while (out.size() < most && !audio_.empty()) {
        audio_.take_chunk(writer_, out);
    }
    while (out.size() < most && !video_.empty()) {
        video_.take_chunk(writer_, out);
    }
    if (out.size() < most && !farewell_.empty()) {
        const auto last = farewell_.take();
        out.insert(out.end(), last.begin(), last.end());
    }
    return out;
}

bool ClientOutput::empty() const
{
    return control_.empty() && audio_.empty() && video_.empty() && farewell_.empty();
}

} // namespace millrace::rtmp
