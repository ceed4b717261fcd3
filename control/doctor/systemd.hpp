#pragma once

#include "control/doctor/check.hpp"

#include <optional>
#include <string>

namespace medibridge::control::doctor {

/// What systemd tells a service in its environment.
struct SystemdFacts {
    bool runs_under_it = false; ///< INVOCATION_ID is set
    std::optional<std::string> notify_socket;
    std::optional<std::string> watchdog_usec;
    /// Of a service whose user namespace hides users: why it cannot learn who they are; empty: it
    /// can.
    std::optional<std::string> hidden_peers;
};
SystemdFacts systemd_facts();

/// Nothing where the program was started by hand, and sees the machine's users.
Checks judge_systemd(const SystemdFacts& facts);

} // namespace medibridge::control::doctor
