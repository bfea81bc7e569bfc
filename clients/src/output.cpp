#include "borrowed.hpp"
#include <millrace/clients/output.hpp>

#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace millrace::clients {
namespace {

struct Ending {
    std::string_view ending;
    const char* format;
};
constexpr std::array kEndings{Ending{".flv", ""}, Ending{".ts", ""}, Ending{".mp4", "mp4"}};

std::string format_of(const std::string& name)
{
    if (name == "-") {
        return {};
    }
    for (const auto& [ending, format] : kEndings) {
        if (name.ends_with(ending)) {
            return format;
        }
    }
    throw std::runtime_error{
        fmt::format("{} has an ending that cannot be written: expected .flv, .ts, .mp4, or - for FLV on "
                    "standard output",
                    name)};
}

std::vector<std::string> pack_command(const std::string& format, const std::string& name)
{
    return {"ffmpeg", "-nostdin", "-v",   "error",   "-y", "-f",   "flv",         "-i",
            "pipe:0", "-c",       "copy", "-copyts", "-f", format, "file:" + name};
}

} // namespace

struct Output::Standard {
    Borrowed borrowed{STDOUT_FILENO};
};

Output::Output(const net::asio::any_io_executor& executor, std::string name)
    : executor_{executor}, name_{std::move(name)}, format_{format_of(name_)}, file_{executor}
{
}

Output::~Output() = default;

net::awaitable<Outcome> Output::open()
{
    if (name_ == "-") {
        standard_ = std::make_unique<Standard>();
        file_.assign(::dup(STDOUT_FILENO));
        co_return Outcome{};
    }
    // Made here also when ffmpeg will write it: that it cannot be made is known before the stream begins.
    constexpr int kMode = 0644;
    const int file = ::open(name_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kMode);
    if (file < 0) {
        co_return Outcome{
            fmt::format("cannot write: {}", std::error_code{errno, std::system_category()}.message())};
    }
    if (format_.empty()) {
        file_.assign(file);
        co_return Outcome{};
    }
    ::close(file);
    auto started = Child::start(executor_, pack_command(format_, name_), Child::Pipe::input);
    if (!started) {
        co_return Outcome{
            fmt::format("takes the program ffmpeg, which cannot be started: {}", started.error().message())};
    }
    child_ = std::move(*started);
    co_return Outcome{};
}

net::awaitable<Outcome> Output::write(const media::Pieces& pieces)
{
    if (left_) {
        co_return Outcome{};
    }
    std::vector<net::asio::const_buffer> buffers;
    for (const auto& piece : pieces) {
        buffers.emplace_back(piece.data(), piece.size());
    }
    auto& to = child_ ? child_->pipe() : file_;
    const auto [error, count] = co_await net::asio::async_write(to, buffers, net::kNoThrow);
    bytes_ += count;
    if (!error) {
        co_return Outcome{};
    }
    if (standard_ && error == net::asio::error::broken_pipe) {
        left_ = true;
        co_return Outcome{};
    }
    if (child_) {
        const auto ended = co_await child_->wait();
        child_.reset();
        co_return Outcome{fmt::format("cannot write: ffmpeg: {}", ended ? error.message() : ended.why)};
    }
    co_return Outcome{fmt::format("cannot write: {}", error.message())};
}

net::awaitable<Outcome> Output::close()
{
    Outcome outcome;
    if (child_) {
        outcome = co_await child_->wait();
        child_.reset();
        if (!outcome) {
            outcome.why = "cannot write: ffmpeg: " + outcome.why;
        }
    }
    net::error_code ignored;
    file_.close(ignored);
    standard_.reset();
    co_return outcome;
}

} // namespace millrace::clients
