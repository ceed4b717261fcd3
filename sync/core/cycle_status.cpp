#include "sync/core/cycle_status.hpp"

#include "base/bytes/encode.hpp"
#include "base/bytes/hash.hpp"
#include "base/log/catalogue.hpp"

#include <algorithm>
#include <iterator>
#include <sstream>
#include <utility>

namespace medibridge::sync {

using connectors::ApiError;
using connectors::Failure;
using log::Key;

void CycleStatus::heed(Notice notice) {
    if (notice.halt) halt(*notice.halt);
    if (notice.refused) refuse(std::move(*notice.refused));
    if (notice.misdirected) note_misdirected();
    if (notice.alarm) sound(std::move(*notice.alarm));
    if (!notice.credentials.empty()) refuse_credentials(notice.credentials);
    if (!notice.left.empty()) leave_for_later(notice.left);
    wants_reread_ = wants_reread_ || notice.reread;
}

void CycleStatus::take(Effects& applied) {
    report_ += applied.counts;
    report_.sources.insert(report_.sources.end(), applied.sources.begin(), applied.sources.end());
    if (applied.newest) note_written(*applied.newest);
    for (const auto& [external_id, source] : applied.agreed) {
        const auto refused = refused_.find(external_id);
        if (refused == refused_.end()) continue;
        // What another source's record called for is still to be written.
        const auto& patient = refused->second;
        if (patient.source == source || patient.record == reconcile::Digest{})
            refused_.erase(refused);
    }
    released_.insert(released_.end(), std::make_move_iterator(applied.released.begin()),
                     std::make_move_iterator(applied.released.end()));
}

void CycleStatus::note_written(const Written& written) {
    if (!written.at || (newest_write_ && written.at <= newest_write_->at)) return;
    newest_write_ = written;
}

/// This cycle goes on with the rest.
void CycleStatus::leave_for_later(const std::string& reason) {
    if (report_.outcome != Outcome::complete) return;
    report_.outcome = Outcome::incomplete;
    report_.reason = reason;
}

void CycleStatus::end_early(const std::string& why) {
    report_.halted = true;
    leave_for_later(why);
}

/// The cycle ends as soon as what is under way has ended.
void CycleStatus::halt(const ApiError& error) {
    report_.halted = true;
    if (error.failure == Failure::unauthorized) {
        refuse_credentials(refusal_of(error));
        return;
    }
    if (error.failure == Failure::cancelled) {
        leave_for_later(interrupted);
        return;
    }
    leave_for_later("Medicapp: " + reason_of(error));
}

/// Where a source refuses them, the other sources go on.
void CycleStatus::refuse_credentials(const std::string& reason) {
    report_.outcome = Outcome::unauthorized;
    report_.reason = reason;
}

namespace {

std::string token_of(const Alarm& alarm) {
    constexpr int digits = 16;
    const auto all = std::string(alarm.type->name) + '\n' + alarm.source + '\n' + alarm.fields +
                     '\n' + alarm.reason + '\n' + Consent::to(alarm.evidence).text() + '\n' +
                     std::to_string(alarm.changes.fingerprint());
    return base::hex_number(base::text_hash(all), digits);
}

/// A changed mapping is what the cycle began with, and the last thing that it knows all of.
bool comes_first(const Alarm& alarm) {
    return alarm.type == &log::events::guard_mapping;
}

} // namespace

void CycleStatus::sound(Alarm alarm) {
    report_.halted = true;
    report_.outcome = Outcome::guarded;
    GuardAlarm told{.guard = std::string(alarm.type->name),
                    .source = alarm.source,
                    .fields = alarm.fields,
                    .reason = alarm.reason,
                    .changes = alarm.changes,
                    .linked = alarm.linked,
                    .token = token_of(alarm),
                    .evidence = alarm.evidence};
    const bool first = comes_first(alarm);
    report_.alarms.insert(first ? report_.alarms.begin() : report_.alarms.end(), std::move(told));
    alarms_.insert(first ? alarms_.begin() : alarms_.end(), std::move(alarm));
    report_.reason.clear();
    for (const auto& one : alarms_)
        report_.reason += (report_.reason.empty() ? "" : "; and ") + one.reason;
}

/// One may be a link that is wrong; several are another Medicapp.
void CycleStatus::note_misdirected() {
    if (++misdirected_ <= limits::misdirected_writes || !alarms_.empty()) return;
    sound({&log::events::guard_space,
           {},
           {},
           std::to_string(misdirected_) +
               " writes of this cycle were answered with another patient than they were for: "
               "check medicapp.base_url and the key's space; the patients are held",
           {},
           0});
}

/// If the answer concerns this patient only, the cycle goes on with the others; otherwise it ends.
void CycleStatus::refuse(RefusedPatient patient) {
    if (!concerns_one_patient(patient.error) || refused_.size() >= limits::refused_patients) {
        halt(patient.error);
        return;
    }
    const auto id = patient.external_id;
    refused_.insert_or_assign(id, std::move(patient));
    const auto together =
        std::ranges::count_if(refused_, [](const auto& one) { return !one.second.alone; });
    if (served() || static_cast<std::size_t>(together) < limits::refused_in_a_row) return;
    refuses_everybody_ = true;
    end_early("Medicapp, or a proxy or firewall in front of it, refuses every patient: " +
              refused_.at(id).error.what);
}

namespace {

const log::EventType& end_of_cycle(Outcome outcome) {
    switch (outcome) {
    case Outcome::complete:
        return log::events::cycle_finished;
    case Outcome::guarded:
        return log::events::cycle_guarded;
    case Outcome::incomplete:
    case Outcome::unauthorized:
        return log::events::cycle_incomplete;
    }
    return log::events::cycle_incomplete;
}

/// Names a guard and what it is about.
std::string name_of(const Alarm& alarm) {
    const std::string name(alarm.type->name);
    return alarm.source.empty() ? name : name + " of " + alarm.source;
}

log::Event event_of(const Alarm& alarm) {
    log::Event event(*alarm.type);
    if (!alarm.source.empty()) event.add(Key::source, alarm.source);
    if (!alarm.fields.empty()) event.add(Key::fields, alarm.fields);
    event.add(Key::reason, alarm.reason);
    return event;
}

/// Nothing that an operator wants to see each time.
bool is_idle(const Tally& done) {
    return done.served() == 0 && done.held == 0 && done.deferred == 0;
}

/// Whether the end of the cycle says no more than that of the one before; takes note of it.
bool repeats(const Report& report, const Tally& done, Memory& memory) {
    const auto before = std::exchange(memory.trouble, report.reason);
    return before == report.reason && (!report.reason.empty() || is_idle(done));
}

/// Whether the end of the cycle is told at `debug`. There may be a hundred cycles of arrivals a
/// second: what they did is told with the end of the next whole one, and what they left is its
/// news.
bool is_no_news(const Report& report, const Tally& done, const Request& request, Memory& memory) {
    if (request.only_arrivals) return true;
    const bool again = repeats(report, done, memory);
    return again && request.by_itself;
}

} // namespace

namespace {

/// These guards stand from now on, and no others.
Effects change_guards(Memory& memory, std::set<std::string> stand) {
    Effects effects;
    if (stand == memory.guarded_by) return effects;
    std::string text;
    for (const auto& guard : stand)
        text += (text.empty() ? "" : "\n") + guard;
    for (const auto& guard : memory.guarded_by) {
        if (stand.contains(guard)) continue;
        effects.events.push_back(log::Event(log::events::guard_lifted).with(Key::reason, guard));
        memory.guards_told.erase(guard);
    }
    effects.changes.put_meta(guarded_by_key, std::move(text));
    memory.guarded_by = std::move(stand);
    return effects;
}

/// The guards that this process has not reported since they stand.
std::vector<log::Event> news_of(const std::vector<Alarm>& alarms, Memory& memory) {
    std::vector<log::Event> news;
    for (const auto& alarm : alarms)
        if (memory.guards_told.insert(name_of(alarm)).second) news.push_back(event_of(alarm));
    return news;
}

std::set<std::string> names_of(const std::vector<Alarm>& alarms) {
    std::set<std::string> names;
    for (const auto& alarm : alarms)
        names.insert(name_of(alarm));
    return names;
}

} // namespace

std::set<std::string> guards_from(const std::string& text) {
    std::set<std::string> guards;
    std::istringstream lines(text);
    for (std::string guard; std::getline(lines, guard);)
        if (!guard.empty()) guards.insert(guard);
    return guards;
}

Effects report_end(const CycleStatus& status, Memory& memory, const Request& request,
                   std::chrono::milliseconds duration, const StillHeld& still_held) {
    Effects effects;
    const auto& alarms = status.alarms();
    const auto& report = status.report();
    Tally done;
    done += report;
    if (request.only_arrivals)
        memory.by_arrivals += done;
    else
        done += std::exchange(memory.by_arrivals, Tally());
    const bool no_news = is_no_news(report, done, request, memory);
    if (!alarms.empty()) {
        if (!request.dry_run) effects = change_guards(memory, names_of(alarms));
        auto news = news_of(alarms, memory);
        if (news.empty()) return effects;
        std::ranges::move(news, std::back_inserter(effects.events));
    } else if (report.outcome == Outcome::complete && request.only_source.empty() &&
               !request.dry_run) {
        effects = change_guards(memory, {});
    }
    auto event = log::Event(end_of_cycle(report.outcome)).with(Key::duration_ms, duration.count());
    if (!report.reason.empty()) event.add(Key::reason, report.reason);
    if (no_news && alarms.empty()) event.set_level(log::Level::debug);
    effects.events.push_back(std::move(event)
                                 .with(Key::created, done.created)
                                 .with(Key::updated, done.updated)
                                 .with(Key::linked, done.linked)
                                 .with(Key::unchanged, done.unchanged)
                                 .with(Key::held, done.held)
                                 .with(Key::deferred, done.deferred)
                                 .with(Key::to_decide, still_held.to_decide)
                                 .with(Key::excluded, still_held.excluded));
    return effects;
}

bool Memory::note_asked(const std::string& external_id, const std::string& source,
                        const reconcile::Digest& record) {
    const bool is_new = asked[external_id].emplace(source, record).second;
    if (is_new) asked_now.emplace_back(external_id, std::pair(source, record));
    return is_new;
}

void Memory::withdraw_asked() {
    for (const auto& [external_id, record] : asked_now) {
        const auto of_patient = asked.find(external_id);
        if (of_patient != asked.end()) of_patient->second.erase(record);
    }
    asked_now.clear();
}

bool concerns_one_patient(const ApiError& error) {
    if (error.failure == Failure::refused || error.alone) return true;
    const bool answered = error.status >= 400 && error.status != 429 && error.status != 503;
    return answered && (error.failure == Failure::unknown || error.failure == Failure::unavailable);
}

bool is_answer(const ApiError& error) {
    constexpr int too_many_requests = 429;
    return error.status != 0 && error.status != too_many_requests;
}

ApiError of_one_patient(ApiError error) {
    error.alone = true;
    return error;
}

} // namespace medibridge::sync
