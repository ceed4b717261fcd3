#include "sync/core/progress.hpp"

#include <algorithm>

namespace medibridge::sync {

state::Watermark trusted(const Rules& rules, state::Watermark watermark) {
    state::Watermark nowhere;
    nowhere.side = watermark.side;
    if (rules.request.accept_rewind) return nowhere;
    // A former version believed any time: what lies behind such a stamp was never read.
    const auto clock = std::max(machine_clock(rules.request), watermark.clock);
    const auto newest = std::max(watermark.stamp, watermark.pending);
    if (newest && !reconcile::is_believable(*newest, clock)) return nowhere;
    return watermark;
}

Scope scope_of(const Rules& rules, const Progress& progress) {
    if (rules.request.full || progress.whole) return Scope::everything();
    if (progress.keeps_cursor) return Scope::not_taken();
    const auto from = reconcile::poll_from(progress.before, rules.settings.overlap);
    return from ? Scope::since(*from) : Scope::everything();
}

state::Watermark advanced(const Rules& rules, const Progress& progress) {
    auto watermark = progress.before;
    reconcile::ReadMark& mark = watermark;
    mark = reconcile::advance(mark, *progress.read, rules.settings.overlap);
    return watermark;
}

} // namespace medibridge::sync
