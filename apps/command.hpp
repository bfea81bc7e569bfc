// The commands of `millrace`: each adds itself to the command line.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>

namespace millrace::apps {

/// What the chosen command does; gives the exit status: 0 all is well, 1 could not do it, 2 wrong usage.
using Run = std::function<int()>;

void add_serve(CLI::App& app, Run& run);
void add_publish(CLI::App& app, Run& run);
void add_play(CLI::App& app, Run& run);
void add_probe(CLI::App& app, Run& run);

} // namespace millrace::apps
