#include "control/operations.hpp"
#include "control/patient_json.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace medibridge::control {

namespace {

/// What the operator runs where what the guard saw is right; empty: it cannot be accepted.
std::string accepting(const sync::GuardAlarm& alarm) {
    const auto& guard = alarm.guard;
    if (guard == "guard.mapping") return "medibridgectl accept-mapping";
    if (guard == "guard.space") return "medibridgectl accept-space";
    if (guard == "guard.rewound") return "medibridgectl accept-rewind";
    if (guard == "guard.changes")
        return "medibridgectl accept-changes --expect " + std::to_string(alarm.changes.count());
    return {};
}

Json counts_of(const sync::Changes& changes) {
    Json counts = Json::object();
    for (const auto field : reconcile::all_fields()) {
        const auto count = changes.count_of(field);
        if (count > 0) counts[std::string(name(field))] = count;
    }
    return counts;
}

/// What would become of them, and how many of each; a patient may stand in several.
Json kinds_of(const sync::Changes& changes) {
    Json kinds = Json::object();
    for (const auto kind : sync::Change::all_kinds) {
        const auto count = changes.count_of(kind);
        if (count > 0) kinds[std::string(name(kind))] = count;
    }
    return kinds;
}

/// Null: without pseudonyms.
Json examples_of(const sync::Changes& changes, const reconcile::Digester* digester) {
    Json examples = Json::array();
    for (const auto& example : changes.examples()) {
        Json it;
        it["external_id"] = example.external_id;
        if (digester) it["pseudonym"] = digester->pseudonym(example.external_id);
        it["kind"] = name(example.kind);
        it["detail"] = text_or_null(example.detail);
        it["fields"] = names_json(example.fields);
        examples.push_back(std::move(it));
    }
    return examples;
}

/// What the stopped cycle had been told to accept, by the request's keys.
Json accepted_by(const sync::GuardAlarm& alarm) {
    Json keys = Json::array();
    if (alarm.mapping_accepted.given()) keys.push_back("mapping");
    if (alarm.rewind_accepted.given()) keys.push_back("rewind");
    if (alarm.space_accepted.given()) keys.push_back("space");
    return keys;
}

Json guard_json(const sync::GuardAlarm& alarm, const reconcile::Digester* digester) {
    Json guard;
    guard["guard"] = alarm.guard;
    guard["source"] = text_or_null(alarm.source);
    guard["reason"] = alarm.reason;
    guard["fields"] = counts_of(alarm.changes);
    guard["count"] = alarm.changes.count();
    guard["linked"] = alarm.linked;
    guard["kinds"] = kinds_of(alarm.changes);
    guard["holds"] = alarm.changes.holds();
    guard["keys"] = names_json(alarm.fields);
    guard["examples"] = examples_of(alarm.changes, digester);
    if (!digester) return guard;
    guard["token"] = alarm.token;
    guard["accepted"] = accepted_by(alarm);
    guard["accept"] = text_or_null(accepting(alarm));
    return guard;
}

} // namespace

Json guards_json(const std::vector<sync::GuardAlarm>& alarms, const reconcile::Digester& digester) {
    Json guards = Json::array();
    for (const auto& alarm : alarms)
        guards.push_back(guard_json(alarm, &digester));
    return guards;
}

Json guards_json(const std::vector<sync::GuardAlarm>& alarms) {
    Json guards = Json::array();
    for (const auto& alarm : alarms)
        guards.push_back(guard_json(alarm, nullptr));
    return guards;
}

namespace operations {

runtime::Task<Json> guard(Call& call) {
    call.allow_parameters({});
    Json it;
    const auto live = call.backend.live();
    it["guards"] = guards_json(live.alarms, call.backend.digester());
    it["outcome"] = last_outcome(live);
    it["reason"] = text_or_null(last_reason(live));
    co_return it;
}

} // namespace operations

} // namespace medibridge::control
