#include "control/narrator.hpp"
#include "control/operations.hpp"
#include "control/patient_json.hpp"

#include "base/bytes/ascii.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <charconv>
#include <map>
#include <set>
#include <utility>

namespace medibridge::control::operations {

using runtime::Task;

namespace {

/// What a dry run would write.
class Planner final : public sync::Observer {
  public:
    void planned(const sync::PlannedWrite& write) override { writes_[write.external_id] = write; }
    Json items() const {
        Json list = Json::array();
        for (const auto& [external_id, write] : writes_) {
            Json it;
            it["external_id"] = external_id;
            it["action"] = std::string(name(write.action));
            it["fields"] = names_json(write.fields);
            it["digest"] = reconcile::hex(write.digest);
            list.push_back(std::move(it));
        }
        return list;
    }

  private:
    std::map<std::string, sync::PlannedWrite> writes_;
};

[[noreturn]] void not_a_plan() {
    throw Failure(Failure::Kind::usage,
                  "`plan` is not what POST /v1/plans gave: make one with medibridgectl plan save");
}

reconcile::Digest digest_of(const std::string& text) {
    reconcile::Digest digest{};
    if (text.size() != digest.size() * 2 || !std::ranges::all_of(text, base::is_hex_digit))
        not_a_plan();
    for (std::size_t i = 0; i < digest.size(); ++i)
        std::from_chars(text.data() + 2 * i, text.data() + 2 * i + 2, digest[i], 16);
    return digest;
}

struct PlannedCycle {
    sync::Plan writes;
    bool full = false;
};

PlannedCycle plan_in(const Json& body) {
    const auto plan = body.find("plan");
    if (plan == body.end() || !plan->is_object()) not_a_plan();
    const auto items = plan->find("items");
    if (items == plan->end() || !items->is_array()) not_a_plan();
    PlannedCycle it;
    it.full = flag_in(*plan, "full").value_or(false);
    for (const auto& item : *items) {
        if (!item.is_object()) not_a_plan();
        const auto external_id = text_in(item, "external_id").value_or("");
        if (external_id.empty()) not_a_plan();
        it.writes[external_id] = digest_of(text_in(item, "digest").value_or(""));
    }
    return it;
}

/// Finds out what becomes of a plan.
class Executor final : public Narrator {
  public:
    using Narrator::Narrator;

    void acted(const std::string& external_id, sync::Action action,
               const std::string& detail) override {
        if (action == sync::Action::held)
            left_[external_id] = "was held: " + detail;
        else
            written_.insert(external_id);
    }
    void left_out(const std::string& external_id, const std::string& reason) override {
        left_[external_id] = reason;
    }

    Json result(const sync::Plan& plan, const sync::Report& report) {
        const std::string why =
            report.reason.empty() ? "nothing of it is due any more" : report.reason;
        std::int64_t applied = 0;
        for (const auto& [external_id, digest] : plan) {
            if (written_.contains(external_id))
                ++applied;
            else
                left_.try_emplace(external_id, why);
        }
        Json it;
        it["applied"] = applied;
        it["left"] = Json::array();
        for (const auto& [external_id, reason] : left_) {
            if (!written_.contains(external_id))
                it["left"].push_back({{"external_id", external_id}, {"reason", reason}});
        }
        it["outcome"] = std::string(name(report.outcome));
        it["reason"] = text_or_null(report.reason);
        return it;
    }

  private:
    std::set<std::string> written_;
    std::map<std::string, std::string> left_; ///< why
};

/// Why a cycle did not come to its end: its own reason, and the sources that were not read.
std::string reason_of(const sync::Report& report) {
    std::string text = report.reason;
    for (const auto& source : report.sources) {
        if (source.trouble.empty() || text.contains(source.trouble)) continue;
        text += (text.empty() ? "" : "; ") + ("source " + source.name) + ": " + source.trouble;
    }
    return text;
}

/// What a cycle that saw a part would write looks like a whole plan, and like nothing to do where
/// it saw nothing.
void require_whole(const sync::Report& report, const reconcile::Digester& digester) {
    using Kind = Failure::Kind;
    switch (report.outcome) {
    case sync::Outcome::complete:
        return;
    case sync::Outcome::guarded:
        throw Failure(Kind::guarded, "a guard stops this cycle: " + report.reason,
                      guards_json(report.alarms, digester));
    case sync::Outcome::unauthorized:
        throw Failure(Kind::unauthorized, "no plan is made: " + reason_of(report) +
                                              ": medibridgectl doctor says what to do");
    case sync::Outcome::incomplete:
        throw Failure(Kind::incomplete,
                      "no plan is made, for not everything could be seen: " + reason_of(report) +
                          ": try again once medibridgectl status shows every side up");
    }
}

} // namespace

Task<Json> make_plan(Call& call) {
    call.allow_parameters({});
    sync::Request request;
    request.full = flag_in(call.body({"full"}), "full").value_or(false);
    request.dry_run = true;
    request.looks_for_guards = true; // what stops the cycle that would apply it, stops the plan
    const bool full = request.full;
    Planner planner;
    const auto end = co_await call.backend.run_cycle(std::move(request), planner);
    require_whole(end.report, call.backend.digester());
    Json plan;
    plan["made_at"] = time_json(call.backend.now_ms());
    plan["full"] = full;
    plan["items"] = planner.items();
    Json it;
    it["plan"] = std::move(plan);
    co_return it;
}

/// Also while cycles are paused, which they stay: it is a person's order, of what they looked at.
Task<Json> apply_plan(Call& call) {
    call.allow_parameters({});
    const auto planned = plan_in(call.body({"plan"}));
    state::Batch batch;
    batch.audit(call.audit_entry("plan", std::to_string(planned.writes.size()) + " writes"));
    co_await call.backend.database().commit(std::move(batch));
    sync::Request request;
    request.full = planned.full;
    request.plan = std::make_shared<const sync::Plan>(planned.writes);
    Executor executor(co_await boost::asio::this_coro::executor, false);
    const auto end = co_await run_narrated(call, std::move(request), executor);
    co_return executor.result(planned.writes, end.report);
}

} // namespace medibridge::control::operations
