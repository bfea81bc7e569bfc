#include <millrace/vod/shelf.hpp>

namespace millrace::vod {

Shelf::Shelf(store::Library& library, Settings settings)
    : library_{library}, settings_{settings}, pool_{settings.threads}
{
}

Shelf::~Shelf()
{
    stop();
}

void Shelf::stop()
{
    pool_.stop();
    pool_.join();
}

net::awaitable<Result<store::Library::Found>> Shelf::find(std::string name, std::string form)
{
    auto look = [this, &name, &form] { return library_.find(name, form); };
    co_return co_await run(look);
}

net::awaitable<Result<std::unique_ptr<store::Title>>> Shelf::open(std::string name, std::string form)
{
    auto look = [this, &name, &form]() -> Result<std::unique_ptr<store::Title>> {
        auto found = library_.find(name, form);
        if (!found) {
            return Unexpected{found.error()};
        }
        return library_.open(std::move(found->file));
    };
    co_return co_await run(look);
}

} // namespace millrace::vod
