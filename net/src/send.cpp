#include <millrace/net/send.hpp>

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

namespace millrace::net {
namespace {

constexpr std::size_t kMostParts = 192;
constexpr int kMostUnsent = 128 * 1024;

Attempt failed()
{
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
        return {.would_block = true};
    }
    return {.error = error_code{errno, boost::system::system_category()}};
}

} // namespace

Attempt send_now(tcp::socket& socket, std::span<const ByteView> views)
{
    std::array<iovec, kMostParts> parts;
    const auto count = std::min(views.size(), parts.size());
    std::size_t wanted = 0;
    for (std::size_t i = 0; i < count; ++i) {
        parts[i] = {const_cast<std::uint8_t*>(views[i].data()), views[i].size()};
        wanted += views[i].size();
    }
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = count;
    const auto sent = ::sendmsg(socket.native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) {
        return failed();
    }
    return {.bytes = static_cast<std::size_t>(sent), .would_block = static_cast<std::size_t>(sent) < wanted};
}

Attempt receive_now(tcp::socket& socket, std::span<std::uint8_t> into)
{
    const auto got = ::recv(socket.native_handle(), into.data(), into.size(), MSG_DONTWAIT);
    if (got < 0) {
        return failed();
    }
    return {.bytes = static_cast<std::size_t>(got)};
}

void prepare_for_media(tcp::socket& socket)
{
    error_code ignored;
    socket.set_option(tcp::no_delay{true}, ignored);
    socket.non_blocking(true, ignored);
    ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kMostUnsent, sizeof kMostUnsent);
}

} // namespace millrace::net
