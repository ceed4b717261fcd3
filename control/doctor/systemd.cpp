#include "control/doctor/systemd.hpp"

#include "base/files/hidden_user.hpp"
#include "control/hidden_peers.hpp"

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
    if (files::is_hidden_user(files::overflow_user))
        facts.hidden_peers = fault_of_peers(variable(peers_variable).value_or(""));
    return facts;
}

Checks judge_systemd(const SystemdFacts& facts) {
    Checks checks;
    if (facts.hidden_peers && facts.hidden_peers->empty())
        checks.push_back(ok("control socket: users", "medibridge-peers tells who asks"));
    else if (facts.hidden_peers)
        checks.push_back(fail("control socket: users",
                              "only root is served: who else asks cannot "
                              "be told",
                              *facts.hidden_peers));
    if (!facts.runs_under_it) return checks;
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
