#pragma once

#include "base/log/event.hpp"
#include "config/settings.hpp"
#include "reconcile/digest.hpp"

#include <memory>

namespace medibridge::daemon {

/// Whether that descriptor of this process goes to journald, as systemd says.
bool goes_to_journal(int descriptor);

/// The log on stderr of a program without settings: it has nothing to say of patients.
std::unique_ptr<log::EventLog> make_plain_log();

/// The log on stderr as configured; patients appear under their pseudonym unless it says otherwise.
std::unique_ptr<log::EventLog> make_log(const config::LogSettings& settings,
                                        const reconcile::Digester& digester);

} // namespace medibridge::daemon
