#include <millrace/store/recorder.hpp>

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace millrace::store {
namespace {

std::size_t size_of(const std::vector<media::Item>& items)
{
    constexpr std::size_t kEach = 128; // Of an item without its payload.
    std::size_t bytes = 0;
    for (const auto& item : items) {
        const auto* frame = std::get_if<media::Frame>(&item);
        bytes += kEach + (frame != nullptr ? frame->payload.size() : 0);
    }
    return bytes;
}

} // namespace

std::string_view name(Recorder::State state)
{
    switch (state) {
    case Recorder::State::beginning: return "beginning";
    case Recorder::State::recording: return "recording";
    case Recorder::State::finished: return "finished";
    case Recorder::State::failed: return "failed";
    }
    return "unknown";
}

struct Recorder::Shared {
    /// A recording; `file` is touched by the thread alone, everything else under the lock.
    struct Active {
        Status status;
        Recording::Kind kind = Recording::Kind::record;
        Listener listener;
        std::unique_ptr<Recording> file;
        std::size_t queued = 0; ///< Bytes.
        bool ended = false;     ///< Takes nothing more.
    };
    struct Job {
        enum class What : std::uint8_t { begin, write, finish } what = What::write;
        std::uint64_t number = 0;
        std::vector<media::Item> items;
        std::size_t bytes = 0;
    };

    Shared(Folder at, Limits with) : folder{std::move(at)}, limits{with} {}

    void run(const std::function<void(const std::vector<Repaired>&)>& repaired);
    void work(Job job, std::unique_lock<std::mutex>& lock);
    void begin(Active& active, std::unique_lock<std::mutex>& lock);
    void write(Active& active, const Job& job, std::unique_lock<std::mutex>& lock);
    void end(std::uint64_t number, State state, const std::string& reason,
             std::unique_lock<std::mutex>& lock);
    bool is_written(const std::string& name, std::uint64_t but) const;

    const Folder folder;
    const Limits limits;
    mutable std::mutex mutex;
    std::condition_variable bell;
    std::deque<Job> jobs;
    std::map<std::uint64_t, std::shared_ptr<Active>> active;
    std::deque<Status> past; ///< Newest first.
    Totals totals;
    std::uint64_t last = 0;
    bool stopping = false;
    std::thread thread;
};

bool Recorder::Shared::is_written(const std::string& wanted, std::uint64_t but) const
{
    return std::ranges::any_of(active, [&](const auto& entry) {
        return entry.first != but && entry.second->file != nullptr && entry.second->status.name == wanted;
    });
}

void Recorder::Shared::begin(Active& recording, std::unique_lock<std::mutex>& lock)
{
    const auto wanted = recording.status.name;
    const auto kind = recording.kind;
    lock.unlock();
    auto file = Recording::begin(folder, wanted, kind, limits.recording);
    lock.lock();
    if (!file) {
        recording.status.reason = file.error().message();
        return;
    }
    recording.file = std::move(*file);
    recording.status.state = State::recording;
    ++totals.begun;
    if (recording.listener) {
        recording.listener(State::recording, {});
    }
}

void Recorder::Shared::write(Active& recording, const Job& job, std::unique_lock<std::mutex>& lock)
{
    recording.queued -= job.bytes;
    if (recording.ended || !recording.file) {
        return;
    }
    auto& file = *recording.file;
    const auto before = file.bytes();
    lock.unlock();
    const auto written = file.write(job.items);
    lock.lock();
    recording.status.bytes = file.bytes();
    recording.status.duration = file.duration();
    totals.bytes += file.bytes() - before;
    if (!written) {
        recording.ended = true;
        end(job.number,
            written.error() == make_error_code(Errc::limit_reached) ? State::finished : State::failed,
            written.error().message(), lock);
    }
}

/// Finishes a recording and tells of it.
void Recorder::Shared::end(std::uint64_t number, State state, const std::string& reason,
                           std::unique_lock<std::mutex>& lock)
{
    const auto at = active.find(number);
    if (at == active.end()) {
        return;
    }
    const auto recording = at->second;
    recording->ended = true;
    auto why = reason;
    if (recording->file) {
        lock.unlock();
        const auto finished = recording->file->finish();
        lock.lock();
        if (!finished && state == State::finished) {
            state = State::failed;
            why = finished.error().message();
        }
        recording->status.bytes = recording->file->bytes();
        recording->status.duration = recording->file->duration();
        recording->file.reset();
    }
    recording->status.state = state;
    recording->status.reason = why;
    totals.failed += state == State::failed ? 1 : 0;
    past.push_front(recording->status);
    if (past.size() > limits.kept) {
        past.pop_back();
    }
    active.erase(number);
    if (recording->listener) {
        recording->listener(state, why);
    }
}

void Recorder::Shared::work(Job job, std::unique_lock<std::mutex>& lock)
{
    const auto at = active.find(job.number);
    if (at == active.end()) {
        return;
    }
    const auto recording = at->second;
    switch (job.what) {
    case Job::What::begin:
        if (is_written(recording->status.name, job.number)) {
            recording->status.reason = make_error_code(Errc::busy).message();
        } else {
            begin(*recording, lock);
        }
        if (!recording->file) {
            const auto why = recording->status.reason;
            end(job.number, State::failed, why, lock);
        }
        return;
    case Job::What::write: return write(*recording, job, lock);
    case Job::What::finish: {
        const bool slow = recording->ended;
        return end(job.number, slow ? State::failed : State::finished,
                   slow ? make_error_code(Errc::too_slow).message() : std::string{}, lock);
    }
    }
}

void Recorder::Shared::run(const std::function<void(const std::vector<Repaired>&)>& repaired)
{
    const auto reports = repair(folder);
    if (repaired && !reports.empty()) {
        repaired(reports);
    }
    std::unique_lock lock{mutex};
    totals.repaired = reports.size();
    for (;;) {
        bell.wait(lock, [this] { return stopping || !jobs.empty(); });
        if (jobs.empty()) {
            break;
        }
        auto job = std::move(jobs.front());
        jobs.pop_front();
        work(std::move(job), lock);
    }
    while (!active.empty()) {
        end(active.begin()->first, State::finished, {}, lock);
    }
}

Recorder::Take::Take(std::shared_ptr<Shared> shared, std::uint64_t number)
    : shared_{std::move(shared)}, number_{number}
{
}

Recorder::Take::~Take()
{
    finish();
}

bool Recorder::Take::push(std::vector<media::Item> items)
{
    const std::scoped_lock lock{shared_->mutex};
    const auto at = shared_->active.find(number_);
    if (at == shared_->active.end() || at->second->ended) {
        return false;
    }
    auto& recording = *at->second;
    const auto bytes = size_of(items);
    if (recording.queued + bytes > shared_->limits.queued_bytes) {
        recording.ended = true;
        shared_->jobs.push_back({.what = Shared::Job::What::finish, .number = number_, .items = {}});
        shared_->bell.notify_one();
        return false;
    }
    recording.queued += bytes;
    shared_->jobs.push_back({.number = number_, .items = std::move(items), .bytes = bytes});
    shared_->bell.notify_one();
    return true;
}

void Recorder::Take::finish()
{
    const std::scoped_lock lock{shared_->mutex};
    const auto at = shared_->active.find(number_);
    if (at != shared_->active.end() && !at->second->ended) {
        shared_->jobs.push_back({.what = Shared::Job::What::finish, .number = number_, .items = {}});
        shared_->bell.notify_one();
    }
}

Recorder::Recorder(Folder folder, Limits limits, std::function<void(const std::vector<Repaired>&)> repaired)
    : shared_{std::make_shared<Shared>(std::move(folder), limits)}
{
    shared_->thread = std::thread{[shared = shared_.get(), repaired = std::move(repaired)] {
        pthread_setname_np(pthread_self(), "recorder");
        shared->run(repaired);
    }};
}

Recorder::~Recorder()
{
    {
        const std::scoped_lock lock{shared_->mutex};
        shared_->stopping = true;
    }
    shared_->bell.notify_one();
    shared_->thread.join();
}

std::unique_ptr<Recorder::Take> Recorder::begin(std::string name, Recording::Kind kind, Listener listener)
{
    const std::scoped_lock lock{shared_->mutex};
    const auto number = ++shared_->last;
    auto recording = std::make_shared<Shared::Active>();
    recording->status = {.name = std::move(name), .since = std::chrono::system_clock::now(), .reason = {}};
    recording->kind = kind;
    recording->listener = std::move(listener);
    shared_->active.emplace(number, std::move(recording));
    shared_->jobs.push_back({.what = Shared::Job::What::begin, .number = number, .items = {}});
    shared_->bell.notify_one();
    return std::make_unique<Take>(shared_, number);
}

std::vector<Recorder::Status> Recorder::statuses() const
{
    const std::scoped_lock lock{shared_->mutex};
    std::vector<Status> all;
    for (const auto& [number, recording] : shared_->active) {
        all.push_back(recording->status);
    }
    all.insert(all.end(), shared_->past.begin(), shared_->past.end());
    return all;
}

Recorder::Totals Recorder::totals() const
{
    const std::scoped_lock lock{shared_->mutex};
    return shared_->totals;
}

const Folder& Recorder::folder() const
{
    return shared_->folder;
}

} // namespace millrace::store
