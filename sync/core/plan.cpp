#include "sync/core/plan.hpp"

#include "sync/core/order.hpp"
#include "sync/core/settlement.hpp"
#include "sync/core/views.hpp"
#include "sync/core/write_request.hpp"

#include <utility>

namespace medibridge::sync {

namespace {

/// How Medicapp looks to the decision; nothing: nobody is there.
reconcile::SideView medicapp_of(const Rules& rules, const Item& item) {
    if (item.detail)
        return medicapp_view(*item.detail, item.external_id(), rules.digester,
                             rules.settings.identity);
    if (!item.known.link) return {};
    const auto& baseline = item.known.link->baselines.medicapp;
    return item.seen ? completed(*item.seen, baseline) : baseline;
}

} // namespace

reconcile::Digest write_digest(const Rules& rules, const Item& item) {
    const auto record = record_digest(item.record, rules.digester);
    const auto seen = seen_digest(medicapp_of(rules, item), rules.digester);
    return rules.digester.text("planned write", reconcile::hex(record) + ' ' +
                                                    reconcile::hex(seen) + ' ' +
                                                    item.decision.medicapp_id + ' ' +
                                                    names(sent_fields(item)));
}

std::string leave_out_unplanned(const Rules& rules, Item& item) {
    const auto& plan = rules.request.plan;
    if (!plan || !calls_for_write(item)) return {};
    const auto planned = plan->find(item.external_id());
    const bool is_there = planned != plan->end();
    if (is_there && planned->second == write_digest(rules, item)) return {};
    item.decision = Decision(Decision::Kind::untouched);
    return is_there ? "has changed since the plan was made" : "is not in the plan";
}

} // namespace medibridge::sync
