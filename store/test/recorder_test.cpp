#include "film.hpp"
#include <millrace/store/recorder.hpp>

#include <gmock/gmock.h>

#include <condition_variable>

namespace millrace::store {
namespace {

using State = Recorder::State;
using Kind = Recording::Kind;
using testing::ElementsAre;

/// What a listener heard, and a way to wait for it.
class Heard {
public:
    Recorder::Listener listener()
    {
        return [this](State state, const std::string& reason) {
            const std::scoped_lock lock{mutex_};
            states_.push_back(state);
            reason_ = reason;
            bell_.notify_all();
        };
    }
    std::vector<State> wait(State for_state)
    {
        std::unique_lock lock{mutex_};
        bell_.wait(lock, [&] { return std::ranges::find(states_, for_state) != states_.end(); });
        return states_;
    }
    std::string reason() const
    {
        const std::scoped_lock lock{mutex_};
        return reason_;
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable bell_;
    std::vector<State> states_;
    std::string reason_;
};

TEST(Recorder, WritesWhatItIsGivenAndTellsOfIt)
{
    const Scratch scratch;
    Heard heard;
    Recorder recorder{scratch.folder(), {}};
    auto take = recorder.begin("live/cam.flv", Kind::record, heard.listener());
    EXPECT_TRUE(take->push(film(0, 1000)));
    EXPECT_TRUE(take->push(film(1000, 2000, false)));
    take->finish();
    EXPECT_THAT(heard.wait(State::finished), ElementsAre(State::recording, State::finished));
    EXPECT_EQ(frames_of(demuxed(scratch.read("live/cam.flv"))).size(), frames_of(film(0, 2000)).size());
    const auto statuses = recorder.statuses();
    ASSERT_EQ(statuses.size(), 1U);
    EXPECT_EQ(statuses[0].state, State::finished);
    EXPECT_EQ(statuses[0].duration, std::chrono::seconds{2});
    EXPECT_EQ(statuses[0].bytes, scratch.read("live/cam.flv").size());
    EXPECT_FALSE(take->push(film(0, 1000)));
}

TEST(Recorder, FinishesAllAtItsEnd)
{
    const Scratch scratch;
    {
        Recorder recorder{scratch.folder(), {}};
        const auto take = recorder.begin("live/cam.flv", Kind::record, {});
        take->push(film(0, 1000));
        auto left_alone = recorder.begin("live/other.flv", Kind::record, {});
        left_alone->push(film(0, 1000));
    }
    for (const auto* name : {"live/cam.flv", "live/other.flv"}) {
        EXPECT_EQ(flv::read_duration(metadata_of(scratch.read(name))), std::chrono::seconds{1});
    }
    EXPECT_TRUE(repair(scratch.folder()).empty());
}

TEST(Recorder, WritesEachFileOnlyOnce)
{
    const Scratch scratch;
    Heard first;
    Heard second;
    Heard third;
    Recorder recorder{scratch.folder(), {}};
    auto take = recorder.begin("live/cam.flv", Kind::record, first.listener());
    auto again = recorder.begin("live/cam.flv", Kind::record, second.listener());
    EXPECT_THAT(second.wait(State::failed), ElementsAre(State::failed));
    EXPECT_EQ(second.reason(), make_error_code(Errc::busy).message());
    take->finish();
    first.wait(State::finished);
    again = recorder.begin("live/cam.flv", Kind::record, third.listener());
    third.wait(State::recording);
}

TEST(Recorder, TellsWhyItCannotBegin)
{
    const Scratch scratch;
    scratch.write("live", as_bytes("a file where a folder should be"));
    Heard heard;
    Recorder recorder{scratch.folder(), {}};
    const auto take = recorder.begin("live/cam.flv", Kind::record, heard.listener());
    EXPECT_THAT(heard.wait(State::failed), ElementsAre(State::failed));
    EXPECT_FALSE(heard.reason().empty());
    EXPECT_EQ(recorder.totals().failed, 1U);
    EXPECT_FALSE(take->push(film(0, 100)));
}

TEST(Recorder, GivesARecordingUpWhoseQueueIsFull)
{
    const Scratch scratch;
    Heard heard;
    Recorder recorder{scratch.folder(), {.queued_bytes = 1000}};
    const auto take = recorder.begin("live/cam.flv", Kind::record, heard.listener());
    EXPECT_FALSE(take->push(film(0, 1000))); // More at once than may wait.
    heard.wait(State::failed);
    EXPECT_EQ(heard.reason(), make_error_code(Errc::too_slow).message());
}

TEST(Recorder, RepairsWhatACrashHasLeft)
{
    const Scratch scratch;
    {
        auto recording = *Recording::begin(scratch.folder(), "live/cam.flv", Kind::record, {});
        ASSERT_TRUE(recording->write(film(0, 1000)));
    }
    std::vector<Repaired> reports;
    {
        Recorder recorder{scratch.folder(), {}, [&](const auto& all) { reports = all; }};
    }
    ASSERT_EQ(reports.size(), 1U);
    EXPECT_EQ(reports[0].duration, std::chrono::seconds{1});
    EXPECT_EQ(flv::read_duration(metadata_of(scratch.read("live/cam.flv"))), std::chrono::seconds{1});
}

} // namespace
} // namespace millrace::store
