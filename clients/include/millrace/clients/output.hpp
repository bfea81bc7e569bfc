// Where a stream is written.
#pragma once

#include <millrace/clients/child.hpp>
#include <millrace/media/container.hpp>

#include <memory>
#include <string>

namespace millrace::clients {

/// Takes FLV or MPEG-TS and writes a file: those as they are, MP4 of FLV by the command ffmpeg, chosen by the
/// name's ending; "-" is FLV on standard output.
class Output {
public:
    /// Throws std::runtime_error when the ending is not known.
    Output(const net::asio::any_io_executor& executor, std::string name);
    ~Output();
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    net::awaitable<Outcome> open();
    net::awaitable<Outcome> write(const media::Pieces& pieces);
    /// Makes the file whole. Gives why it is not.
    net::awaitable<Outcome> close();

    /// Whether what is written goes to a file of another format, by ffmpeg, which knows the old forms alone.
    bool converts() const { return !format_.empty(); }
    /// Whether what is written must be MPEG-TS, not FLV.
    bool takes_ts() const { return name_.ends_with(".ts"); }
    /// Whether the reader of standard output has left.
    bool left() const { return left_; }
    std::uint64_t bytes() const { return bytes_; }

private:
    struct Standard;

    net::asio::any_io_executor executor_;
    std::string name_;
    std::string format_; ///< As ffmpeg calls it; empty: ours.
    std::unique_ptr<Standard> standard_;
    net::asio::posix::stream_descriptor file_;
    std::unique_ptr<Child> child_;
    bool left_ = false;
    std::uint64_t bytes_ = 0;
};

} // namespace millrace::clients
