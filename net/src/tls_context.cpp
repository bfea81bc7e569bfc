#include <millrace/net/tls.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <stdexcept>

namespace millrace::net {
namespace {

std::string last_error()
{
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    return reason != nullptr ? reason : "unknown error";
}

/// Time and size of both files; empty when one cannot be looked at.
std::string stamp_of(const TlsFiles& files)
{
    std::string stamp;
    for (const auto& name : {files.certificate, files.key}) {
        std::error_code error;
        const auto time = std::filesystem::last_write_time(name, error);
        const auto size = error ? 0 : std::filesystem::file_size(name, error);
        if (error) {
            return {};
        }
        stamp += std::to_string(time.time_since_epoch().count()) + '/' + std::to_string(size) + ' ';
    }
    return stamp;
}

/// RFC 7301: HTTP/2 before HTTP/1.1, of what is offered; RTMP has no name there.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* length, const unsigned char* offered,
                    unsigned int size, void*)
{
    static constexpr unsigned char kOurs[] = "\x02h2\x08http/1.1";
    unsigned char* found = nullptr;
    if (SSL_select_next_proto(&found, length, kOurs, sizeof kOurs - 1, offered, size) !=
        OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_NOACK;
    }
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

TlsContext make_context(const SSL_METHOD* method)
{
    TlsContext context{SSL_CTX_new(method), SSL_CTX_free};
    if (!context) {
        throw std::runtime_error{"TLS cannot be set up: " + last_error()};
    }
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
    return context;
}

TlsContext load(const TlsFiles& files)
{
    auto context = make_context(TLS_server_method());
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1) {
        throw std::runtime_error{"tls.certificate: " + files.certificate +
                                 ": cannot be used: " + last_error()};
    }
    if (SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
        throw std::runtime_error{"tls.key: " + files.key + ": cannot be used: " + last_error()};
    }
    // Quirk: librtmp on GnuTLS takes a session ticket of TLS 1.3 for a failed read and gives up.
    SSL_CTX_set_num_tickets(context.get(), 0);
    SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
    return context;
}

} // namespace

TlsServer::TlsServer(TlsFiles files)
    : files_{std::move(files)}, context_{load(files_)}, stamp_{stamp_of(files_)}
{
}

TlsContext TlsServer::context() const
{
    const std::scoped_lock lock{mutex_};
    return context_;
}

bool TlsServer::refresh()
{
    auto stamp = stamp_of(files_);
    if (stamp.empty() || stamp == stamp_) {
        return false;
    }
    stamp_ = std::move(stamp);
    try {
        auto fresh = load(files_);
        const std::scoped_lock lock{mutex_};
        context_ = std::move(fresh);
    } catch (const std::runtime_error& error) {
        // A writer may be between the two files; when the second one changes, we look again.
        spdlog::error("the changed certificate is not used: {}", error.what());
        return false;
    }
    spdlog::info("the certificate {} has changed: new connections use it", files_.certificate);
    return true;
}

TlsContext tls_client_context()
{
    static const TlsContext kContext = [] {
        auto context = make_context(TLS_client_method());
        SSL_CTX_set_default_verify_paths(context.get());
        return context;
    }();
    return kContext;
}

} // namespace millrace::net
