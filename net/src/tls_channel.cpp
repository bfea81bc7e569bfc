#include <millrace/net/tls.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>

namespace millrace::net {
namespace {

constexpr std::size_t kRecord = 16384;                        ///< RFC 8446 §5.1.
constexpr std::size_t kMostAccepted = std::size_t{64} * 1024; ///< Before what was accepted has left.
constexpr std::size_t kInbox = std::size_t{17} * 1024;

int to_int(std::size_t size)
{
    return static_cast<int>(size);
}

} // namespace

void TlsChannel::Free::operator()(ssl_st* ssl) const
{
    SSL_free(ssl);
}

TlsChannel::TlsChannel(tcp::socket socket, const TlsContext& context, bool server)
    : Channel{socket.get_executor()}, below_{std::move(socket)}, ssl_{SSL_new(context.get())}, inbox_(kInbox)
{
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_mode(ssl_.get(), SSL_MODE_RELEASE_BUFFERS);
    if (server) {
        SSL_set_accept_state(ssl_.get());
    } else {
        SSL_set_connect_state(ssl_.get());
    }
}

TlsChannel::~TlsChannel() = default;

void TlsChannel::expect(const std::string& host, bool verify)
{
    error_code bad;
    asio::ip::make_address(host, bad);
    const bool literal = !bad;
    if (!literal) { // RFC 6066 §3: no addresses.
        SSL_set_tlsext_host_name(ssl_.get(), host.c_str());
    }
    if (!verify) {
        SSL_set_verify(ssl_.get(), SSL_VERIFY_NONE, nullptr);
        return;
    }
    SSL_set_verify(ssl_.get(), SSL_VERIFY_PEER, nullptr);
    if (literal) {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), host.c_str());
    } else {
        SSL_set1_host(ssl_.get(), host.c_str());
    }
}

/// Takes what the socket has into the engine; false when there is nothing now.
bool TlsChannel::pull()
{
    const auto got = below_.receive_now(inbox_);
    if (got.would_block) {
        return false;
    }
    if (got.error || got.bytes == 0) {
        broken_ = got.error;
        ended_ = true;
        return false;
    }
    BIO_write(SSL_get_rbio(ssl_.get()), inbox_.data(), to_int(got.bytes));
    return true;
}

/// Gives the socket what the engine has made; would_block when not all of it could go.
Attempt TlsChannel::push()
{
    BIO* made = SSL_get_wbio(ssl_.get());
    if (const auto size = BIO_ctrl_pending(made); size > 0) {
        const auto before = outbox_.size();
        outbox_.resize(before + size);
        BIO_read(made, outbox_.data() + before, to_int(size));
    }
    while (sent_ < outbox_.size()) {
        const ByteView rest = ByteView{outbox_}.subspan(sent_);
        const auto attempt = below_.send_now({&rest, 1});
        sent_ += attempt.bytes;
        if (attempt.error || attempt.would_block) {
            return {.would_block = !attempt.error, .error = attempt.error};
        }
    }
    outbox_.clear();
    sent_ = 0;
    return {};
}

std::string TlsChannel::trouble(int result) const
{
    if (const auto verdict = SSL_get_verify_result(ssl_.get());
        verdict != X509_V_OK && SSL_get_verify_mode(ssl_.get()) != SSL_VERIFY_NONE) {
        return std::string{"its certificate is not trusted: "} + X509_verify_cert_error_string(verdict);
    }
    if (SSL_get_error(ssl_.get(), result) == SSL_ERROR_SSL) {
        const char* reason = ERR_reason_error_string(ERR_peek_last_error());
        return std::string{"no TLS: "} + (reason != nullptr ? reason : "unknown error");
    }
    return "the connection ended in the TLS handshake";
}

awaitable<std::string> TlsChannel::handshake()
{
    for (;;) {
        ERR_clear_error();
        const int result = SSL_do_handshake(ssl_.get());
        const int wanted = SSL_get_error(ssl_.get(), result);
        const auto why = result == 1 || wanted == SSL_ERROR_WANT_READ ? std::string{} : trouble(result);
        auto pushed = push(); // Also the alert that tells the peer what was wrong.
        while (pushed.would_block) {
            if (const auto error = co_await below_.writable()) {
                co_return error.message();
            }
            pushed = push();
        }
        if (pushed.error) {
            co_return pushed.error.message();
        }
        if (result == 1 || !why.empty()) {
            co_return why;
        }
        if (!pull()) {
            if (ended_) {
                co_return "the connection ended in the TLS handshake";
            }
            if (const auto error = co_await below_.readable()) {
                co_return error.message();
            }
        }
    }
}

awaitable<std::size_t> TlsChannel::peek(std::span<std::uint8_t> into)
{
    for (;;) {
        ERR_clear_error();
        const int got = SSL_peek(ssl_.get(), into.data(), to_int(into.size()));
        push();
        if (got > 0) {
            co_return static_cast<std::size_t>(got);
        }
        if (SSL_get_error(ssl_.get(), got) != SSL_ERROR_WANT_READ || ended_) {
            co_return 0;
        }
        if (!pull() && !ended_) {
            if (co_await below_.readable()) {
                co_return 0;
            }
        }
    }
}

Attempt TlsChannel::receive_now(std::span<std::uint8_t> into)
{
    for (;;) {
        ERR_clear_error();
        const int got = SSL_read(ssl_.get(), into.data(), to_int(into.size()));
        if (got > 0) {
            drained_ = false;
            return {.bytes = static_cast<std::size_t>(got)};
        }
        const int wanted = SSL_get_error(ssl_.get(), got);
        push(); // Answers to what is TLS's own, such as key updates.
        if (wanted == SSL_ERROR_ZERO_RETURN) {
            return {};
        }
        if (wanted != SSL_ERROR_WANT_READ) {
            return {.error = asio::error::connection_reset};
        }
        if (ended_) {
            return {.error = broken_}; // Without close_notify: like the end of a TCP connection.
        }
        if (!pull() && !ended_) {
            drained_ = true;
            return {.would_block = true};
        }
    }
}

awaitable<error_code> TlsChannel::readable()
{
    if (!drained_ || ended_) {
        co_return error_code{};
    }
    co_return co_await below_.readable();
}

Attempt TlsChannel::send_below(std::span<const ByteView> views)
{
    auto pushed = push();
    if (pushed.would_block || pushed.error) {
        return pushed;
    }
    std::size_t accepted = 0;
    std::size_t index = 0;
    std::size_t done = 0; // Of the view at index.
    while (index < views.size() && accepted < kMostAccepted) {
        record_.clear();
        while (index < views.size() && record_.size() < kRecord) {
            const auto part = views[index].subspan(done).first(
                std::min(views[index].size() - done, kRecord - record_.size()));
            record_.insert(record_.end(), part.begin(), part.end());
            done += part.size();
            if (done == views[index].size()) {
                ++index;
                done = 0;
            }
        }
        if (record_.empty()) {
            break;
        }
        ERR_clear_error();
        if (SSL_write(ssl_.get(), record_.data(), to_int(record_.size())) <= 0) {
            return {.error = asio::error::connection_reset};
        }
        accepted += record_.size();
        pushed = push();
        if (pushed.would_block || pushed.error) {
            break;
        }
    }
    pushed.bytes = accepted;
    return pushed;
}

awaitable<error_code> TlsChannel::writable_below()
{
    for (;;) {
        if (const auto error = co_await below_.writable()) {
            co_return error;
        }
        const auto pushed = push();
        if (!pushed.would_block) {
            co_return pushed.error;
        }
    }
}

void TlsChannel::shut()
{
    SSL_shutdown(ssl_.get());
    push();
    below_.shut();
}

} // namespace millrace::net
