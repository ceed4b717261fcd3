#include "base/runtime/clock.hpp"
#include "control/operations.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace medibridge::control::operations {

using runtime::Task;
using sync::DecisionKind;

namespace {

/// Longer reasons are no few words.
constexpr std::size_t longest_reason = 500;

/// Hears what became of one decision.
class Listener final : public sync::Observer {
  public:
    explicit Listener(std::string key) : key_(std::move(key)) {}
    void concluded(const sync::Conclusion& conclusion) override {
        if (conclusion.key == key_) conclusion_ = conclusion;
    }
    const std::optional<sync::Conclusion>& conclusion() const { return conclusion_; }

  private:
    std::string key_;
    std::optional<sync::Conclusion> conclusion_;
};

/// The cycle that carries a decision out. It goes on beside whoever asked, if it takes long.
struct CarryingOut {
    CarryingOut(const boost::asio::any_io_executor& executor, std::string key)
        : listener(std::move(key)),
          clock(executor),
          asked_at(clock.now()) {}

    Listener listener;
    runtime::SteadyClock clock; ///< is woken at the end
    runtime::TimePoint asked_at;
    std::optional<CycleEnd> end;
    std::string trouble; ///< why there is no end
    std::exception_ptr failure;
    bool ended = false;
};

Task<void> carry_out(Backend& backend, std::shared_ptr<CarryingOut> it) {
    try {
        it->end = co_await backend.run_cycle(sync::Request(), it->listener);
    } catch (const Unavailable& failure) { // NOLINT: the decision is durable, and says so
        it->trouble = failure.what();
    } catch (...) {
        it->failure = std::current_exception();
    }
    it->ended = true;
    it->clock.wake();
}

/// The sides that cannot be used now, for an operator; empty: all can.
std::string silent_sides(const Live& live) {
    std::string text;
    for (const auto& side : live.sides) {
        if (side.up && !side.trying_since_ms) continue;
        // One that is down may well answer, and not as it must: its reason tells.
        const bool tells = !side.up && !side.reason.empty();
        text += (text.empty() ? "" : ", ") +
                (side.name == "medicapp" ? std::string("Medicapp") : "source " + side.name) +
                (tells ? " is down (" + side.reason + ")" : " does not answer");
    }
    return text;
}

/// Waits for the end, but for a side that does not answer not long: then it says which. Without a
/// service nobody would carry on.
Task<std::string> wait_for(Backend& backend, CarryingOut& it) {
    constexpr std::chrono::seconds look{1};
    const auto until = it.asked_at + backend.decision_patience;
    while (!it.ended) {
        const auto now = it.clock.now();
        std::string silent;
        if (now >= until && backend.is_service) silent = silent_sides(backend.live());
        if (!silent.empty()) co_return silent;
        co_await it.clock.sleep_until(now < until ? until : now + look);
    }
    co_return std::string();
}

sync::Order order_of(const Call& call) {
    const auto body = call.body({"decision", "medicapp_id", "token", "reason"});
    sync::Order order;
    order.key = call.captured.at(0);
    const auto kind = state::decision_named(text_in(body, "decision").value_or(""));
    if (!kind)
        throw Failure(Failure::Kind::usage,
                      "`decision` must be retry, link, create, update or ignore");
    order.kind = *kind;
    order.medicapp_id = text_in(body, "medicapp_id").value_or("");
    order.token = text_in(body, "token").value_or("");
    order.reason = text_in(body, "reason").value_or("");
    if (order.reason.size() > longest_reason)
        throw Failure(Failure::Kind::usage, "`reason` has more than 500 bytes");
    if (order.kind == DecisionKind::link && order.medicapp_id.empty())
        throw Failure(Failure::Kind::usage, "`link` needs a `medicapp_id`");
    order.actor = {call.person.name, call.person.uid};
    return order;
}

Json outcome_json(const sync::Order& order, const std::string& result, const std::string& reason) {
    Json it;
    it["id"] = order.key;
    it["decision"] = std::string(state::name(order.kind));
    it["result"] = result;
    it["reason"] = text_or_null(reason);
    return it;
}

/// Why a decision that is durable was not carried out yet.
std::string why_pending(const CycleEnd& end) {
    const auto& reason = end.report.reason;
    return reason.empty() ? "the next cycle carries it out"
                          : "the next cycle carries it out: " + reason;
}

/// When a decision is carried out that was taken while cycles are paused.
std::string carried_out_after(const Pause& pause) {
    const std::string resume = "medibridgectl resume";
    if (!pause.until_ms) return "cycles are paused: " + resume;
    return "cycles are paused until " + time_json(pause.until_ms).get<std::string>() +
           ": it is carried out then, or at " + resume;
}

Task<bool> waits_for_record(Call& call, const std::string& key) {
    auto job = [key](state::Store& store) {
        const auto decision = store.look_up({key}).front().decision;
        return decision && sync::waits_for_record(*decision);
    };
    co_return co_await call.backend.database().run(std::move(job));
}

/// A cycle that was under way when the decision was taken may have carried it out.
Task<std::optional<sync::Conclusion>> conclusion_in_audit(Call& call, const std::string& key) {
    auto job = [key](state::Store& store) {
        std::optional<sync::Conclusion> found;
        if (store.look_up({key}).front().decision) return found;
        state::AuditQuery query;
        query.external_id = key;
        query.limit = 20;
        for (const auto& line : store.audit(query)) {
            const bool applied = line.action == "decision_applied";
            const bool ended =
                applied || line.action == "decision_refused" || line.action == "decision_replaced";
            if (!ended) continue;
            const auto colon = line.detail.find(": ");
            found = {key, line.detail.substr(0, colon), applied,
                     colon == std::string::npos ? std::string() : line.detail.substr(colon + 2)};
            break;
        }
        return found;
    };
    co_return co_await call.backend.database().run(std::move(job));
}

} // namespace

Task<Json> decide(Call& call) {
    call.allow_parameters({});
    const auto order = order_of(call);
    const auto executor = co_await boost::asio::this_coro::executor;
    const auto cycle = std::make_shared<CarryingOut>(executor, order.key);
    const auto refusal = co_await call.backend.decide(order);
    if (!refusal.empty()) co_return outcome_json(order, "refused", refusal);
    if (order.kind == DecisionKind::ignore) co_return outcome_json(order, "applied", {});
    if (co_await waits_for_record(call, order.key))
        co_return outcome_json(order, "pending", "applied " + std::string(sync::when_sent_again));
    if (const auto pause = call.backend.live().pause)
        co_return outcome_json(order, "pending", carried_out_after(*pause));
    boost::asio::co_spawn(executor, carry_out(call.backend, cycle), boost::asio::detached);
    const auto silent = co_await wait_for(call.backend, *cycle);
    if (cycle->failure) std::rethrow_exception(cycle->failure);
    auto conclusion = cycle->listener.conclusion();
    if (!conclusion) conclusion = co_await conclusion_in_audit(call, order.key);
    if (!conclusion && !silent.empty())
        co_return outcome_json(order, "pending",
                               silent + ": the decision is kept, and a cycle carries it out");
    if (!conclusion)
        co_return outcome_json(order, "pending",
                               cycle->end ? why_pending(*cycle->end) : cycle->trouble);
    if (conclusion->decision != state::name(order.kind))
        co_return outcome_json(order, "refused",
                               conclusion->decision + " took its place meanwhile");
    co_return outcome_json(order, conclusion->applied ? "applied" : "refused", conclusion->reason);
}

} // namespace medibridge::control::operations
