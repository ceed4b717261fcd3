#include "reconcile/watermark.hpp"

#include <algorithm>

namespace medibridge::reconcile {

namespace {

// HTTP's Date header has whole seconds: a difference of two may be off by nearly one.
constexpr std::chrono::seconds clock_grain{1};

std::chrono::milliseconds unit(Precision precision) {
    return precision == Precision::seconds ? std::chrono::milliseconds(1000)
                                           : std::chrono::milliseconds(1);
}

} // namespace

std::optional<Instant> poll_from(const ReadMark& mark, std::chrono::milliseconds overlap) {
    if (!mark.stamp) return std::nullopt;
    if (mark.settled) return mark.stamp;
    // One unit earlier, because the filter may be exclusive.
    return *mark.stamp - overlap - unit(mark.precision);
}

ReadMark advance(ReadMark mark, const ReadResult& read, std::chrono::milliseconds overlap) {
    if (read.newest) mark.precision = std::max(mark.precision, read.precision);
    if (read.newest && (!mark.stamp || *read.newest > *mark.stamp)) {
        mark.stamp = read.newest;
        mark.reached_at = read.started_at;
        mark.settled = false;
        return mark;
    }
    if (!mark.stamp || mark.settled || !read.started_at) return mark;
    if (!mark.reached_at) {
        mark.reached_at = read.started_at;
        return mark;
    }
    mark.settled = *read.started_at - *mark.reached_at >= overlap + clock_grain;
    return mark;
}

} // namespace medibridge::reconcile
