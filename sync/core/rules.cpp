#include "sync/core/rules.hpp"

namespace medibridge::sync {

using connectors::Failure;

std::optional<reconcile::Instant> machine_clock(const Request& request) {
    if (request.wall_clock_ms == 0) return std::nullopt;
    return reconcile::Instant(std::chrono::milliseconds(request.wall_clock_ms));
}

bool concerns_one_patient(const connectors::ApiError& error) {
    if (error.failure == Failure::refused || error.alone) return true;
    const bool answered = error.status >= 400 && error.status != 429 && error.status != 503;
    return answered && (error.failure == Failure::unknown || error.failure == Failure::unavailable);
}

} // namespace medibridge::sync
