#include "control/operations.hpp"
#include "control/patient_json.hpp"

#include "base/bytes/ascii.hpp"
#include "sync/core/order.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace medibridge::control::operations {

using runtime::Task;

namespace {

/// Of one answer; the rest is counted.
constexpr std::size_t most_shown = 100'000;

/// Which of what is held; what is not given admits all.
struct Filter {
    std::optional<reconcile::HoldReason> reason;
    std::optional<std::string> source;
    std::optional<std::int64_t> since_ms;
    std::optional<bool> to_decide;
    std::string search; ///< in lower case

    bool admits(const state::Held& held) const;
};

bool Filter::admits(const state::Held& held) const {
    if (reason && held.reason != *reason) return false;
    if (source && held.source != *source) return false;
    if (since_ms && held.held_at_ms < *since_ms) return false;
    if (to_decide && is_to_decide(held) != *to_decide) return false;
    if (search.empty()) return true;
    const auto shows = [&](const std::string& text) {
        return base::ascii_lower_case(text).find(search) != std::string::npos;
    };
    return shows(held.key) || shows(held.medicapp_id) || shows(held.detail) || shows(held.field);
}

Filter filter_of(const Call& call) {
    call.allow_parameters({"reason", "source", "since", "search", "kind", "limit"});
    const auto& request = call.request;
    Filter filter;
    if (const auto reason = request.parameter("reason")) {
        filter.reason = reconcile::hold_reason_named(*reason);
        if (!filter.reason)
            throw Failure(Failure::Kind::usage,
                          "`reason`: there is no such reason; docs/identity.md lists them");
    }
    filter.source = request.parameter("source");
    if (const auto since = request.parameter("since")) filter.since_ms = time_of(*since, "since");
    if (const auto kind = request.parameter("kind")) {
        if (*kind != "decide" && *kind != "excluded")
            throw Failure(Failure::Kind::usage, "`kind` must be decide or excluded");
        filter.to_decide = *kind == "decide";
    }
    filter.search = base::ascii_lower_case(request.parameter("search").value_or(""));
    return filter;
}

struct Holds {
    std::vector<state::Known> known; ///< of each who is held
    std::map<std::string, Ignored> ignored;
    state::Waiting waiting;
};

Task<Holds> remembered_holds(Call& call) {
    auto job = [](state::Store& store) {
        Holds it;
        std::vector<std::string> keys;
        for (auto& held : store.held())
            keys.push_back(std::move(held.key));
        it.known = store.look_up(keys);
        std::vector<const state::Held*> held;
        for (const auto& one : it.known)
            held.push_back(&*one.held);
        it.ignored = who_ignored(store, held);
        it.waiting = store.waiting();
        return it;
    };
    co_return co_await call.backend.database().run(std::move(job));
}

/// A source that was configured once may still have patients who are held.
void require_source(const Call& call, const Filter& filter, const Holds& holds) {
    if (!filter.source) return;
    const auto& source = *filter.source;
    std::string known;
    for (const auto& one : call.backend.settings().his) {
        if (one.name == source) return;
        known += (known.empty() ? "" : ", ") + one.name;
    }
    for (const auto& one : holds.known)
        if (one.held->source == source) return;
    throw Failure(Failure::Kind::usage,
                  "`source`: the configuration has no source of that name; it has: " + known);
}

Json held_json(const state::Known& known, const Holds& all,
               std::optional<std::int64_t> next_look_ms) {
    const auto& held = *known.held;
    Json it;
    it["id"] = held.key;
    it["external_id"] = reconcile::is_nameless_key(held.key) ? Json() : Json(held.key);
    it["reason"] = std::string(name(held.reason));
    it["kind"] = is_to_decide(held) ? "decide" : "excluded";
    it["source"] = text_or_null(held.source);
    it["medicapp_id"] = text_or_null(held.medicapp_id);
    it["fields"] = names_json(held.field);
    it["detail"] = held.detail;
    it["since"] = time_json(held.held_at_ms);
    it["attempts"] = held.attempts;
    it["last_look"] = held.looked_at_ms > 0 ? time_json(held.looked_at_ms) : Json();
    it["next_look"] = sync::is_compared_again(held) ? time_json(next_look_ms) : Json();
    it["decisions"] = decisions_json(sync::decisions_on(known));
    it["ignored"] = ignored_json(all.ignored, held.key);
    add_decision(it, known);
    return it;
}

/// What has the same cause, the most first.
class Groups {
  public:
    void add(const state::Known& known) {
        const auto& held = *known.held;
        auto& [all, to_decide] = counts_[{held.reason, held.detail, held.field}];
        ++all;
        if (is_to_decide(held) && !known.decision) ++to_decide;
    }
    Json json() const {
        std::vector<std::pair<Cause, Counts>> sorted(counts_.begin(), counts_.end());
        std::ranges::stable_sort(sorted, std::ranges::greater(),
                                 [](const auto& one) { return one.second.all; });
        Json groups = Json::array();
        for (const auto& [cause, counts] : sorted) {
            const auto& [reason, detail, field] = cause;
            Json group;
            group["reason"] = std::string(name(reason));
            group["detail"] = detail;
            group["fields"] = names_json(field);
            group["count"] = counts.all;
            group["to_decide"] = counts.to_decide;
            groups.push_back(std::move(group));
        }
        return groups;
    }

  private:
    using Cause = std::tuple<reconcile::HoldReason, std::string, std::string>;
    struct Counts {
        std::int64_t all = 0;
        std::int64_t to_decide = 0; ///< of these, whom an operator has to look at
    };
    std::map<Cause, Counts> counts_;
};

} // namespace

Task<Json> held(Call& call) {
    const auto filter = filter_of(call);
    const auto limit = call.request.parameter("limit");
    const auto most = limit ? count_of(*limit, "limit", most_shown) : most_shown;
    const auto next_look_ms = call.backend.live().next_full_compare_ms;
    const auto known = co_await remembered_holds(call);
    require_source(call, filter, known);
    Json it;
    it["held"] = Json::array();
    Groups groups;
    std::int64_t left_out = 0;
    for (const auto& one : known.known) {
        const auto& held = *one.held;
        if (!filter.admits(held)) continue;
        groups.add(one);
        if (it["held"].size() < most) {
            it["held"].push_back(held_json(one, known, next_look_ms));
        } else {
            ++left_out;
        }
    }
    it["left_out"] = left_out;
    it["to_decide"] = known.waiting.to_decide;
    it["excluded"] = known.waiting.excluded;
    it["groups"] = groups.json();
    co_return it;
}

} // namespace medibridge::control::operations
