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

Json names_in(const std::string& list) {
    Json names = Json::object();
    for (std::size_t begin = 0; begin < list.size();) {
        const auto end = std::min(list.find(',', begin), list.size());
        names[list.substr(begin, end - begin)] = 1;
        begin = end + 1;
    }
    return names;
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

Json examples_of(const sync::Changes& changes, const reconcile::Digester& digester) {
    Json examples = Json::array();
    for (const auto& example : changes.examples())
        examples.push_back({{"external_id", example.external_id},
                            {"pseudonym", digester.pseudonym(example.external_id)},
                            {"kind", name(example.kind)},
                            {"detail", text_or_null(example.detail)},
                            {"fields", names_json(example.fields)}});
    return examples;
}

} // namespace

Json guards_json(const std::optional<sync::GuardAlarm>& stopped,
                 const reconcile::Digester& digester) {
    Json guards = Json::array();
    if (!stopped) return guards;
    const auto& alarm = *stopped;
    Json guard;
    guard["guard"] = alarm.guard;
    guard["source"] = text_or_null(alarm.source);
    guard["reason"] = alarm.reason;
    guard["fields"] = alarm.changes.count() > 0 ? counts_of(alarm.changes) : names_in(alarm.fields);
    guard["count"] = alarm.changes.count();
    guard["linked"] = alarm.linked;
    guard["kinds"] = kinds_of(alarm.changes);
    guard["holds"] = alarm.changes.holds();
    guard["keys"] = Json::array();
    for (const auto& [key, unused] : names_in(alarm.fields).items())
        guard["keys"].push_back(key);
    guard["examples"] = examples_of(alarm.changes, digester);
    guard["token"] = alarm.token;
    guard["accept"] = text_or_null(accepting(alarm));
    guards.push_back(std::move(guard));
    return guards;
}

namespace operations {

runtime::Task<Json> guard(Call& call) {
    call.allow_parameters({});
    Json it;
    const auto live = call.backend.live();
    it["guards"] = guards_json(live.alarm, call.backend.digester());
    it["outcome"] = last_outcome(live);
    it["reason"] = text_or_null(last_reason(live));
    co_return it;
}

} // namespace operations

} // namespace medibridge::control
