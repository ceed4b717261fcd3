#include "control/operations.hpp"

#include <charconv>
#include <utility>

namespace medibridge::control::operations {

using runtime::Task;

namespace {

constexpr std::size_t most_lines = 10'000;

/// The id of a line; 0: before the first.
std::int64_t line_in(const std::string& text) {
    std::int64_t id = 0;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, id);
    if (read.ec != std::errc() || read.ptr != end || id < 0)
        throw Failure(Failure::Kind::usage, "`after` must be the id of a line, or 0");
    return id;
}

state::AuditQuery query_of(const Call& call) {
    call.allow_parameters({"since", "patient", "actor", "limit", "after"});
    const auto& request = call.request;
    state::AuditQuery query;
    if (const auto since = request.parameter("since")) query.since_ms = time_of(*since, "since");
    query.external_id = request.parameter("patient").value_or("");
    query.actor = request.parameter("actor").value_or("");
    if (const auto limit = request.parameter("limit"))
        query.limit = count_of(*limit, "limit", most_lines);
    if (const auto after = request.parameter("after")) query.after_id = line_in(*after);
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
