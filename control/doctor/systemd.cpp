#include "control/doctor/systemd.hpp"

#include <cstdlib>

namespace medibridge::control::doctor {

namespace {

std::optional<std::string> variable(const char* name) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') return std::nullopt;
    return value;
}

} // namespace

SystemdFacts systemd_facts() {
    SystemdFacts facts;
    facts.notify_socket = variable("NOTIFY_SOCKET");
    facts.watchdog_usec = variable("WATCHDOG_USEC");
    facts.runs_under_it = variable("INVOCATION_ID").has_value() || facts.notify_socket;
    return facts;
}

Checks judge_systemd(const SystemdFacts& facts) {
    if (!facts.runs_under_it) return {};
    Checks checks;
    if (facts.notify_socket)
        checks.push_back(ok("systemd: readiness", "the service tells systemd when it is ready"));
    else
        checks.push_back(warn("systemd: readiness", "systemd does not listen for it",
                              "set Type=notify-reload in the unit"));
    if (facts.watchdog_usec)
        checks.push_back(ok("systemd: watchdog", "systemd restarts the service if it hangs"));
    else
        checks.push_back(warn("systemd: watchdog", "nobody notices if the service hangs",
                              "set WatchdogSec= and Restart= in the unit"));
    return checks;
}

} // namespace medibridge::control::doctor
