// millrace probe: what is in a stream, and how healthy it is.
#include "command.hpp"
#include "command_loop.hpp"
#include "probe_text.hpp"
#include <millrace/clients/source.hpp>

#include <CLI/App.hpp>
#include <CLI/Validators.hpp>

#include <cstdio>

namespace millrace::apps {
namespace {

struct Options {
    std::string url;
    bool insecure = false;
    double duration = 5; ///< Seconds.
    bool json = false;
};

constexpr const char* kExamples = R"(Examples:
  millrace probe rtmp://localhost/live/cam
  millrace probe http://localhost:8080/live/cam.flv --duration 30
  millrace probe rtmp://localhost/live/cam --json | jq .healthy

Exit status: 0 the stream was seen, healthy or not; 1 nothing came, with the reason; 2 wrong usage.)";

net::awaitable<int> probe(CommandLoop& loop, const Options& options)
{
    const auto url = clients::parse_url(options.url, options.insecure);
    const std::shared_ptr<clients::Source> source = clients::make_source(loop.executor(), url);
    clients::Checkup checkup{Clock::now()};
    loop.on_stop = [source] { source->stop(); };
    const auto opened = co_await source->open();
    if (!opened) {
        co_return loop.fail(url.shown(), opened.why);
    }
    std::optional<Ticker> limit;
    while (const auto item = co_await source->next()) {
        checkup.see(*item, Clock::now());
        if (!limit && checkup.begun()) {
            const std::chrono::duration<double> duration{options.duration};
            limit.emplace(loop.executor(), std::chrono::duration_cast<std::chrono::milliseconds>(duration),
                          [&source] { source->stop(); });
        }
    }
    const auto now = Clock::now();
    if (!checkup.begun()) {
        const auto& outcome = source->outcome();
        co_return loop.fail(url.shown(), outcome ? "it ended before anything came" : outcome.why);
    }
    const auto report = checkup.report(now);
    auto verdict = clients::judge(report);
    if (!source->outcome()) {
        verdict.healthy = false;
        verdict.sentences.push_back("It broke off: " + source->outcome().why + ".");
    }
    const auto text = options.json ? probe_json(url, report, verdict) : probe_text(url, report, verdict);
    std::fputs(text.c_str(), stdout);
    co_return 0;
}

} // namespace

void add_probe(CLI::App& app, Run& run)
{
    const auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("probe", "Tell what is in a stream, and how healthy it is");
    command->footer(kExamples);
    command
        ->add_option(
            "URL", options->url,
            "rtmp[s|e|t|te|ts]://HOST[:PORT]/APP/NAME, http[s]://HOST[:PORT]/APP/NAME.flv or .ts or .m3u8, "
            "ws[s]://…, udp://[@][GROUP]:PORT")
        ->required();
    command->add_option("--duration", options->duration, "How many seconds to watch")
        ->type_name("S")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    command->add_flag("--json", options->json, "For programs");
    command->add_flag("--insecure", options->insecure, "Take any certificate from the server");
    command->callback([options, &run] {
        run = [options] {
            CommandLoop loop{"millrace probe"};
            return loop.run(probe(loop, *options));
        };
    });
}

} // namespace millrace::apps
