#include "sync/shell/unanswered_creates.hpp"

#include "base/runtime/concurrency.hpp"
#include "sync/core/recording.hpp"
#include "sync/core/views.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace medibridge::sync {

using connectors::Failure;
using connectors::MedicappPatient;
using reconcile::Digest;
using reconcile::Field;
using runtime::Task;

namespace {

bool is_empty(const Digest& digest) {
    return is_unknown(digest) || digest == reconcile::cleared_digest;
}

/// Whether the patient looks as the create made them: has what was sent, and nothing else.
bool is_as_created(const reconcile::FieldDigests& sent, const reconcile::SideView& view) {
    return std::ranges::all_of(reconcile::all_fields(), [&](Field field) {
        const auto& ours = of(sent, field);
        const auto& theirs = of(view.fields, field);
        return ours == theirs || (is_empty(ours) && is_empty(theirs));
    });
}

Effects link_one(const state::Intent& create, const MedicappPatient& patient,
                 reconcile::SideView view) {
    Effects effects;
    state::Link link;
    link.external_id = create.external_id;
    link.medicapp_id = patient.id;
    link.baselines.his.fields = create.sent;
    link.baselines.medicapp = std::move(view);
    effects.changes.put_link(std::move(link));
    effects.changes.drop_intent(create.external_id);
    Item item;
    item.record.patient = reconcile::Patient(create.external_id);
    effects.append(act(item, Action::linked, patient.id, reconcile::FieldSet()));
    return effects;
}

Task<Effects> link_if_created(Context& context, const Unanswered& one) {
    Effects effects;
    if (!context.going()) co_return effects;
    auto reply = co_await context.env.medicapp.get(one.medicapp_id);
    if (!reply) {
        if (reply.error().failure == Failure::not_found) co_return effects;
        RefusedPatient patient;
        patient.external_id = one.create.external_id;
        patient.medicapp_id = one.medicapp_id;
        patient.error = reply.error();
        context.fail_one(std::move(patient));
        co_return effects;
    }
    const auto& id = one.create.external_id;
    if (reply->patient.external_id() != id) co_return effects;
    auto view = medicapp_view(*reply, id, context.env.digester, context.env.settings.identity);
    if (!is_as_created(one.create.sent, view)) co_return effects;
    co_return link_one(one.create, *reply, std::move(view));
}

} // namespace

Task<void> link_created(Context& context, std::vector<Unanswered> unanswered) {
    if (unanswered.empty()) co_return;
    Effects all;
    std::function<Task<void>(std::size_t)> link = [&](std::size_t i) -> Task<void> {
        auto effects = co_await link_if_created(context, unanswered[i]);
        context.heed(effects);
        all.append(std::move(effects));
    };
    co_await runtime::for_each_concurrently(unanswered.size(), context.env.settings.concurrency,
                                            std::move(link));
    co_await context.apply(std::move(all));
}

} // namespace medibridge::sync
