#include "connectors/hl7v2/bounded_log.hpp"

#include <utility>

namespace medibridge::connectors {

void BoundedLog::write(const log::EventType& type, const std::string& source, std::string reason) {
    auto& window = windows_[&type];
    const auto now = clock_.now();
    if (window.written == 0 || now - window.begin >= std::chrono::minutes(1)) {
        window.begin = now;
        window.written = 0;
    }
    if (window.written >= each_minute) {
        ++window.left_out;
        return;
    }
    ++window.written;
    if (const auto left_out = std::exchange(window.left_out, 0); left_out > 0)
        reason += " (and " + std::to_string(left_out) + " more before it)";
    log_.write(
        log::Event(type).with(log::Key::source, source).with(log::Key::reason, std::move(reason)));
}

} // namespace medibridge::connectors
