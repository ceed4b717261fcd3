#include "sync/core/plan.hpp"

#include "sync/core/order.hpp"
#include "sync/core/views.hpp"
#include "sync/core/write_request.hpp"

#include <utility>

namespace medibridge::sync {

namespace {

/// Stands for the item's write: the record, what is written of it, and how Medicapp looked.
reconcile::Digest write_digest(const Rules& rules, const Item& item) {
    const auto record = record_digest(item.record, rules.digester);
    const auto seen = seen_digest(before_write(rules, item), rules.digester);
    return rules.digester.text("planned write",
                               reconcile::hex(record) + ' ' + reconcile::hex(seen) + ' ' +
                                   item.decision.medicapp_id + ' ' + names(sent_fields(item)));
}

Action action_of(const Decision& decision) {
    if (decision.kind == Decision::Kind::create) return Action::created;
    return decision.kind == Decision::Kind::adopt ? Action::linked : Action::updated;
}

} // namespace

PlannedWrite planned_write(const Rules& rules, const Item& item) {
    return {item.external_id(), action_of(item.decision), names(sent_fields(item)),
            write_digest(rules, item)};
}

std::string left_out_of_plan(const Rules& rules, const Item& item) {
    const auto& plan = rules.request.plan;
    if (!plan) return {};
    const auto planned = plan->find(item.external_id());
    if (planned == plan->end()) return "is not in the plan";
    if (planned->second == write_digest(rules, item)) return {};
    return "has changed since the plan was made";
}

Effects leave_out(const Item& item, const std::string& why) {
    Effects effects;
    effects.counts.deferred = 1;
    effects.left_out.emplace_back(item.external_id(), why);
    return effects;
}

} // namespace medibridge::sync
