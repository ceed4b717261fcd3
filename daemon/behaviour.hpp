#pragma once

#include "base/log/event.hpp"
#include "config/settings.hpp"
#include "connectors/medicapp/client.hpp"
#include "connectors/medicapp/probe.hpp"
#include "state/database.hpp"
#include "state/store.hpp"

#include <cstdint>

/// What a probe found out about Medicapp, between one probe and the next.
namespace medibridge::daemon {

/// The client's settings. If a probe of the last day says that `template=FHIR` is not known, `auto`
/// asks for it no more: correctness never leans on it, as the native form shows everything.
connectors::MedicappClientSettings probed_client_settings(const config::MedicappSettings& settings,
                                                          state::Store& store);

/// If Medicapp was probed, and not within a day: looks again, keeps what it sees, and logs what has
/// changed. If it cannot be read now, the next cycle tries again.
runtime::Task<void> look_again(state::Database& database, connectors::MedicappProbe& probe,
                               const config::MedicappSettings& settings, log::EventLog& log,
                               std::int64_t now_ms);

} // namespace medibridge::daemon
