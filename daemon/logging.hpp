#pragma once

#include "base/log/event.hpp"
#include "config/settings.hpp"
#include "reconcile/digest.hpp"

#include <memory>

namespace medibridge::daemon {

/// The log on stderr as configured; patients appear under their pseudonym unless it says otherwise.
std::unique_ptr<log::EventLog> make_log(const config::LogSettings& settings,
                                        const reconcile::Digester& digester);

} // namespace medibridge::daemon
