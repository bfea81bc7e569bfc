#include <millrace/hub/succession.hpp>

#include <algorithm>
#include <utility>

namespace millrace::hub {
namespace {

constexpr std::chrono::seconds kSilence{1};
constexpr std::chrono::milliseconds kLeastSilence{300}; ///< Less is the jitter of a network.
constexpr double kPartOfGop = 0.75;

} // namespace

void Succession::begin(Source source, Clock::time_point now)
{
    ingest_.begin(source.wrap, now);
    on_air_.emplace(Slot{source, Reserve{limits_.reserve}, now});
}

void Succession::hold(Source source, Clock::time_point now)
{
    reserve_.emplace(Slot{source, Reserve{limits_.reserve}, now});
}

bool Succession::leave(std::uint64_t token, Clock::time_point now, std::vector<Update>& out)
{
    if (reserve_ && token == in_reserve()) {
        reserve_.reset();
        return true;
    }
    if (!on_air_ || token != on_air()) {
        return false;
    }
    on_air_ = std::exchange(reserve_, std::nullopt);
    if (on_air_) {
        go_on_air(Reason::left, now, out);
    }
    return true;
}

void Succession::feed(std::uint64_t token, std::vector<media::Item> items, Clock::time_point now,
                      std::vector<Update>& out)
{
    if (on_air_ && token == on_air()) {
        on_air_->heard = now;
        for (auto& item : items) {
            if (!std::holds_alternative<media::Frame>(item)) {
                on_air_->held.know(item);
            }
            ingest_.feed(std::move(item), now, out);
        }
    } else if (reserve_ && token == in_reserve()) {
        reserve_->heard = now;
        for (auto& item : items) {
            reserve_->held.take(std::move(item));
            if (const auto reason = due(now)) {
                std::swap(on_air_, reserve_);
                go_on_air(*reason, now, out);
                // What is left of the items is of the one on air now.
                items.erase(items.begin(), items.begin() + (&item - items.data()) + 1);
                return feed(token, std::move(items), now, out);
            }
        }
    }
}

std::optional<Succession::Reason> Succession::due(Clock::time_point now) const
{
    if (limits_.prefer_primary && !reserve_->source.backup && on_air_->source.backup &&
        reserve_->held.begins()) {
        return Reason::is_not_preferred;
    }
    const auto silence = now - on_air_->heard;
    // The GOP is only asked for when there is a reason to.
    if (silence > kLeastSilence && reserve_->held.ready() && silence > patience(now)) {
        return Reason::fell_silent;
    }
    return std::nullopt;
}

Clock::duration Succession::patience(Clock::time_point now) const
{
    if (limits_.silence) {
        return *limits_.silence;
    }
    const std::chrono::duration<double> gop{ingest_.quality(now).gop_seconds * kPartOfGop};
    if (gop <= std::chrono::duration<double>::zero()) {
        return kSilence;
    }
    return std::clamp<Clock::duration>(std::chrono::duration_cast<Clock::duration>(gop), kLeastSilence,
                                       kSilence);
}

void Succession::go_on_air(Reason reason, Clock::time_point now, std::vector<Update>& out)
{
    reason_ = reason;
    ++takeovers_;
    ingest_.begin(on_air_->source.wrap, now);
    for (auto& item : on_air_->held.release()) {
        ingest_.feed(std::move(item), now, out);
    }
}

std::string_view name(Succession::Reason reason)
{
    switch (reason) {
    case Succession::Reason::left: return "left";
    case Succession::Reason::fell_silent: return "fell silent";
    case Succession::Reason::is_not_preferred: return "is not preferred";
    }
    return "unknown";
}

} // namespace millrace::hub
