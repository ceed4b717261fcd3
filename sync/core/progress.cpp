#include "sync/core/progress.hpp"

#include "base/log/catalogue.hpp"
#include "sync/core/guards.hpp"
#include "sync/core/recording.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace medibridge::sync {

namespace {

state::Watermark nowhere_in(const state::Watermark& watermark) {
    state::Watermark nowhere;
    nowhere.side = watermark.side;
    return nowhere;
}

} // namespace

state::Watermark believed(const Rules& rules, state::Watermark watermark) {
    // A former version believed any time: what lies behind such a stamp was never read.
    const auto clock = std::max(machine_clock(rules.request), watermark.clock);
    const auto newest = std::max(watermark.stamp, watermark.pending);
    if (newest && !reconcile::is_believable(*newest, clock)) return nowhere_in(watermark);
    return watermark;
}

state::Watermark trusted(const Rules& rules, state::Watermark watermark) {
    if (rules.request.accept_rewind.given()) return nowhere_in(watermark);
    return believed(rules, std::move(watermark));
}

Scope scope_of(const Rules& rules, const Progress& progress) {
    if (rules.request.full || progress.whole) return Scope::everything();
    if (progress.keeps_cursor) return Scope::not_taken();
    if (progress.rereads) {
        const auto again = progress.rereading->from;
        return again ? Scope::since(*again) : Scope::everything();
    }
    if (progress.rereading)
        return Scope::since(*reconcile::poll_from(progress.before, std::chrono::milliseconds(0)));
    const auto from = reconcile::poll_from(progress.before, rules.settings.overlap);
    return from ? Scope::since(*from) : Scope::everything();
}

SurveyPlan plan_for(const Rules& rules, const Progress& progress, bool anyone_linked) {
    SurveyPlan plan;
    plan.scope = scope_of(rules, progress);
    plan.anchor = progress.shown.anchor;
    plan.tolerance = progress.whole ? std::chrono::milliseconds(1'000) : rules.settings.overlap;
    plan.anyone_linked = anyone_linked;
    plan.remembers_times = rules.several_sources();
    return plan;
}

std::string newest_write_text(const std::optional<Written>& newest) {
    if (!newest || !newest->at) return {};
    return std::to_string(newest->at->time_since_epoch().count()) + ' ' + newest->medicapp_id;
}

std::optional<Written> newest_write_from(const std::string& text) {
    const auto gap = text.find(' ');
    if (gap == std::string::npos) return std::nullopt;
    const auto at = std::strtoll(text.c_str(), nullptr, 10);
    return Written{text.substr(gap + 1), reconcile::Instant(std::chrono::milliseconds(at))};
}

namespace {

/// The watermark after the complete, proven reading.
state::Watermark advanced(const Rules& rules, const Progress& progress) {
    auto watermark = progress.before;
    reconcile::ReadMark& mark = watermark;
    mark = reconcile::advance(mark, *progress.read, rules.settings.overlap);
    return watermark;
}

/// What is to be read of Medicapp once more after the reading, which led to that watermark.
std::optional<Rereading> rereading_after(const Rules& rules, const Progress& progress,
                                         const state::Watermark& after) {
    const bool whole = rules.request.full || progress.rereads;
    if (progress.rereading && !whole) return progress.rereading;
    const auto done = progress.rereads ? progress.rereading : std::nullopt;
    return rereading_after(scope_of(rules, progress).from(), done, progress.before, *progress.read,
                           after, rules.settings.overlap);
}

} // namespace

Effects move_watermarks(const Rules& rules, const CycleStatus& status,
                        const Observations& observations, const Progress& medicapp,
                        const std::vector<Progress>& his, bool reread) {
    Effects effects;
    auto& batch = effects.changes;
    if (medicapp.read && !observations.has_changes() && observations.wanted().empty()) {
        auto watermark = advanced(rules, medicapp);
        const auto kept = rereading_text(rereading_after(rules, medicapp, watermark));
        if (kept != medicapp.kept_rereading) batch.put_meta(rereading_key, kept);
        batch.put_watermark(std::move(watermark));
    }
    for (const auto& progress : his) {
        if (!progress.read) continue;
        if (!progress.keeps_cursor) batch.put_watermark(advanced(rules, progress));
        batch.put_meta(mapping_key(progress.source), mapping_digests(rules, progress.source));
    }
    const auto& newest = status.newest_write();
    const auto newest_at = newest ? newest->at : std::nullopt;
    if (newest_at != observations.expected_at())
        batch.put_meta(newest_write_key, newest_write_text(newest));
    // What called for it is not shown again, even where another side could not be read.
    if (status.wants_reread()) batch.put_meta(reread_key, "1");
    // Once everything is applied or held, what an earlier run left open is settled too.
    if (status.report().outcome != Outcome::complete) return effects;
    // A cycle of one source does not stand for one of all.
    const bool of_all = rules.request.only_source.empty();
    if (of_all && !status.wants_reread() && (reread || !status.released().empty()))
        batch.put_meta(reread_key, "");
    for (const auto& external_id : observations.old_intents())
        batch.drop_intent(external_id);
    return effects;
}

Effects source_late(const std::string& source) {
    Effects effects;
    effects.notice.left = "source " + source + ": it is still being read: its changes follow";
    return effects;
}

Effects source_failed(Memory& memory, const std::string& source, SourceTrouble trouble,
                      const std::string& what) {
    const bool refused = trouble == SourceTrouble::unauthorized;
    Effects effects;
    effects.sources.push_back({source, what});
    (refused ? effects.notice.credentials : effects.notice.left) = "source " + source + ": " + what;
    if (!memory.down.insert(source).second) return effects;
    const auto& type = refused                                ? log::events::auth_refused
                       : trouble == SourceTrouble::unreadable ? log::events::source_unreadable
                                                              : log::events::source_unavailable;
    effects.events.push_back(
        log::Event(type).with(log::Key::source, source).with(log::Key::reason, what));
    return effects;
}

Effects source_read(Memory& memory, const std::string& source) {
    Effects effects;
    effects.sources.push_back({source, {}});
    if (memory.down.erase(source) == 0) return effects;
    effects.events.push_back(
        log::Event(log::events::source_recovered).with(log::Key::source, source));
    return effects;
}

Effects source_moved(const std::string& source, const std::string& contradiction, int pass) {
    Effects effects;
    if (pass == limits::reading_passes) {
        const auto why =
            contradiction.empty()
                ? "its list could not be confirmed complete: it differed each time it was read"
                : "its own numbers disagree, so it may not have shown everybody: " + contradiction;
        effects.notice.left = "source " + source + ": " + why;
        effects.sources.push_back({source, why});
        return effects;
    }
    auto event = log::Event(log::events::source_unstable_list)
                     .with(log::Key::source, source)
                     .with(log::Key::attempt, pass);
    if (!contradiction.empty()) event.add(log::Key::reason, contradiction);
    effects.events.push_back(std::move(event));
    return effects;
}

} // namespace medibridge::sync
