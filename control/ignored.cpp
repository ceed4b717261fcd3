#include "control/ignored.hpp"

#include <algorithm>
#include <limits>
#include <string_view>

namespace medibridge::control {

namespace {

/// More lines of one action are not looked through.
constexpr std::size_t most_lines = 100'000;
constexpr std::string_view ignore_word = "ignore";
constexpr std::string_view before_reason = "ignore: ";

/// The newest line about each, if there is one that is newer than what is known.
void take_lines(state::Store& store, state::AuditQuery query, std::map<std::string, Ignored>& all) {
    for (const auto& line : store.audit(query)) {
        const auto place = all.find(line.external_id);
        if (place == all.end() || (place->second.at_ms && *place->second.at_ms >= line.at_ms))
            continue;
        const bool decided = line.action == "decided";
        if (decided && line.detail != ignore_word && !line.detail.starts_with(before_reason))
            continue;
        place->second = {line.actor.name, line.at_ms, "erased in Medicapp"};
        if (decided)
            place->second.because =
                line.detail.substr(std::min(before_reason.size(), line.detail.size()));
    }
}

} // namespace

std::map<std::string, Ignored> who_ignored(state::Store& store,
                                           const std::vector<const state::Held*>& held) {
    std::map<std::string, Ignored> all;
    state::AuditQuery query;
    query.since_ms = std::numeric_limits<std::int64_t>::max();
    for (const auto* one : held) {
        if (!one->acknowledged) continue;
        all[one->key];
        query.since_ms = std::min(query.since_ms, one->held_at_ms);
    }
    if (all.empty()) return all;
    query.limit = most_lines;
    if (all.size() == 1) query.external_id = all.begin()->first;
    for (const char* action : {"decided", "erased"}) {
        query.action = action;
        take_lines(store, query, all);
    }
    return all;
}

Json ignored_json(const std::map<std::string, Ignored>& ignored, const std::string& key) {
    const auto place = ignored.find(key);
    if (place == ignored.end()) return nullptr;
    const auto& [by, at_ms, because] = place->second;
    return {{"by", text_or_null(by)}, {"at", time_json(at_ms)}, {"because", text_or_null(because)}};
}

} // namespace medibridge::control
