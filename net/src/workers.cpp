#include <millrace/net/workers.hpp>

#include <pthread.h>

#include <algorithm>
#include <string>

namespace millrace::net {

Workers::Workers(std::size_t count)
{
    if (count == 0) {
        count = std::max(1U, std::thread::hardware_concurrency());
    }
    for (std::size_t i = 0; i < count; ++i) {
        workers_.push_back(std::make_unique<Worker>(i));
    }
}

Workers::~Workers()
{
    stop();
}

void Workers::start()
{
    for (auto& worker : workers_) {
        guards_.push_back(asio::make_work_guard(worker->context()));
        threads_.emplace_back([&context = worker->context(), index = worker->index()] {
            pthread_setname_np(pthread_self(), ("worker-" + std::to_string(index)).c_str());
            context.run();
        });
    }
}

void Workers::stop()
{
    guards_.clear();
    for (auto& worker : workers_) {
        worker->context().stop();
    }
    for (auto& thread : threads_) {
        thread.join();
    }
    threads_.clear();
}

} // namespace millrace::net
