#include "daemon/refusal.hpp"

#include "base/log/catalogue.hpp"
#include "base/log/event.hpp"
#include "daemon/logging.hpp"

#include <cstdlib>

namespace medibridge::daemon {

std::string reason_of_refusal(const std::vector<config::Mistake>& mistakes) {
    const auto others = mistakes.size() - 1;
    return mistakes.front().to_string() +
           (others > 0 ? " (and " + std::to_string(others) + " more)" : "");
}

void log_refused_reload(const std::vector<config::Mistake>& mistakes) {
    if (std::getenv("MAINPID") == nullptr) return;
    make_plain_log()->write(log::Event(log::events::config_refused)
                                .with(log::Key::reason, reason_of_refusal(mistakes)));
}

} // namespace medibridge::daemon
