#include "sync/shell/context.hpp"

#include "sync/core/taken_links.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace medibridge::sync {

void Context::heed(Effects& effects) {
    const bool failed = effects.notice.refused.has_value();
    status.note_served(effects.counts);
    status.heed(std::exchange(effects.notice, Notice()));
    // Refused patients are settled at the end of the cycle, unless it ends early.
    if (failed && !going()) effects.counts.deferred += 1;
}

void Context::judge(std::optional<Alarm> alarm, Consent Request::* accepted) {
    if (!alarm) return;
    auto& consent = request.*accepted;
    if (consent.covers(alarm->evidence))
        consent.add(alarm->evidence);
    else
        heed({.alarm = std::move(alarm)});
}

void Context::log(std::vector<log::Event> events) {
    for (auto& event : events)
        env.log.write(std::move(event).with(log::Key::cycle, cycle_id));
}

void Context::log_the_rest() {
    log(faults_.end());
}

/// Leaves out whom Medicapp's answer would link to somebody else's patient.
runtime::Task<void> Context::make_durable(Effects& effects) {
    for (;;) {
        const auto batch = std::make_shared<const state::Batch>(std::move(effects.changes));
        std::optional<state::LinkTaken> taken;
        try {
            co_await env.database.commit(batch);
        } catch (const state::LinkTaken& one) {
            taken = one;
        }
        if (!taken) co_return;
        effects.changes = *batch;
        heed({.misdirected = true});
        withdraw_link(effects, taken->external_id, taken->medicapp_id, request.wall_clock_ms);
    }
}

runtime::Task<void> Context::apply(Effects effects) {
    heed(effects);
    co_await make_durable(effects);
    status.take(effects);
    faults_.see(effects.examined, effects.counts.served() + effects.counts.unchanged);
    log(faults_.sift(std::move(effects.events)));
    for (const auto& deed : effects.deeds) {
        if (deed.action != Action::created && deed.action != Action::linked) continue;
        late.exempt(deed.external_id);
        if (request.only_arrivals) memory.burst.exempt(deed.external_id);
    }
    for (const auto& deed : effects.deeds)
        env.observer.acted(deed.external_id, deed.action, deed.detail);
    for (const auto& write : effects.planned)
        env.observer.planned(write);
    for (const auto& [external_id, reason] : effects.left_out)
        env.observer.left_out(external_id, reason);
    for (const auto& conclusion : effects.concluded) {
        observations.note_concluded(conclusion.key);
        env.observer.concluded(conclusion);
    }
}

} // namespace medibridge::sync
