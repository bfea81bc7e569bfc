// millrace publish: sends a file, standard input or the test picture in real time.
#include "command.hpp"
#include "command_loop.hpp"
#include "progress.hpp"
#include <millrace/clients/pacing.hpp>
#include <millrace/clients/roaming_publisher.hpp>

#include <CLI/App.hpp>
#include <CLI/Error.hpp>
#include <fmt/format.h>

#include <deque>

namespace millrace::apps {
namespace {

using namespace std::chrono_literals;

constexpr auto kTick = 500ms;
constexpr auto kFinish = 10s;           ///< To send what is left.
constexpr auto kFinishInHaste = 1500ms; ///< The same when the user does not want to wait.

struct Options {
    std::string input;
    std::string url;
    bool insecure = false;
    bool loop = false;
    bool record = false;
    bool append = false;
    bool quiet = false;
};

constexpr const char* kExamples = R"(Examples:
  millrace publish film.flv rtmp://localhost/live/film
  millrace publish film.mp4 rtmp://localhost/live/film --loop
  millrace publish test: rtmp://localhost/live/test      a moving picture with a beep
  millrace publish film.mp4 rtmp://localhost/live/film --record      the server keeps it as live/film.flv
  cat film.flv | millrace publish - rtmp://localhost/live/film

FLV and MP4 are read as they are; anything else is taken apart by ffmpeg, without transcoding. When the connection is
too slow, video is dropped up to the next key frame and counted; sound goes on. Exit status: 0 sent, or ended by
Ctrl-C; 1 the file cannot be read, the server refused, the connection was lost; 2 wrong usage.)";

clients::Url url_of(const Options& options)
{
    auto url = clients::parse_url(options.url, options.insecure);
    url.kind = options.record ? "record" : options.append ? "append" : "live";
    return url;
}

/// One run of the command.
class Broadcast {
public:
    Broadcast(CommandLoop& loop, const Options& options)
        : loop_{loop}, options_{options}, url_{url_of(options)}, sink_{make_sink()}, pause_{loop.executor()},
          line_{options.quiet}
    {
        loop_.on_stop = [this] { stop(); };
        sink_->on_lost = [this] { stop(); };
    }

    ~Broadcast() { loop_.on_stop = {}; }
    Broadcast(const Broadcast&) = delete;
    Broadcast& operator=(const Broadcast&) = delete;

    net::awaitable<int> run();

private:
    void stop();
    /// The test picture has no end to begin again at.
    bool begins_again() const { return options_.loop && options_.input != "test:"; }
    std::unique_ptr<clients::Sink> make_sink();
    std::unique_ptr<clients::Source> make_input();
    net::awaitable<clients::Outcome> open_input();
    net::awaitable<clients::Outcome> send_all();
    net::awaitable<void> send(media::Item item);
    void show();
    void hear(const std::string& code, const std::string& text);
    int sum_up() const;

    CommandLoop& loop_;
    const Options& options_;
    clients::Url url_;
    std::unique_ptr<clients::Sink> sink_;
    net::asio::steady_timer pause_;
    ProgressLine line_;
    clients::Timeline timeline_;
    clients::Pacer pacer_;
    std::unique_ptr<clients::Source> input_;
    std::unique_ptr<clients::Source> spare_; ///< For the next pass.
    std::deque<media::Item> begin_; ///< Read before the server was called: it would be called for nothing.
    bool open_ = false;
    bool stopping_ = false;
    bool not_recorded_ = false; ///< Though it was asked for.
};

/// A server may send us to another one while we publish over RTMP.
std::unique_ptr<clients::Sink> Broadcast::make_sink()
{
    const auto tell = [this](const std::string& text) {
        line_.say(fmt::format("millrace publish: {}: {}", url_.shown(), text));
    };
    if (!url_.rtmp()) {
        auto sink = clients::make_sink(loop_.executor(), url_);
        sink->on_warning = tell;
        return sink;
    }
    auto sink = std::make_unique<clients::RoamingPublisher>(loop_.executor(), url_);
    sink->on_record = [this](const std::string& code, const std::string& text) { hear(code, text); };
    sink->on_news = tell;
    return sink;
}

void Broadcast::stop()
{
    stopping_ = true;
    pause_.cancel();
    if (input_) {
        input_->stop();
    }
    if (!open_) {
        sink_->stop();
    }
}

std::unique_ptr<clients::Source> Broadcast::make_input()
{
    auto input = clients::make_input(loop_.executor(), options_.input);
    input->on_warning = [this](const std::string& text) {
        line_.say(fmt::format("millrace publish: {}: {}", options_.input, text));
    };
    return input;
}

net::awaitable<int> Broadcast::run()
{
    auto read = co_await open_input();
    if (read && !stopping_) {
        const auto opened = co_await sink_->open();
        if (!opened && !loop_.stopped()) {
            co_return loop_.fail(url_.shown(), opened.why);
        }
        open_ = static_cast<bool>(opened);
    }
    if (read && !stopping_) {
        const Ticker ticker{loop_.executor(), kTick, [this] { show(); }};
        read = co_await send_all();
    }
    clients::Outcome sent;
    if (open_) {
        sent = co_await sink_->finish(stopping_ ? kFinishInHaste : kFinish);
    }
    line_.clear();
    if (loop_.stopped()) {
        co_return sum_up();
    }
    if (!sent) {
        co_return loop_.fail(url_.shown(), sent.why);
    }
    if (!read) {
        co_return loop_.fail(options_.input, read.why);
    }
    co_return sum_up();
}

/// Opens it and reads up to its first frame. When it will be needed again, the next pass is opened too: a
/// program takes its time to begin.
net::awaitable<clients::Outcome> Broadcast::open_input()
{
    clients::Outcome opened;
    if (spare_) {
        input_ = std::move(spare_);
    } else {
        input_ = make_input();
        opened = co_await input_->open();
    }
    if (opened && begins_again()) {
        spare_ = make_input();
        const auto spare_opened = co_await spare_->open();
        if (!spare_opened) {
            spare_.reset();
        }
    }
    if (!opened) {
        co_return opened;
    }
    while (!stopping_) {
        auto item = co_await input_->next();
        if (!item) {
            break;
        }
        begin_.push_back(std::move(*item));
        if (std::holds_alternative<media::Frame>(begin_.back())) {
            co_return opened;
        }
    }
    opened = input_->outcome();
    if (opened && !stopping_) {
        opened.why = "there is nothing to send in it";
    }
    co_return opened;
}

net::awaitable<clients::Outcome> Broadcast::send_all()
{
    while (!stopping_) {
        if (!begin_.empty()) {
            auto item = std::move(begin_.front());
            begin_.pop_front();
            co_await send(std::move(item));
            continue;
        }
        auto item = co_await input_->next();
        if (item) {
            co_await send(std::move(*item));
        } else if (!input_->outcome() || !begins_again() || stopping_) {
            break;
        } else {
            timeline_.again();
            const auto opened = co_await open_input();
            if (!opened) {
                co_return opened;
            }
        }
    }
    co_return input_->outcome();
}

net::awaitable<void> Broadcast::send(media::Item item)
{
    if (auto* frame = std::get_if<media::Frame>(&item)) {
        frame->dts = timeline_.map(*frame, Clock::now());
        const auto due = pacer_.due(frame->dts, Clock::now());
        while (!stopping_ && Clock::now() < due) {
            pause_.expires_at(due);
            co_await pause_.async_wait(net::kNoThrow);
        }
    }
    sink_->write(item);
}

void Broadcast::show()
{
    line_.show(timeline_.position(), sink_->bytes(),
               {.dropped = sink_->dropped(), .backlog = sink_->backlog()}, Clock::now());
}

/// What the server says of the recording that was asked for. What is live goes on without.
void Broadcast::hear(const std::string& code, const std::string& text)
{
    const bool bad = code.ends_with(".Failed") || code.ends_with(".NoAccess");
    not_recorded_ = not_recorded_ || bad;
    if (bad || !options_.quiet) {
        line_.say(
            fmt::format("millrace publish: {}: {} ({})", bad ? "not recorded" : "recording", text, code));
    }
}

int Broadcast::sum_up() const
{
    if (!options_.quiet) {
        fmt::print(stderr, "sent {} in {}, {} video frame{} dropped\n", time_text(timeline_.position()),
                   size_text(sink_->bytes()), sink_->dropped(), sink_->dropped() == 1 ? "" : "s");
    }
    return not_recorded_ ? 1 : 0;
}

int publish(const Options& options)
{
    CommandLoop loop{"millrace publish"};
    const auto work = [](CommandLoop& on, const Options& with) -> net::awaitable<int> {
        Broadcast broadcast{on, with};
        co_return co_await broadcast.run();
    };
    return loop.run(work(loop, options));
}

} // namespace

void add_publish(CLI::App& app, Run& run)
{
    const auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("publish", "Send a file in real time");
    command->footer(kExamples);
    command
        ->add_option("INPUT", options->input,
                     "A file (.flv .mp4 .ts .mkv …), - for FLV on stdin, test: for the test picture")
        ->required();
    command->add_option("URL", options->url, "rtmp[s|e|t|te|ts]://HOST[:PORT]/APP/NAME, udp://HOST:PORT")
        ->required();
    command->add_flag("--loop", options->loop, "Begin again at the end of the file, without a break in time");
    command->add_flag("--quiet,-q", options->quiet, "Say nothing but what goes wrong");
    command->add_flag("--insecure", options->insecure, "Take any certificate from the server");
    auto* record = command->add_flag("--record", options->record,
                                     "Ask the server to record it, in the place of a file of that name");
    command->add_flag("--append", options->append, "Ask the server to record it behind what its file holds")
        ->excludes(record);
    command->callback([options, &run] {
        if (options->loop && options->input == "-") {
            throw CLI::ValidationError{"--loop", "standard input can be read only once"};
        }
        run = [options] { return publish(*options); };
    });
}

} // namespace millrace::apps
