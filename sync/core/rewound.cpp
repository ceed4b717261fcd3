#include "sync/core/rewound.hpp"

#include "base/log/catalogue.hpp"
#include "sync/core/settings.hpp"
#include "sync/core/views.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::sync {

using reconcile::Instant;

namespace {

/// So many newest patients do not all get erased by chance.
constexpr std::size_t implausibly_missing = 3;

constexpr const char* way_out_of_rewind =
    "; if it was restored from a backup, and what it shows is right, run medibridgectl "
    "accept-rewind (without a service: medibridged --once --accept-rewind)";

std::string older_than_seen(std::int64_t count) {
    return count == 1
               ? "a linked patient is older there than when last seen"
               : std::to_string(count) + " linked patients are older there than when last seen";
}

std::string not_there(std::int64_t count) {
    return std::to_string(count) + (count == 1 ? " is not there" : " are not there");
}

std::string gone_back(const std::string& side, const std::string& seen) {
    return side + " has gone back in time: " + seen + way_out_of_rewind;
}

/// Servers cut times to seconds here and not there.
std::string seconds_of(const std::optional<Instant>& time) {
    if (!time) return "-";
    const auto since = std::chrono::floor<std::chrono::seconds>(time->time_since_epoch());
    return std::to_string(since.count());
}

/// Whether the record is older than it was taken by more than `tolerance`, and not only its time.
bool is_stale(const Item& item, std::chrono::milliseconds tolerance) {
    const auto& link = item.known.link;
    if (!link || link->source != item.source) return false;
    const auto& taken_at = link->baselines.his.modified_at;
    const auto& shown_at = item.record.modified_at;
    const bool older = taken_at && shown_at && *shown_at + tolerance < *taken_at;
    // The HIS may have corrected a time; only what else went back with it was lost.
    return older && !differing(item.his.fields, link->baselines.his.fields).empty();
}

} // namespace

bool is_older(const state::Link& link, const std::optional<Instant>& shown_at) {
    const auto& known_at = link.baselines.medicapp.modified_at;
    return shown_at && known_at && *shown_at + list_time_grain < *known_at;
}

std::uint64_t rewound_patient(const std::string& external_id,
                              const std::optional<Instant>& known_at,
                              const std::optional<Instant>& shown_at) {
    return fingerprint_of("rewound medicapp",
                          seconds_of(known_at) + ' ' + seconds_of(shown_at) + ' ' + external_id);
}

bool RewoundPatients::note(const Change& change, std::uint64_t thing) {
    if (accepted_->names(thing)) return false;
    if (changes_.covers(change.external_id)) return true;
    ++(change.kind == Change::Kind::missing ? missing_ : older_);
    if (evidence_.size() >= limits::stale_patients) {
        changes_.note_more(change.kind, 1);
        return true;
    }
    changes_.note(change);
    evidence_.push_back(thing);
    return true;
}

bool RewoundPatients::note_older(const StalePatient& patient) {
    return note(Change::reassertion(patient.external_id, patient.changed),
                rewound_patient(patient.external_id, patient.known_at, patient.shown_at));
}

bool RewoundPatients::note_missing(const std::string& external_id,
                                   const std::optional<Instant>& known_at) {
    return note(Change::missing(external_id), rewound_patient(external_id, known_at, std::nullopt));
}

void RewoundPatients::note_more_older(std::int64_t patients) {
    older_ += patients;
    changes_.note_more(Change::Kind::update, patients);
}

Alarm RewoundPatients::alarm(Alarm proof) const {
    if (older_ > 0) {
        const auto others = missing_ > 0 ? ", and " + not_there(missing_) : std::string();
        proof.reason = gone_back("Medicapp", older_than_seen(older_) + others);
    }
    proof.changes = changes_;
    proof.evidence = evidence_;
    return proof;
}

void RewindSamples::note(const state::Link& link,
                         const std::optional<connectors::MedicappPatient>& now,
                         const reconcile::FieldSet& changed) {
    const auto& known_at = link.baselines.medicapp.modified_at;
    const bool is_older_there = now && is_older(link, now->modified_at);
    if (now && !is_older_there) return;
    const bool is_news = now ? who_.note_older({link.medicapp_id, link.external_id, known_at,
                                                now->modified_at, changed})
                             : who_.note_missing(link.external_id, known_at);
    if (!is_news) ++known_;
}

std::optional<Alarm> RewindSamples::alarm() const {
    const auto missing = static_cast<std::size_t>(who_.missing());
    const bool all_missing =
        modified_last_ >= implausibly_missing + known_ && missing + known_ == all_;
    if (who_.older() == 0 && !all_missing) return std::nullopt;
    const auto none = "none of the " + std::to_string(missing) +
                      " linked patients that were modified last exists there";
    return who_.alarm({&log::events::guard_rewound, {}, {}, gone_back("Medicapp", none)});
}

void Surveyed::note(const Item& item, std::chrono::milliseconds tolerance,
                    const std::unordered_set<std::string>& repeated) {
    const auto& id = item.external_id();
    if (!is_stale(item, tolerance)) {
        stale.erase(id);
        return;
    }
    if (repeated.contains(id)) return;
    if (stale.size() >= limits::stale_patients && !stale.contains(id)) {
        ++more;
        return;
    }
    const auto& taken = item.known.link->baselines.his;
    stale[id] = {differing(item.his.fields, taken.fields),
                 fingerprint_of("rewound source " + item.source,
                                seconds_of(taken.modified_at) + ' ' +
                                    seconds_of(item.record.modified_at) + ' ' + id)};
}

std::optional<Alarm> guard_rewound_source(const Consent& accepted, const std::string& source,
                                          const Surveyed& surveyed) {
    Alarm alarm{&log::events::guard_rewound, source, {}, {}};
    for (const auto& [id, now] : surveyed.stale) {
        if (accepted.names(now.thing)) continue;
        alarm.changes.note(Change::reassertion(id, now.fields));
        alarm.evidence.push_back(now.thing);
    }
    if (alarm.evidence.empty()) return std::nullopt;
    alarm.changes.note_more(Change::Kind::update, surveyed.more);
    alarm.reason = gone_back("source " + source, older_than_seen(alarm.changes.count()));
    return alarm;
}

} // namespace medibridge::sync
