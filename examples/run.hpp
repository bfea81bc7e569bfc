// What the examples with an event loop share: one coroutine, run to its end.
#pragma once

#include <millrace/net/asio.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdio>
#include <exception>
#include <functional>

namespace example {

using millrace::net::awaitable;
using Executor = millrace::net::asio::any_io_executor;

/// Gives the program's exit status: what the coroutine gives, or 1 when it throws.
inline int run(const std::function<awaitable<int>(Executor)>& work)
{
    boost::asio::io_context context{1};
    int status = 1;
    boost::asio::co_spawn(context, work(context.get_executor()),
                          [&](const std::exception_ptr& thrown, int given) {
                              status = thrown ? 1 : given;
                              context.stop();
                              if (thrown) {
                                  std::rethrow_exception(thrown);
                              }
                          });
    try {
        context.run();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
    }
    return status;
}

} // namespace example
