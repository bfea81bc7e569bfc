#include <millrace/rtsp/message_reader.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace millrace::rtsp {
namespace {

constexpr std::string_view kResponse = "RTSP/";
constexpr std::size_t kFrameHead = 4;
/// Where sync is lost, a longer frame is not believed.
constexpr std::size_t kPlausibleFrame = 8192;

bool begins_message(std::uint8_t byte)
{
    return std::isalpha(byte) != 0;
}

bool is_token(std::string_view text)
{
    return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.' || c == '!' || c == '+';
    });
}

} // namespace

Result<> MessageReader::feed(ByteView bytes)
{
    while (!error_ && !bytes.empty()) {
        if (const auto stepped = step(bytes); !stepped) {
            error_ = stepped.error();
        }
    }
    if (error_) {
        return Unexpected{*error_};
    }
    return {};
}

std::optional<Message> MessageReader::next()
{
    if (ready_.empty()) {
        return std::nullopt;
    }
    std::optional<Message> message{std::move(ready_.front())};
    ready_.pop_front();
    return message;
}

Result<> MessageReader::step(ByteView& bytes)
{
    if (skip_lf_) {
        skip_lf_ = false;
        if (bytes.front() == '\n') {
            bytes = bytes.subspan(1);
            return {};
        }
    }
    switch (at_) {
    case At::start: {
        const auto first = bytes.front();
        if (first == '\r' || first == '\n') {
            bytes = bytes.subspan(1); // Stray blank lines between messages exist.
        } else if (first == '$') {
            at_ = At::frame_head;
            body_.clear();
        } else if (begins_message(first)) {
            at_ = At::line;
            first_line_ = true;
            head_size_ = 0;
            line_.clear();
        } else {
            return lose(Errc::bad_message);
        }
        return {};
    }
    case At::line: return take_line(bytes);
    case At::frame_head: take_frame_head(bytes); return {};
    case At::body:
    case At::frame: take_body(bytes); return {};
    case At::lost: return take_lost(bytes);
    }
    return {};
}

// Lines end with CR LF, LF or CR (RFC 2326 §4).
Result<> MessageReader::take_line(ByteView& bytes)
{
    const auto text = as_text(bytes);
    const auto end = text.find_first_of("\r\n");
    const auto size = std::min(end, text.size());
    if (line_.size() + size > (first_line_ ? limits_.start_line : limits_.header_line)) {
        return lose(first_line_ ? Errc::uri_too_long : Errc::head_too_big);
    }
    line_.append(text.substr(0, size));
    if (end == std::string_view::npos) {
        bytes = {};
        return {};
    }
    skip_lf_ = text[end] == '\r';
    bytes = bytes.subspan(end + 1);
    return end_line();
}

Result<> MessageReader::end_line()
{
    const auto line = std::move(line_);
    line_.clear();
    head_size_ += line.size() + 2;
    if (head_size_ > limits_.head) {
        return lose(Errc::head_too_big);
    }
    if (first_line_) {
        first_line_ = false;
        return start_line(line);
    }
    return line.empty() ? end_head() : header_line(line);
}

// request-line := method SP uri SP version      status-line := version SP 3digit SP reason
Result<> MessageReader::start_line(std::string_view line)
{
    response_ = line.starts_with(kResponse);
    const auto space = line.find(' ');
    if (space == std::string_view::npos) {
        return lose(Errc::bad_message);
    }
    if (response_) {
        answer_ = {};
        const auto rest = trim(line.substr(space));
        const auto digits = rest.substr(0, 3);
        const auto [stop, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), answer_.status);
        if (error != std::errc{} || digits.size() != 3 || answer_.status < 100) {
            return lose(Errc::bad_message);
        }
        answer_.reason = trim(rest.substr(3)); // Quirk: some servers leave the reason out.
        return {};
    }
    request_ = {};
    request_.method = line.substr(0, space);
    const auto last = line.rfind(' ');
    request_.version = line.substr(last + 1);
    if (!is_token(request_.method) || last <= space || request_.version.find('/') == std::string::npos) {
        return lose(Errc::bad_message);
    }
    request_.uri = trim(line.substr(space, last - space));
    return request_.uri.empty() ? lose(Errc::bad_message) : Result<>{};
}

Headers& MessageReader::headers()
{
    return response_ ? answer_.headers : request_.headers;
}

Result<> MessageReader::header_line(std::string_view line)
{
    if (line.front() == ' ' || line.front() == '\t') {
        value_size_ += line.size();
        if (value_size_ > limits_.header_line) {
            return lose(Errc::head_too_big);
        }
        headers().extend(trim(line));
        return {};
    }
    value_size_ = line.size();
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) {
        // Quirk: some cameras let debugging text slip between their headers.
        count("header_without_colon");
        return role_ == Role::server ? lose(Errc::bad_message) : Result<>{};
    }
    if (headers().size() == limits_.headers) {
        return lose(Errc::head_too_big);
    }
    headers().add(trim(line.substr(0, colon)), trim(line.substr(colon + 1)));
    return {};
}

Result<> MessageReader::end_head()
{
    const auto length = headers().value("Content-Length");
    wanted_ = 0;
    if (!length.empty()) {
        const auto [stop, error] = std::from_chars(length.data(), length.data() + length.size(), wanted_);
        if (error != std::errc{} || stop != length.data() + length.size()) {
            return lose(Errc::bad_length);
        }
    }
    if (wanted_ > limits_.body) {
        return lose(Errc::body_too_big);
    }
    body_.clear();
    if (wanted_ == 0) {
        finish();
    } else {
        at_ = At::body;
    }
    return {};
}

// frame := '$' channel:u8 length:u16 payload
void MessageReader::take_frame_head(ByteView& bytes)
{
    const auto count = std::min(kFrameHead - body_.size(), bytes.size());
    body_.insert(body_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
    bytes = bytes.subspan(count);
    if (body_.size() < kFrameHead) {
        return;
    }
    channel_ = body_[1];
    wanted_ = static_cast<std::size_t>(body_[2]) << 8U | body_[3];
    body_.clear();
    body_.reserve(wanted_);
    at_ = At::frame;
    if (wanted_ == 0) {
        finish();
    }
}

void MessageReader::take_body(ByteView& bytes)
{
    const auto count = std::min(wanted_ - body_.size(), bytes.size());
    body_.insert(body_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
    bytes = bytes.subspan(count);
    if (body_.size() == wanted_) {
        finish();
    }
}

void MessageReader::finish()
{
    if (at_ == At::frame) {
        ready_.emplace_back(Frame{channel_, SharedBytes{std::move(body_)}});
    } else if (response_) {
        answer_.body = as_text(body_);
        ready_.emplace_back(std::move(answer_));
    } else {
        request_.body = as_text(body_);
        ready_.emplace_back(std::move(request_));
    }
    body_ = {};
    at_ = At::start;
}

Result<> MessageReader::lose(Errc why)
{
    if (role_ == Role::server || why != Errc::bad_message) {
        return Unexpected{why, "RFC 2326 §4"};
    }
    // Quirk: some servers send junk between messages, for example behind the answer to TEARDOWN.
    count("lost_sync");
    at_ = At::lost;
    window_.clear();
    lost_bytes_ = 0;
    skip_lf_ = false;
    return {};
}

/// Looks for the begin of a response, or of a short frame of a channel that is known.
Result<> MessageReader::take_lost(ByteView& bytes)
{
    const auto byte = bytes.front();
    bytes = bytes.subspan(1);
    window_.push_back(static_cast<char>(byte));
    if (++lost_bytes_ > limits_.resync) {
        return Unexpected{Errc::no_sync, "RFC 2326 §4"};
    }
    constexpr std::string_view kStatusLine = "RTSP/1.0 ";
    if (window_.ends_with(kStatusLine)) {
        at_ = At::line;
        first_line_ = true;
        head_size_ = 0;
        line_ = kStatusLine;
    } else if (window_.size() >= kFrameHead) {
        const auto head = as_bytes(std::string_view{window_}.substr(window_.size() - kFrameHead));
        const auto length = static_cast<std::size_t>(head[2]) << 8U | head[3];
        if (head[0] == '$' && channels_.test(head[1]) && length >= 8 && length <= kPlausibleFrame) {
            channel_ = head[1];
            wanted_ = length;
            body_.clear();
            at_ = At::frame;
        }
    }
    if (window_.size() > kStatusLine.size()) {
        window_.erase(0, 1);
    }
    return {};
}

} // namespace millrace::rtsp
