#include "reconcile/watermark.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::reconcile {

namespace {

// HTTP's Date header has whole seconds: a difference of two may be off by nearly one.
constexpr std::chrono::seconds clock_grain{1};

std::chrono::milliseconds unit(Precision precision) {
    return precision == Precision::seconds ? std::chrono::milliseconds(1000)
                                           : std::chrono::milliseconds(1);
}

/// How far a clock may be set back, or be behind another, without a report: corrections of a second
/// happen daily.
constexpr std::chrono::minutes clock_tolerance{1};

} // namespace

void ReadResult::note(const std::string& key, std::optional<Instant> modified_at,
                      std::optional<Instant> clock) {
    if (!modified_at || (clock && *modified_at > *clock + clock_tolerance)) return;
    if (modified_at > newest || (modified_at == newest && key > newest_key)) {
        newest = modified_at;
        newest_key = key;
    }
    if (!anchor.empty() && key == anchor) anchor_at = std::max(anchor_at, modified_at);
}

std::optional<Instant> poll_from(const ReadMark& mark, std::chrono::milliseconds overlap) {
    if (!mark.stamp) return std::nullopt;
    const auto behind = mark.settled ? std::chrono::milliseconds(0) : overlap;
    // One unit earlier, because the filter may be exclusive.
    return *mark.stamp - behind - unit(mark.precision);
}

bool lost_anchor(const ReadMark& mark, const ReadResult& read) {
    return mark.stamp && !mark.anchor.empty() && read.anchor_at < mark.stamp;
}

bool clock_was_set_back(const ReadMark& mark, const ReadResult& read) {
    return mark.clock && read.started_at && *read.started_at + clock_tolerance < *mark.clock;
}

ReadResult following(ReadResult read, const ReadResult& before) {
    ReadMark clock;
    clock.clock = before.started_at;
    if (!clock_was_set_back(clock, read)) read.known_before = before.newest;
    return read;
}

namespace {

ReadMark moved(ReadMark mark, const ReadResult& read, std::chrono::milliseconds overlap) {
    auto known = read.known_before;
    if (clock_was_set_back(mark, read)) {
        // What is written from now on may carry times that were passed before.
        mark.settled = false;
        mark.reached_at = read.started_at;
        known.reset();
    }
    if (read.started_at) mark.clock = read.started_at;
    if (read.newest) mark.precision = std::max(mark.precision, read.precision);

    const bool shows_newer = read.newest && read.newest > std::max(mark.stamp, mark.pending);
    if (mark.pending) {
        // This pass has read whatever changed while the previous one was under way.
        mark.stamp = std::exchange(mark.pending, std::nullopt);
        mark.settled = false;
    }
    if (shows_newer) {
        const auto up_to = read.pages <= 1 ? read.newest : std::min(read.newest, known);
        if (up_to > mark.stamp) {
            mark.stamp = up_to;
            mark.settled = false;
        }
        if (read.newest > mark.stamp) mark.pending = read.newest;
        mark.reached_at = read.started_at;
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

} // namespace

ReadMark advance(ReadMark mark, const ReadResult& read, std::chrono::milliseconds overlap) {
    const auto before = mark.stamp;
    const bool lost = lost_anchor(mark, read);
    mark = moved(std::move(mark), read, overlap);
    if (mark.stamp && read.newest == mark.stamp) {
        mark.anchor = read.newest_key;
    } else if (lost || mark.stamp != before) {
        mark.anchor.clear();
    }
    return mark;
}

} // namespace medibridge::reconcile
