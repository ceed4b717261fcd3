#pragma once

#include "config/settings.hpp"
#include "log/event.hpp"
#include "reconcile/digest.hpp"

#include <memory>

namespace medibridge::daemon {

/// The log on stderr as configured; patients appear under their pseudonym unless it says otherwise.
std::unique_ptr<log::EventLog> make_log(const config::LogSettings& settings,
                                        const reconcile::Digester& digester);

} // namespace medibridge::daemon
