#include "control/cycle_json.hpp"

#include "control/call.hpp"

#include <utility>

namespace medibridge::control {

RequestCounts RequestCounts::operator-(const RequestCounts& earlier) const {
    return {get - earlier.get,
            post - earlier.post,
            put - earlier.put,
            retries - earlier.retries,
            rate_limited - earlier.rate_limited,
            his - earlier.his};
}

Json tally_json(const sync::Tally& tally) {
    Json counts;
    counts["created"] = tally.created;
    counts["updated"] = tally.updated;
    counts["linked"] = tally.linked;
    counts["unchanged"] = tally.unchanged;
    counts["held"] = tally.held;
    counts["deferred"] = tally.deferred;
    return counts;
}

std::string last_outcome(const Live& live) {
    if (!live.failure.empty()) return "failed";
    if (live.last_report) return std::string(name(live.last_report->outcome));
    return live.former ? std::string(name(live.former->outcome)) : "none";
}

std::string last_reason(const Live& live) {
    if (!live.failure.empty()) return live.failure;
    if (live.last_report) return live.last_report->reason;
    return live.former ? live.former->reason : "";
}

Json reasons_json(const state::Waiting& waiting) {
    Json reasons = Json::object();
    for (const auto& [reason, count] : waiting.reasons)
        reasons[std::string(name(reason))] = count;
    return reasons;
}

namespace {

/// How each source fared; `trouble` is null where it was read to its end.
Json sources_of(const sync::Report& report) {
    Json sources = Json::array();
    for (const auto& source : report.sources)
        sources.push_back({{"name", source.name}, {"trouble", text_or_null(source.trouble)}});
    return sources;
}

/// As the contract of `--once` has it, key by key.
Json counts_of(const CycleEnd& end) {
    const auto& requests = end.requests;
    Json medicapp;
    medicapp["GET"] = requests.get;
    medicapp["POST"] = requests.post;
    medicapp["PUT"] = requests.put;
    medicapp["retries"] = requests.retries;
    medicapp["rate_limited"] = requests.rate_limited;
    Json result;
    result["outcome"] = std::string(name(end.report.outcome));
    for (auto& [key, count] : tally_json(end.report).items())
        result[key] = count;
    result["requests"]["medicapp"] = std::move(medicapp);
    result["requests"]["his"] = requests.his;
    result["duration_ms"] = end.duration.count();
    result["waiting"]["to_decide"] = end.waiting.to_decide;
    result["waiting"]["excluded"] = end.waiting.excluded;
    result["waiting"]["reasons"] = reasons_json(end.waiting);
    return result;
}

} // namespace

Json cycle_json(const CycleEnd& end, const reconcile::Digester& digester) {
    auto result = counts_of(end);
    result["reason"] = text_or_null(end.report.reason);
    result["sources"] = sources_of(end.report);
    result["guards"] = guards_json(end.report.alarms, digester);
    return result;
}

std::string to_json(const CycleEnd& end, bool dry_run) {
    auto result = counts_of(end);
    if (!end.report.reason.empty()) result["reason"] = end.report.reason;
    // Other runs tell a journal, where no identifiers belong.
    if (dry_run && !end.report.alarms.empty()) result["guards"] = guards_json(end.report.alarms);
    return text_of(result);
}

} // namespace medibridge::control
