// A certificate for servers whose operator has given none.
#include <millrace/net/tls.hpp>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <stdexcept>

namespace millrace::net {
namespace {

constexpr long kDay = 24L * 60 * 60;
constexpr long kLife = 397 * kDay; ///< The longest that browsers accept.
constexpr int kEarly = 30;         ///< Days before its end when a new one is made.

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

bool still_valid(const TlsFiles& files)
{
    const File file{std::fopen(files.certificate.c_str(), "r"), std::fclose};
    if (!file || ::access(files.key.c_str(), R_OK) != 0) {
        return false;
    }
    const Certificate certificate{PEM_read_X509(file.get(), nullptr, nullptr, nullptr), X509_free};
    int days = 0;
    int seconds = 0;
    return certificate &&
           ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(certificate.get())) == 1 &&
           days >= kEarly;
}

std::string names()
{
    std::array<char, 256> host{};
    std::string text = "DNS:localhost,IP:127.0.0.1,IP:::1";
    if (::gethostname(host.data(), host.size() - 1) == 0 && host.front() != '\0') {
        text += std::string{",DNS:"} + host.data();
    }
    return text;
}

void extend(X509* certificate, int what, const std::string& value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    auto* extension = X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str());
    if (extension != nullptr) {
        X509_add_ext(certificate, extension, -1);
        X509_EXTENSION_free(extension);
    }
}

Certificate make_certificate(EVP_PKEY* key)
{
    Certificate made{X509_new(), X509_free};
    auto* certificate = made.get();
    X509_set_version(certificate, 2); // X.509 version 3.
    std::array<unsigned char, 8> serial{};
    RAND_bytes(serial.data(), static_cast<int>(serial.size()));
    serial.front() &= 0x7F;
    const std::unique_ptr<BIGNUM, decltype(&BN_free)> number{
        BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr), BN_free};
    BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate));
    X509_gmtime_adj(X509_getm_notBefore(certificate), -kDay);
    X509_gmtime_adj(X509_getm_notAfter(certificate), kLife - kDay);
    X509_set_pubkey(certificate, key);
    auto* name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("Millrace, self-signed"), -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    extend(certificate, NID_basic_constraints, "critical,CA:FALSE");
    extend(certificate, NID_ext_key_usage, "serverAuth");
    extend(certificate, NID_subject_alt_name, names());
    if (X509_sign(certificate, key, EVP_sha256()) == 0) {
        throw std::runtime_error{"a self-signed certificate cannot be made"};
    }
    return made;
}

/// Whole or not at all: a new file takes the old one's place.
template <class Write>
void put_file(const std::string& name, mode_t mode, Write write)
{
    const auto fresh = name + ".new";
    const auto old_mask = ::umask(0077);
    bool done = false;
    {
        const File file{std::fopen(fresh.c_str(), "w"), std::fclose};
        done = file && write(file.get()) == 1 && std::fflush(file.get()) == 0;
    }
    ::umask(old_mask);
    if (!done || ::chmod(fresh.c_str(), mode) != 0 || std::rename(fresh.c_str(), name.c_str()) != 0) {
        throw std::runtime_error{name + ": cannot be written; give a folder that can be with --data, or a "
                                        "certificate in [tls]"};
    }
}

} // namespace

TlsFiles self_signed(const std::string& folder, bool& made)
{
    TlsFiles files{folder + "/cert.pem", folder + "/key.pem"};
    made = !still_valid(files);
    if (!made) {
        return files;
    }
    std::error_code ignored;
    std::filesystem::create_directories(folder, ignored);
    const Key key{EVP_EC_gen("P-256"), EVP_PKEY_free};
    if (!key) {
        throw std::runtime_error{"a key for a self-signed certificate cannot be made"};
    }
    const auto certificate = make_certificate(key.get());
    put_file(files.key, 0600, [&](std::FILE* file) {
        return PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
    put_file(files.certificate, 0644,
             [&](std::FILE* file) { return PEM_write_X509(file, certificate.get()); });
    return files;
}

} // namespace millrace::net
