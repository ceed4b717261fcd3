#include "daemon/behaviour.hpp"

#include "connectors/medicapp/events.hpp"
#include "connectors/medicapp/form_choice.hpp"
#include "control/behaviour.hpp"
#include "daemon/random_seed.hpp"
#include "daemon/wall_clock.hpp"

#include <chrono>
#include <memory>
#include <utility>

namespace medibridge::daemon {
namespace {

constexpr std::chrono::milliseconds findings_hold = std::chrono::hours(24);

} // namespace

connectors::MedicappClientSettings probed_client_settings(const config::MedicappSettings& settings,
                                                          state::Store& store) {
    auto its = connectors::client_settings(settings, random_seed());
    const auto known = control::known_behaviour(store, control::address_of(settings));
    if (!known || wall_clock_ms() - known->at_ms > findings_hold.count()) return its;
    const auto form = known->aspects.find("template");
    if (form == known->aspects.end()) return its;
    its.form_known = std::make_shared<connectors::FormKnown>();
    its.form_known->told = form->second;
    return its;
}

runtime::Task<void> look_again(state::Database& database, connectors::MedicappProbe& probe,
                               const config::MedicappSettings& settings, log::EventLog& log,
                               std::int64_t now_ms) {
    const auto address = control::address_of(settings);
    auto recall = [address](state::Store& store) {
        return control::known_behaviour(store, address);
    };
    const auto before = co_await database.run(std::move(recall));
    if (!before || now_ms - before->at_ms < findings_hold.count()) co_return;
    auto now = co_await probe.look();
    if (!now) co_return;
    const auto changed = connectors::differences(before->aspects, *now);
    if (!changed.empty())
        log.write(
            log::Event(connectors::events::behaves_differently).with(log::Key::detail, changed));
    state::Batch batch;
    control::put_behaviour(batch, address, control::completed({std::move(*now), now_ms}, before));
    co_await database.commit(std::move(batch));
}

} // namespace medibridge::daemon
