// TLS on a channel, in both roles (RFC 8446, RFC 5246).
#pragma once

#include <millrace/net/channel.hpp>

#include <mutex>
#include <string>

struct ssl_ctx_st;
struct ssl_st;

namespace millrace::net {

using TlsContext = std::shared_ptr<ssl_ctx_st>;

/// Where a server's certificate chain and key are (PEM).
struct TlsFiles {
    std::string certificate;
    std::string key;

    friend bool operator==(const TlsFiles&, const TlsFiles&) = default;
};

/// A server's certificate, which may be changed while it runs. May be used by all threads.
class TlsServer {
public:
    /// Throws std::runtime_error with one clear line that names the file.
    explicit TlsServer(TlsFiles files);

    /// What new connections use.
    TlsContext context() const;

    /// Looks whether the files have changed and reads them again; what cannot be used is logged and the old
    /// pair stays. Gives true when there is a new pair.
    bool refresh();

    const TlsFiles& files() const { return files_; }

private:
    TlsFiles files_;
    mutable std::mutex mutex_;
    TlsContext context_;
    std::string stamp_; ///< Of the files that were read: time and size.
};

/// Makes `cert.pem` and `key.pem` in a folder unless they are there and still valid: a self-signed pair for
/// localhost and this machine's name. `made` tells whether they are new. Throws std::runtime_error.
TlsFiles self_signed(const std::string& folder, bool& made);

/// TLS over a TCP connection.
class TlsChannel final : public Channel {
public:
    TlsChannel(tcp::socket socket, const TlsContext& context, bool server);
    ~TlsChannel() override;

    /// As a client: the name for SNI, and for the verification of the certificate when `verify`.
    void expect(const std::string& host, bool verify);

    /// Shakes hands; gives what went wrong, in words, or nothing. It waits for the peer: cancel() ends it.
    awaitable<std::string> handshake();

    /// The first bytes that the peer says, which stay to be received; zero when it says nothing more.
    awaitable<std::size_t> peek(std::span<std::uint8_t> into);

    Attempt receive_now(std::span<std::uint8_t> into) override;
    awaitable<error_code> readable() override;
    void cancel() override { below_.cancel(); }
    void prepare() override { below_.prepare(); }
    void shut() override;
    void close() override { below_.close(); }

    tcp::socket& socket() { return below_.socket(); }

protected:
    Attempt send_below(std::span<const ByteView> views) override;
    awaitable<error_code> writable_below() override;

private:
    struct Free {
        void operator()(ssl_st* ssl) const;
    };

    bool pull();
    Attempt push();
    std::string trouble(int result) const;

    TcpChannel below_;
    std::unique_ptr<ssl_st, Free> ssl_;
    Bytes record_; ///< Gathered from small pieces.
    Bytes inbox_;
    Bytes outbox_;         ///< Records that were made.
    std::size_t sent_ = 0; ///< Of the outbox.
    error_code broken_;    ///< Of the TCP connection's reading side.
    bool ended_ = false;   ///< The peer has closed the TCP connection.
    bool drained_ = false; ///< Nothing is left to be received before the socket is readable.
};

/// The context of clients: the machine's certificate authorities, TLS 1.2 and later.
TlsContext tls_client_context();

} // namespace millrace::net
