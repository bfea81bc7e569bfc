// millrace play: pulls a stream, and writes it to a file when there is one.
#include "command.hpp"
#include "command_loop.hpp"
#include "progress.hpp"
#include <millrace/clients/output.hpp>
#include <millrace/clients/recording.hpp>
#include <millrace/clients/source.hpp>

#include <CLI/App.hpp>
#include <CLI/Validators.hpp>
#include <fmt/format.h>

namespace millrace::apps {
namespace {

using namespace std::chrono_literals;

constexpr auto kTick = 500ms;

struct Options {
    std::string url;
    bool insecure = false;
    std::string swf;
    std::string output;
    double duration = 0; ///< Seconds; 0: to the end.
    bool quiet = false;
};

constexpr const char* kExamples = R"(Examples:
  millrace play rtmp://localhost/live/cam -o cam.mp4
  millrace play http://localhost:8080/live/cam.flv -o cam.flv --duration 60
  millrace play rtmp://localhost/live/cam -o - | ffplay -
  millrace play rtmp://localhost/live/cam                shows how it comes in

The file begins with a key frame at time 0; Ctrl-C leaves a whole file. Exit status: 0 the stream ended, or enough
of it came, or Ctrl-C; 1 it never began, the connection was lost, the file cannot be written; 2 wrong usage.)";

/// One run of the command.
class Showing {
public:
    Showing(CommandLoop& loop, const Options& options)
        : loop_{loop}, options_{options}, url_{clients::parse_url(options.url, options.insecure)},
          line_{options.quiet}
    {
        url_.swf = options.swf;
        source_ = clients::make_source(loop.executor(), url_);
        if (!options.output.empty()) {
            output_.emplace(loop.executor(), options.output);
        }
        const bool converts = output_ && output_->converts();
        using clients::Recording;
        recording_.emplace(converts ? Recording::Tracks::default_ : Recording::Tracks::all,
                           output_ && output_->takes_ts() ? Recording::Format::ts : Recording::Format::flv);
        loop_.on_stop = [this] { source_->stop(); };
        source_->on_warning = [this](const std::string& text) {
            line_.say(fmt::format("millrace play: {}: {}", url_.shown(), text));
        };
    }

    ~Showing() { loop_.on_stop = {}; }
    Showing(const Showing&) = delete;
    Showing& operator=(const Showing&) = delete;

    net::awaitable<int> run();

private:
    net::awaitable<clients::Outcome> receive();
    net::awaitable<clients::Outcome> write(media::Pieces& pieces);
    bool enough() const;
    void show();
    int end(const clients::Outcome& written);

    CommandLoop& loop_;
    const Options& options_;
    clients::Url url_;
    std::unique_ptr<clients::Source> source_;
    std::optional<clients::Output> output_;
    ProgressLine line_;
    std::optional<clients::Recording> recording_; ///< From the beginning on.
};

net::awaitable<int> Showing::run()
{
    const auto opened = co_await source_->open();
    if (!opened) {
        co_return loop_.fail(url_.shown(), opened.why);
    }
    clients::Outcome written;
    if (output_) {
        written = co_await output_->open();
    }
    if (written) {
        const Ticker ticker{loop_.executor(), kTick, [this] { show(); }};
        written = co_await receive();
    }
    if (output_ && written) {
        written = co_await output_->close();
    }
    line_.clear();
    co_return end(written);
}

net::awaitable<clients::Outcome> Showing::receive()
{
    clients::Outcome written;
    media::Pieces pieces;
    bool stopped = false;
    while (auto item = co_await source_->next()) {
        if (stopped) {
            continue;
        }
        recording_->take(std::move(*item), Clock::now(), pieces);
        written = co_await write(pieces);
        if (!written || enough()) {
            stopped = true;
            source_->stop();
        }
    }
    if (written) {
        recording_->end(pieces);
        written = co_await write(pieces);
    }
    co_return written;
}

net::awaitable<clients::Outcome> Showing::write(media::Pieces& pieces)
{
    clients::Outcome written;
    if (output_ && !pieces.empty()) {
        written = co_await output_->write(pieces);
    }
    pieces.clear();
    co_return written;
}

bool Showing::enough() const
{
    const std::chrono::duration<double> wanted{options_.duration};
    return (options_.duration > 0 && recording_->position() >= wanted) || (output_ && output_->left());
}

void Showing::show()
{
    line_.show(recording_->position(), source_->bytes(), {}, Clock::now());
}

int Showing::end(const clients::Outcome& written)
{
    if (!written) {
        return loop_.fail(options_.output, written.why);
    }
    const auto& received = source_->outcome();
    if (recording_->frames() == 0) {
        return loop_.fail(url_.shown(), received ? "it ended before anything came" : received.why);
    }
    if (!received && !loop_.stopped()) {
        return loop_.fail(url_.shown(), received.why);
    }
    if (!options_.quiet) {
        fmt::print(stderr, "received {} in {}\n", time_text(recording_->position()),
                   size_text(source_->bytes()));
    }
    return 0;
}

int play(const Options& options)
{
    CommandLoop loop{"millrace play"};
    const auto work = [](CommandLoop& on, const Options& with) -> net::awaitable<int> {
        Showing showing{on, with};
        co_return co_await showing.run();
    };
    return loop.run(work(loop, options));
}

} // namespace

void add_play(CLI::App& app, Run& run)
{
    const auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("play", "Receive a stream, and write it to a file");
    command->footer(kExamples);
    command
        ->add_option("URL", options->url,
                     "rtmp[s|e|t|te|ts]://HOST[:PORT]/APP/NAME, http[s]://HOST[:PORT]/APP/NAME.flv or .ts, "
                     "ws[s]://…, udp://[@][GROUP]:PORT")
        ->required();
    command
        ->add_option("-o,--output", options->output,
                     "File to write: .flv, .ts or .mp4 (the last by ffmpeg), - for FLV on stdout")
        ->type_name("FILE");
    command->add_option("--duration", options->duration, "End after so many seconds of the stream")
        ->type_name("S")
        ->check(CLI::PositiveNumber);
    command->add_flag("--quiet,-q", options->quiet, "Say nothing but what goes wrong");
    command
        ->add_option("--swf", options->swf,
                     "The SWF file to be when an RTMP server asks for its verification")
        ->check(CLI::ExistingFile);
    command->add_flag("--insecure", options->insecure, "Take any certificate from the server");
    command->callback([options, &run] { run = [options] { return play(*options); }; });
}

} // namespace millrace::apps
