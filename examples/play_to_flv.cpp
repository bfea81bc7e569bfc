// Records a stream into an FLV file: play_to_flv URL FILE SECONDS
#include "run.hpp"
#include <millrace/clients/recording.hpp>
#include <millrace/clients/source.hpp>

#include <cstdlib>
#include <fstream>

namespace {

namespace clients = millrace::clients;

void put(std::ofstream& file, millrace::media::Pieces& pieces)
{
    for (const auto& piece : pieces) {
        const auto bytes = piece.view();
        file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    }
    pieces.clear();
}

example::awaitable<int> play(example::Executor executor, std::string url, std::string name, double seconds)
{
    const auto source = clients::make_source(executor, clients::parse_url(url));
    const auto outcome = co_await source->open();
    if (!outcome) {
        std::fprintf(stderr, "%s: %s\n", url.c_str(), outcome.why.c_str());
        co_return 1;
    }
    std::ofstream file{name, std::ios::binary};
    clients::Recording recording; // Begins with a key frame at time 0.
    millrace::media::Pieces pieces;
    while (auto item = co_await source->next()) {
        recording.take(std::move(*item), millrace::Clock::now(), pieces);
        put(file, pieces);
        if (std::chrono::duration<double>{recording.position()}.count() >= seconds) {
            source->stop();
        }
    }
    recording.end(pieces);
    put(file, pieces);
    std::printf("%s: %llu frames\n", name.c_str(), static_cast<unsigned long long>(recording.frames()));
    co_return file.good() && recording.frames() > 0 ? 0 : 1;
}

} // namespace

int main(int count, char** arguments)
{
    if (count != 4) {
        std::fprintf(stderr, "usage: play_to_flv URL FILE.flv SECONDS\n");
        return 2;
    }
    return example::run(
        [&](auto executor) { return play(executor, arguments[1], arguments[2], std::atof(arguments[3])); });
}
