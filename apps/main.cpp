// millrace: one program, a command for each thing that one does with streams.
#include "command.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>

int main(int argc, char** argv)
{
    CLI::App app{
        "Millrace: a live media server. Streams come in over RTMP or HTTP-FLV and go out over all of them."};
    app.set_version_flag("--version", std::string{"millrace "} + MILLRACE_VERSION);
    app.require_subcommand(1);
    app.footer("Examples:\n"
               "  millrace serve --demo\n"
               "  millrace publish film.flv rtmp://localhost/live/film\n"
               "  millrace play rtmp://localhost/live/film -o copy.flv\n"
               "  millrace probe rtmp://localhost/live/film\n\n"
               "Each command has its own --help.");
    millrace::apps::Run run;
    millrace::apps::add_serve(app, run);
    millrace::apps::add_publish(app, run);
    millrace::apps::add_play(app, run);
    millrace::apps::add_probe(app, run);
    const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
    const auto named = [&](const CLI::App* command) { return command->get_name() == argv[1]; };
    if (argc > 1 && argv[1][0] != '-' && std::ranges::none_of(commands, named)) {
        std::fprintf(stderr, "millrace: there is no command '%s': see millrace --help\n", argv[1]);
        return 2;
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    return run();
}
