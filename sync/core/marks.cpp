#include "sync/core/marks.hpp"

namespace medibridge::sync {

reconcile::ReadMark mark_of(const state::Watermark& watermark) {
    return {watermark.stamp,   watermark.pending,   watermark.reached_at, watermark.clock,
            watermark.settled, watermark.precision, watermark.tie_breaker};
}

state::Watermark advanced(state::Watermark watermark, const reconcile::ReadResult& read,
                          std::chrono::milliseconds overlap) {
    const auto mark = reconcile::advance(mark_of(watermark), read, overlap);
    watermark.stamp = mark.stamp;
    watermark.tie_breaker = mark.anchor;
    watermark.pending = mark.pending;
    watermark.reached_at = mark.reached_at;
    watermark.clock = mark.clock;
    watermark.settled = mark.settled;
    watermark.precision = mark.precision;
    return watermark;
}

} // namespace medibridge::sync
