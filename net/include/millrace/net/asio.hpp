// The words of Asio that doors speak.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace millrace::net {

namespace asio = boost::asio;
using asio::awaitable;
using tcp = asio::ip::tcp;
using boost::system::error_code;

/// What a peer or the network does never throws: results come as tuples that begin with an error_code.
inline constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);

/// Nothing that a coroutine's caller wants to hear.
inline constexpr auto kDetached = [](const std::exception_ptr& failure) {
    if (failure) {
        std::rethrow_exception(failure);
    }
};

} // namespace millrace::net
