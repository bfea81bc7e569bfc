#include "http2_session.hpp"

#include <array>

namespace millrace::doors {
namespace {

/// The name and value bytes live as long as the call that is given them.
nghttp2_nv pair_of(std::string_view name, std::string_view value)
{
    const auto bytes = [](std::string_view text) {
        return const_cast<std::uint8_t*>(as_bytes(text).data()); // nghttp2 copies them.
    };
    return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

Http2Session& session_of(void* user)
{
    return *static_cast<Http2Session*>(user);
}

} // namespace

/// What nghttp2 calls.
struct Http2Session::Calls {
    static int begin(nghttp2_session*, const nghttp2_frame* frame, void* user)
    {
        if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
            session_of(user).open(frame->hd.stream_id);
        }
        return 0;
    }

    static int field(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                     std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t,
                     void* user)
    {
        auto* stream = session_of(user).find(frame->hd.stream_id);
        if (stream == nullptr || frame->headers.cat != NGHTTP2_HCAT_REQUEST) {
            return 0; // Trailers say nothing to us.
        }
        const auto text = [](const std::uint8_t* bytes, std::size_t size) {
            return std::string_view{reinterpret_cast<const char*>(bytes), size};
        };
        return stream->field(text(name, name_size), text(value, value_size))
                   ? 0
                   : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }

    static int frame(nghttp2_session* session, const nghttp2_frame* frame, void* user)
    {
        auto& self = session_of(user);
        auto* stream = self.find(frame->hd.stream_id);
        const bool ends = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
        if (stream == nullptr || (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)) {
            return 0;
        }
        if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
            if (!stream->begin(ends)) {
                nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id,
                                          NGHTTP2_PROTOCOL_ERROR);
                return 0;
            }
            ++self.requests_;
            self.welcome_(stream->channel());
        }
        if (ends) {
            stream->end_body();
        }
        return 0;
    }

    static int data(nghttp2_session* session, std::uint8_t, std::int32_t id, const std::uint8_t* bytes,
                    std::size_t size, void* user)
    {
        auto* stream = session_of(user).find(id);
        if (stream == nullptr) {
            nghttp2_session_consume_connection(session, size);
            return 0;
        }
        stream->body({bytes, size});
        return 0;
    }

    static int close(nghttp2_session* session, std::int32_t id, std::uint32_t, void* user)
    {
        auto& streams = session_of(user).streams_;
        if (const auto at = streams.find(id); at != streams.end()) {
            nghttp2_session_consume_connection(session, at->second->unacknowledged());
            at->second->channel()->leave();
            streams.erase(at);
        }
        return 0;
    }

    static ssize_t read(nghttp2_session*, std::int32_t, std::uint8_t* into, std::size_t most,
                        std::uint32_t* flags, nghttp2_data_source* source, void* user)
    {
        return session_of(user).read_body(*static_cast<Http2Exchange*>(source->ptr), into, most, *flags);
    }
};

Http2Session::Http2Session(net::asio::any_io_executor executor,
                           std::function<void(std::shared_ptr<Http2Stream>)> welcome)
    : executor_{std::move(executor)}, welcome_{std::move(welcome)}
{
    nghttp2_session_callbacks* made = nullptr;
    nghttp2_session_callbacks_new(&made);
    const std::unique_ptr<nghttp2_session_callbacks, decltype(&nghttp2_session_callbacks_del)> calls{
        made, nghttp2_session_callbacks_del};
    nghttp2_session_callbacks_set_on_begin_headers_callback(made, Calls::begin);
    nghttp2_session_callbacks_set_on_header_callback(made, Calls::field);
    nghttp2_session_callbacks_set_on_frame_recv_callback(made, Calls::frame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, Calls::data);
    nghttp2_session_callbacks_set_on_stream_close_callback(made, Calls::close);
    nghttp2_option* option = nullptr;
    nghttp2_option_new(&option);
    const std::unique_ptr<nghttp2_option, decltype(&nghttp2_option_del)> options{option, nghttp2_option_del};
    nghttp2_option_set_no_auto_window_update(option, 1); // A body is acknowledged when it has been read.
    nghttp2_session* session = nullptr;
    nghttp2_session_server_new2(&session, made, this, option);
    session_.reset(session);
    const std::array<nghttp2_settings_entry, 4> settings{
        {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, kMostStreams},
         {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindow},
         {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, Http2Exchange::kMostHeader},
         {NGHTTP2_SETTINGS_ENABLE_PUSH, 0}}};
    nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
    nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, kConnectionWindow);
}

Http2Session::~Http2Session()
{
    leave();
}

Http2Exchange* Http2Session::find(std::int32_t id)
{
    const auto at = streams_.find(id);
    return at == streams_.end() ? nullptr : at->second.get();
}

void Http2Session::open(std::int32_t id)
{
    auto channel = std::make_shared<Http2Stream>(executor_);
    channel->on_output = [this, id] { pump(id); };
    channel->on_received = [this, id](std::size_t bytes) {
        heard_.emplace_back(id, bytes);
        wake();
    };
    streams_[id] = std::make_unique<Http2Exchange>(id, std::move(channel));
}

void Http2Session::wake()
{
    if (!inside_ && on_output) {
        on_output();
    }
}

/// A stream has something to say.
void Http2Session::pump(std::int32_t id)
{
    pending_.push_back(id);
    wake();
}

std::string Http2Session::feed(ByteView bytes)
{
    inside_ = true;
    const auto used = nghttp2_session_mem_recv(session_.get(), bytes.data(), bytes.size());
    inside_ = false;
    return used < 0 ? nghttp2_strerror(static_cast<int>(used)) : std::string{};
}

Bytes Http2Session::take_output()
{
    Bytes out;
    inside_ = true;
    for (const auto& [id, bytes] : std::exchange(heard_, {})) {
        if (auto* stream = find(id)) {
            nghttp2_session_consume(session_.get(), id, stream->acknowledge(bytes));
        }
    }
    for (const auto id : std::exchange(pending_, {})) {
        if (auto* stream = find(id)) {
            submit(*stream);
        }
    }
    while (out.size() < kMostOutput) {
        const std::uint8_t* bytes = nullptr;
        const auto size = nghttp2_session_mem_send(session_.get(), &bytes);
        if (size <= 0) {
            break;
        }
        out.insert(out.end(), bytes, bytes + size);
    }
    inside_ = false;
    return out;
}

/// Gives the connection what a stream has to say.
void Http2Session::submit(Http2Exchange& stream)
{
    const auto progress = stream.read();
    if (!stream.submitted) {
        const auto head = stream.take_head();
        if (!head && progress == Http2Exchange::Progress::broken) {
            nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, stream.id(), NGHTTP2_INTERNAL_ERROR);
        }
        if (!head) {
            return;
        }
        stream.submitted = true;
        const auto status = std::to_string(head->status);
        std::vector<nghttp2_nv> fields{pair_of(":status", status)};
        for (const auto& [name, value] : head->fields) {
            fields.push_back(pair_of(name, value));
        }
        nghttp2_data_provider body{.source = {.ptr = &stream}, .read_callback = Calls::read};
        const bool empty = progress == Http2Exchange::Progress::done;
        nghttp2_submit_response(session_.get(), stream.id(), fields.data(), fields.size(),
                                empty ? nullptr : &body);
    } else {
        nghttp2_session_resume_data(session_.get(), stream.id());
    }
}

std::ptrdiff_t Http2Session::read_body(Http2Exchange& stream, std::uint8_t* into, std::size_t most,
                                       std::uint32_t& flags)
{
    const auto progress = stream.read();
    if (progress == Http2Exchange::Progress::broken && stream.ready().empty()) {
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE; // The client sees that it is not whole.
    }
    const auto ready = stream.ready();
    const auto count = std::min(most, ready.size());
    std::copy_n(ready.begin(), count, into);
    stream.taken(count);
    if (stream.complete() && stream.ready().empty()) {
        flags |= NGHTTP2_DATA_FLAG_EOF;
    } else if (count == 0) {
        return NGHTTP2_ERR_DEFERRED;
    }
    return static_cast<std::ptrdiff_t>(count);
}

bool Http2Session::over() const
{
    return nghttp2_session_want_read(session_.get()) == 0 && nghttp2_session_want_write(session_.get()) == 0;
}

void Http2Session::close()
{
    nghttp2_session_terminate_session(session_.get(), NGHTTP2_NO_ERROR);
}

void Http2Session::leave()
{
    for (const auto& [id, stream] : streams_) {
        stream->channel()->leave();
    }
    streams_.clear();
}

} // namespace millrace::doors
