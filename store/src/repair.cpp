#include "marks.hpp"
#include "tag_walker.hpp"
#include <millrace/store/recording.hpp>

namespace millrace::store {
namespace {

Result<> repair_file(const Folder& folder, Repaired& report)
{
    const auto file = folder.edit(report.name);
    if (!file) {
        return Unexpected{file.error()};
    }
    const auto facts = file->identity();
    if (!facts) {
        return Unexpected{facts.error()};
    }
    if (facts->bytes >= flv::kFileHeadBytes + flv::kGlanceBytes && !has_head_room(*file)) {
        return {}; // Of another writer: the crash came before it was copied.
    }
    if (facts->bytes < Recording::kHeadRoom) {
        // Not even its head was written whole: there is nothing in it.
        report.cut = facts->bytes;
        return folder.remove(report.name);
    }
    const auto found = survey(*file, facts->bytes);
    if (!found) {
        return Unexpected{found.error()};
    }
    report.cut = facts->bytes - found->end;
    if (const auto cut = report.cut > 0 ? file->cut(found->end) : Result<>{}; !cut) {
        return cut;
    }
    const auto known = found->survey.facts(found->end);
    report.duration = known.duration;
    return file->write_at(flv::write_file_head(read_source(*file), known, Recording::kHeadRoom), 0);
}

} // namespace

std::vector<Repaired> repair(const Folder& folder)
{
    const Marks marks{folder};
    std::vector<Repaired> reports;
    for (auto& name : marks.all()) {
        Repaired report{.name = std::move(name)};
        const auto done = repair_file(folder, report);
        const bool gone = !done && done.error() == make_error_code(Errc::not_found);
        if (done || gone) {
            marks.clear(report.name);
            static_cast<void>(folder.remove(report.name + ".part"));
        } else {
            report.error = done.error();
        }
        if (!gone) {
            reports.push_back(std::move(report));
        }
    }
    return reports;
}

} // namespace millrace::store
