#include "sync/shell/formers.hpp"

#include <utility>

namespace medibridge::sync {

using reconcile::HoldReason;

namespace {

/// The externalId under which the patient goes on, along the redirects that are kept.
std::string kept_survivor(state::Store& store, const state::Known& known) {
    constexpr int longest_chain = 8;
    auto survivor = known.redirect;
    for (int i = 0; i < longest_chain && !survivor.empty(); ++i) {
        auto next = store.look_up({survivor}).front().redirect;
        if (next.empty()) break;
        survivor = std::move(next);
    }
    return survivor;
}

} // namespace

Formers all_formers(state::Store& store) {
    Formers formers;
    for (const auto& held : store.held()) {
        const bool renamed = held.reason == HoldReason::external_id_taken;
        if (!renamed && held.reason != HoldReason::merged_in_his) continue;
        const auto known = store.look_up({held.key}).front();
        const auto survivor = kept_survivor(store, known);
        if (known.link && !survivor.empty() && survivor != held.key)
            formers.note(survivor, {held.key, known.link->medicapp_id, renamed});
    }
    return formers;
}

std::optional<Former> former_of(state::Store& store, const std::string& survivor) {
    const auto formers = all_formers(store);
    const auto* former = formers.of(survivor);
    return former ? std::optional(*former) : std::nullopt;
}

} // namespace medibridge::sync
