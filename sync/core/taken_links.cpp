#include "sync/core/taken_links.hpp"

#include "base/log/catalogue.hpp"
#include "sync/core/recording.hpp"

#include <algorithm>
#include <variant>

namespace medibridge::sync {

namespace {

bool is_of_link(const state::Batch::Change& change, const std::string& external_id) {
    if (const auto* put = std::get_if<state::Batch::PutLink>(&change))
        return put->link->external_id == external_id;
    const auto* taken = std::get_if<state::Batch::PutTaken>(&change);
    return taken && taken->taken.external_id == external_id;
}

} // namespace

void withdraw_link(Effects& effects, const std::string& external_id, const std::string& medicapp_id,
                   std::int64_t now_ms) {
    state::Batch kept;
    for (const auto& change : effects.changes.changes())
        if (!is_of_link(change, external_id)) kept.add(change);
    effects.changes = std::move(kept);

    state::Held held;
    held.key = external_id;
    held.reason = reconcile::HoldReason::identity_mismatch;
    held.field = "externalId";
    held.detail = created_as_another;
    held.medicapp_id = medicapp_id;
    held.held_at_ms = now_ms;
    held.looked_at_ms = now_ms;
    std::erase_if(effects.agreed, [&](const Agreed& one) {
        if (one.external_id != external_id) return false;
        held.source = one.source;
        return true;
    });
    effects.counts.created -=
        static_cast<std::int64_t>(std::erase_if(effects.deeds, [&](const Deed& deed) {
            return deed.external_id == external_id && deed.action == Action::created;
        }));
    effects.changes.put_meta(std::string(state::unconfirmed_links_key), "misdirected write");
    effects.events.push_back(log::Event(log::events::patient_misdirected)
                                 .with(log::Key::source, held.source)
                                 .with(log::Key::patient, external_id)
                                 .with(log::Key::medicapp_id, medicapp_id));
    effects.append(hold(std::move(held)));
}

} // namespace medibridge::sync
