#include "sync/shell/formers.hpp"

#include <string>
#include <vector>

namespace medibridge::sync {

using reconcile::HoldReason;

namespace {

/// The externalIds under which the patient may go on, along the redirects that are kept: one that
/// was left may have been given to this patient later, and then they do not go on as who left it.
std::vector<std::string> kept_survivors(state::Store& store, const state::Known& known) {
    constexpr std::size_t longest_chain = 8;
    std::vector<std::string> survivors;
    for (auto next = known.redirect; !next.empty() && survivors.size() < longest_chain;
         next = store.look_up({next}).front().redirect)
        survivors.push_back(next);
    return survivors;
}

} // namespace

Formers all_formers(state::Store& store) {
    Formers formers;
    for (const auto& held : store.held()) {
        const bool renamed = held.reason == HoldReason::external_id_taken;
        if (!renamed && held.reason != HoldReason::merged_in_his) continue;
        const auto known = store.look_up({held.key}).front();
        if (!known.link) continue;
        for (const auto& survivor : kept_survivors(store, known))
            if (survivor != held.key)
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
