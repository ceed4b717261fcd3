#include "control/operations.hpp"

#include <utility>

namespace medibridge::control::operations {

using runtime::Task;

namespace {

constexpr std::size_t most_lines = 10'000;

state::AuditQuery query_of(const Call& call) {
    call.allow_parameters({"since", "patient", "actor", "limit", "after"});
    const auto& request = call.request;
    state::AuditQuery query;
    if (const auto since = request.parameter("since")) query.since_ms = time_of(*since, "since");
    query.external_id = request.parameter("patient").value_or("");
    query.actor = request.parameter("actor").value_or("");
    if (const auto limit = request.parameter("limit"))
        query.limit = count_of(*limit, "limit", most_lines);
    if (const auto after = request.parameter("after"))
        query.after_id =
            *after == "0"
                ? 0
                : static_cast<std::int64_t>(count_of(*after, "after", std::size_t{1} << 62));
    return query;
}

} // namespace

} // namespace medibridge::control::operations

namespace medibridge::control {

Json audit_line_json(const state::AuditEntry& entry) {
    const bool by_operator = entry.actor.uid >= 0 || !entry.actor.name.empty();
    Json line;
    line["id"] = entry.id;
    line["at"] = exact_time_json(entry.at_ms);
    line["actor"] = text_or_null(entry.actor.name);
    line["uid"] = by_operator ? Json(entry.actor.uid) : Json();
    line["external_id"] = text_or_null(entry.external_id);
    line["medicapp_id"] = text_or_null(entry.medicapp_id);
    line["action"] = entry.action;
    line["detail"] = text_or_null(entry.detail);
    line["request_id"] = text_or_null(entry.request_id);
    return line;
}

} // namespace medibridge::control

namespace medibridge::control::operations {

Task<Json> audit(Call& call) {
    auto job = [query = query_of(call)](state::Store& store) { return store.audit(query); };
    const auto lines = co_await call.backend.database().run(std::move(job));
    Json it;
    it["audit"] = Json::array();
    for (const auto& line : lines)
        it["audit"].push_back(audit_line_json(line));
    co_return it;
}

Task<Json> audit_verification(Call& call) {
    call.allow_parameters({});
    auto job = [](state::Store& store) {
        return std::pair(store.verify_audit(), store.find_altered(0).count);
    };
    const auto [found, altered] = co_await call.backend.database().run(std::move(job));
    Json it;
    it["intact"] = found.intact;
    it["altered_rows"] = altered;
    it["lines"] = found.lines;
    it["first"] = found.first;
    it["last"] = found.last;
    it["broken_at"] = found.broken_at ? Json(*found.broken_at) : Json();
    co_return it;
}

} // namespace medibridge::control::operations
