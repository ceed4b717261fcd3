#include "sync/core/guards.hpp"

#include "base/log/catalogue.hpp"
#include "sync/core/cycle_status.hpp"
#include "sync/core/views.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

namespace medibridge::sync {

using log::Key;
using reconcile::HoldReason;

namespace {

constexpr const char* way_out_of_mapping_change =
    "; preview the effect with medibridgectl sync --dry-run; if the change is intended, run "
    "medibridgectl accept-mapping (without a service: medibridged --once --accept-mapping; "
    "max_changes still applies), or put the configuration back";

/// What, and how many of each: ` (lastName 1055, phone 3, held deleted_in_his 20, merged 4)`.
std::string kinds_of(const Changes& changes) {
    std::string text;
    const auto add = [&text](std::string_view what, std::int64_t count) {
        if (count == 0) return;
        text += (text.empty() ? " (" : ", ") + std::string(what) + ' ' + std::to_string(count);
    };
    for (const auto field : reconcile::all_fields())
        add(name(field), changes.count_of(field));
    for (const auto& [reason, count] : changes.holds())
        add("held " + reason, count);
    add("merged", changes.count_of(Change::Kind::merge));
    add("renamed", changes.count_of(Change::Kind::rename));
    return text.empty() ? text : text + ')';
}

Alarm too_many(const Changes& changes, std::int64_t linked, const std::string& what) {
    return {&log::events::guard_changes,
            {},
            {},
            "max_changes: " + std::to_string(changes.count()) + " of " + std::to_string(linked) +
                " linked patients " + what + kinds_of(changes) +
                "; see medibridgectl guard show (without a service: medibridged --once "
                "--dry-run); if they are intended, run medibridgectl accept-changes --expect " +
                std::to_string(changes.count()),
            changes,
            linked};
}

/// Just what an operator saw and accepts, no more and no less.
bool is_accepted(const Rules& rules, const Changes& changes) {
    const AcceptedChanges now{changes.count(), changes.fingerprint()};
    return rules.request.accept_changes == now;
}

double plausible_share(const Settings& settings, std::int64_t linked) {
    return static_cast<double>(linked) * settings.max_changes_ratio;
}

/// Whether a decision that needs a look is likely to change the patient. One for an older record
/// may only hold them, and seldom does; what the patient is held for already, and looks the same,
/// would be held again. If it does change them, LateChanges comes to know it.
bool may_change(const Rules& rules, const Item& item, const Memory& memory) {
    if (memory.left_unjudged.contains(item.external_id())) return true;
    if (item.decision.inspection == Inspection::older_record) return false;
    const auto& held = item.known.held;
    if (held && held->reason == HoldReason::identity_mismatch) return false;
    if (!held || held->reason != HoldReason::divergence) return true;
    if (held->record != record_digest(item.record, rules.digester)) return true;
    return item.seen && held->look != divergence_digest(item.record, *item.seen, rules.digester);
}

Mapping from_text(const std::string& text) {
    Mapping digests;
    std::istringstream lines(text);
    for (std::string key, digest; lines >> key >> digest;)
        digests[key] = digest;
    return digests;
}

void append_word(std::string& list, const std::string& word) {
    list += list.empty() ? word : "," + word;
}

/// The keys that were added, removed or have another value; comma-separated.
std::string changed_keys(const std::string& digests_before, const std::string& digests_now) {
    const auto before = from_text(digests_before);
    const auto now = from_text(digests_now);
    std::string keys;
    for (const auto& [key, digest] : before) {
        const auto other = now.find(key);
        if (other == now.end() || other->second != digest) append_word(keys, key);
    }
    for (const auto& [key, digest] : now) {
        if (!before.contains(key)) append_word(keys, key);
    }
    return keys;
}

} // namespace

std::optional<Change> merge_of(const Rules& rules, const reconcile::Assessed& record,
                               const state::Known& known) {
    const auto& id = record.patient.external_id();
    if (!known.link || record.merged_into.empty() || record.merged_into == id) return std::nullopt;
    const bool held_for_it = known.held && (known.held->reason == HoldReason::merged_in_his ||
                                            known.held->reason == HoldReason::external_id_taken);
    if (known.redirect == record.merged_into && held_for_it) return std::nullopt;
    const auto digest = record_digest(record, rules.digester);
    if (known.held && known.held->record == digest) return std::nullopt; // it waits for an operator
    return Change::merge(id, record.merged_into, record.renamed, digest);
}

std::optional<Change> change_of(const Rules& rules, const Item& item, const Memory& memory) {
    const auto& decision = item.decision;
    const auto& known = item.known;
    if (!known.link) return std::nullopt;
    if (!item.record.merged_into.empty()) return merge_of(rules, item.record, known);
    const auto& id = item.external_id();
    if (decision.kind == Decision::Kind::hold) {
        if (known.held && known.held->reason == decision.hold_reason) return std::nullopt;
        return Change::hold(id, decision.hold_reason, record_digest(item.record, rules.digester));
    }
    const bool looks = decision.kind == Decision::Kind::inspect && may_change(rules, item, memory);
    if (decision.kind != Decision::Kind::update && !looks) return std::nullopt;
    return Change::update(id, decision.plan.write | decision.plan.clear,
                          record_digest(item.record, rules.digester));
}

std::int64_t plausible_changes(const Rules& rules, std::int64_t linked) {
    const auto share = static_cast<std::int64_t>(plausible_share(rules.settings, linked));
    return std::max(rules.settings.max_changes_at_least - 1, share);
}

bool is_implausible(const Rules& rules, const Changes& changes, std::int64_t linked) {
    return changes.count() > plausible_changes(rules, linked);
}

std::optional<Alarm> guard_changes(const Rules& rules, const Changes& changes,
                                   std::int64_t linked) {
    if (!is_implausible(rules, changes, linked) || is_accepted(rules, changes)) return std::nullopt;
    return too_many(changes, linked, "would be changed");
}

void LateChanges::begin(const Rules& rules, ChangeCounter judged, std::int64_t linked) {
    judged_ = std::move(judged);
    plausible_ = plausible_changes(rules, linked);
    nobody_linked_ = linked == 0;
}

bool LateChanges::allows(const Change& change) {
    const auto& id = change.external_id;
    if (nobody_linked_ || judged_.covers(id) || new_links_.contains(id)) return true;
    if (!late_.covers(id) && late_.changes().count() >= plausible_) return false;
    late_.note(change);
    return true;
}

std::int64_t plausibly_missing(const Rules& rules, std::int64_t linked) {
    const auto share = static_cast<std::int64_t>(plausible_share(rules.settings, linked));
    const auto plausible = std::max(rules.settings.max_changes_at_least, share);
    const auto& accepted = rules.request.accept_changes;
    return accepted ? std::max(plausible, accepted->count) : plausible;
}

std::optional<Alarm> guard_missing(const Rules& rules, const Changes& missing,
                                   std::int64_t linked) {
    const auto share = static_cast<std::int64_t>(plausible_share(rules.settings, linked));
    const bool plausible = missing.count() <= std::max(rules.settings.max_changes_at_least, share);
    if (plausible || is_accepted(rules, missing)) return std::nullopt;
    return too_many(missing, linked, "are not in Medicapp");
}

std::optional<Alarm> guard_empty_medicapp(const reconcile::ReadResult& read, std::int64_t linked) {
    if (read.pages > 0 || linked == 0) return std::nullopt;
    return Alarm{&log::events::guard_emptied,
                 {},
                 {},
                 "Medicapp shows no patient at all, but " + std::to_string(linked) +
                     " are linked: check medicapp.base_url and the key's space; if this space "
                     "is to start empty, move the state away"};
}

std::optional<Alarm> guard_empty_source(const std::string& source,
                                        const reconcile::ReadResult& read, bool any_linked) {
    if (read.pages > 0 || !any_linked) return std::nullopt;
    return Alarm{&log::events::guard_emptied,
                 source,
                 {},
                 "source " + source +
                     " shows no record at all, but patients came from it: fix the source, or "
                     "remove it from the configuration"};
}

bool looks_rewound(const reconcile::ReadMark& before, const reconcile::ReadResult& read) {
    return lost_anchor(before, read) || clock_was_set_back(before, read);
}

std::string mapping_key(const std::string& source) {
    return "mapping:" + source;
}

std::string mapping_digests(const Rules& rules, const std::string& source) {
    std::string text;
    const auto& mappings = rules.settings.mappings;
    const auto mapping = mappings.find(source);
    if (mapping == mappings.end()) return text;
    for (const auto& [key, value] : mapping->second)
        text += key + ' ' + reconcile::hex(rules.digester.text("mapping", value)) + '\n';
    return text;
}

bool MappingChanges::note(const Rules& rules, const std::string& source,
                          const std::string& before) {
    const auto now = mapping_digests(rules, source);
    if (before.empty() || before == now) return false;
    append_word(sources_, source);
    append_word(fields_, changed_keys(before, now));
    evidence_.push_back(fingerprint_of("mapping " + source, before + '\n' + now));
    return true;
}

Effects MappingChanges::effects(const Rules& rules) const {
    Effects effects;
    if (!any()) return effects;
    const auto& request = rules.request;
    const bool only_shown = request.dry_run && !request.looks_for_guards;
    if (request.accept_mapping.covers(evidence_) || only_shown) {
        effects.events.push_back(log::Event(log::events::mapping_changed)
                                     .with(Key::source, sources_)
                                     .with(Key::fields, fields_));
        return effects;
    }
    effects.notice.alarm = Alarm{&log::events::guard_mapping, sources_, fields_,
                                 "the mapping of source " + sources_ + " was changed: " + fields_ +
                                     way_out_of_mapping_change};
    effects.notice.alarm->evidence = evidence_;
    return effects;
}

} // namespace medibridge::sync
