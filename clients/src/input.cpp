#include "input.hpp"

#include <millrace/clients/test_picture.hpp>
#include <millrace/mpegts/packet.hpp>

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

namespace millrace::clients {
namespace {

constexpr std::size_t kInbox = std::size_t{64} << 10U;

std::string system_error()
{
    return std::error_code{errno, std::system_category()}.message();
}

/// Whether FLV or MPEG-TS must be expected: by the first bytes of a regular file, else by the name.
bool is_ours(int file, const std::string& name)
{
    std::array<char, mpegts::kPacketBytes + 1> begin{};
    const auto got = ::pread(file, begin.data(), begin.size(), 0);
    const bool seen = got >= 3 && std::string_view{begin.data(), 3} == "FLV";
    const bool is_ts = got == static_cast<ssize_t>(begin.size()) && begin.front() == mpegts::kSyncByte &&
                       begin.back() == mpegts::kSyncByte;
    return name.ends_with(".flv") || seen || is_ts || (got < 0 && errno == ESPIPE);
}

std::vector<std::string> unpack_command(const std::string& name)
{
    return {"ffmpeg", "-nostdin", "-v", "error", "-i", "file:" + name, "-map",      "0:v:0?",
            "-map",   "0:a:0?",   "-c", "copy",  "-f", "flv",          "-flvflags", "no_duration_filesize",
            "pipe:1"};
}

} // namespace

Input::Input(const net::asio::any_io_executor& executor, std::string name)
    : executor_{executor}, name_{std::move(name)}, file_{executor}, inbox_(kInbox)
{
}

net::awaitable<Outcome> Input::open()
{
    if (name_ == "test:") {
        co_return start(test_picture_command());
    }
    if (name_ == "-") {
        borrowed_.emplace(STDIN_FILENO);
        file_.assign(::dup(STDIN_FILENO));
        co_return Outcome{};
    }
    co_return open_file();
}

Outcome Input::open_file()
{
    const int file = ::open(name_.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return {system_error()};
    }
    struct stat about {};
    if (::fstat(file, &about) == 0 && S_ISDIR(about.st_mode)) {
        ::close(file);
        return {"is a folder"};
    }
    if (is_ours(file, name_)) {
        file_.assign(file);
        return {};
    }
    ::close(file);
    return start(unpack_command(name_));
}

Outcome Input::start(const std::vector<std::string>& command)
{
    auto started = Child::start(executor_, command, Child::Pipe::output);
    if (!started) {
        return {
            fmt::format("takes the program ffmpeg, which cannot be started: {}", started.error().message())};
    }
    child_ = std::move(*started);
    return {};
}

net::awaitable<ByteView> Input::more()
{
    auto& from = child_ ? child_->pipe() : file_;
    const auto [error, count] = co_await from.async_read_some(net::asio::buffer(inbox_), net::kNoThrow);
    if (!error) {
        co_return ByteView{inbox_}.first(count);
    }
    if (stopping()) {
        co_return ByteView{};
    }
    if (error != net::asio::error::eof) {
        fail(error.message());
    } else if (child_) {
        const auto ended = co_await child_->wait();
        if (!ended) {
            fail("ffmpeg: " + ended.why);
        }
    }
    co_return ByteView{};
}

void Input::interrupt()
{
    net::error_code ignored;
    (child_ ? child_->pipe() : file_).cancel(ignored);
}

net::awaitable<void> Input::leave()
{
    net::error_code ignored;
    file_.close(ignored);
    borrowed_.reset();
    child_.reset();
    co_return;
}

} // namespace millrace::clients
