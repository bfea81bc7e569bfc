// millrace serve: reads the options, then runs the house.
#include "command.hpp"
#include <millrace/server/house.hpp>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

namespace millrace::apps {
namespace {

struct Options {
    std::string config;
    std::string data;
    int threads = -1;
    int port_offset = 0;
    std::string log_level;
    bool demo = false;
    bool check = false;
};

constexpr const char* kExamples = R"(Examples:
  millrace serve                         RTMP on 1935, HTTP on 8080
  millrace serve --demo                  with a test picture as live/demo
  millrace serve --port-offset 10000     RTMP on 11935, HTTP on 18080
  millrace serve --config millrace.toml --check

Publish to rtmp://HOST/live/cam; watch rtmp://HOST/live/cam, http://HOST:8080/live/cam.flv
or the console at http://HOST:8080/. Exit status: 0 ended by a signal, 1 could not start.)";

void set_up_log(const std::string& level)
{
    auto log = spdlog::stderr_color_mt("millrace");
    log->set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v");
    log->set_level(spdlog::level::from_str(level));
    spdlog::set_default_logger(log);
}

server::Config read(const Options& options)
{
    auto config = options.config.empty() ? server::Config{} : server::read_config(options.config);
    if (!options.data.empty()) {
        config.data = options.data;
    }
    if (options.threads >= 0) {
        config.threads = static_cast<std::size_t>(options.threads);
    }
    if (!options.log_level.empty()) {
        config.log_level = options.log_level;
    }
    if (config.listen.empty()) {
        config.listen = server::default_listen(options.port_offset);
    }
    config.demo = options.demo;
    return config;
}

int serve(const Options& options)
{
    try {
        auto config = read(options);
        set_up_log(config.log_level);
        if (options.check) {
            server::check_house(config);
            std::puts("The configuration is valid.");
            return 0;
        }
        return server::run_house(std::move(config));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "millrace: %s\n", error.what());
        return 1;
    }
}

} // namespace

void add_serve(CLI::App& app, Run& run)
{
    const auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("serve", "Run the server");
    command->footer(kExamples);
    command->add_option("--config", options->config, "Configuration file (TOML)")->type_name("FILE");
    command->add_option("--data", options->data, "Folder for recordings, catalogue and certificates")
        ->type_name("DIR");
    command->add_option("--threads", options->threads, "Workers; 0: one a core")
        ->type_name("N")
        ->check(CLI::Range(0, 256));
    command->add_option("--port-offset", options->port_offset, "Added to every default port")->type_name("N");
    command->add_option("--log-level", options->log_level, "How much the log says")
        ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}));
    command->add_flag("--demo", options->demo, "Publish a test picture with a beep as live/demo");
    command->add_flag("--check", options->check, "Validate the configuration and exit");
    command->callback([options, &run] { run = [options] { return serve(*options); }; });
}

} // namespace millrace::apps
