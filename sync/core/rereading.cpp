#include "sync/core/rereading.hpp"

#include <algorithm>
#include <cstdint>
#include <sstream>

namespace medibridge::sync {

using reconcile::Instant;
using std::chrono::milliseconds;

namespace {

constexpr const char* everything = "-";

std::string number_text(const Instant& time) {
    return std::to_string(time.time_since_epoch().count());
}

Instant instant_of(std::int64_t number) {
    return Instant(milliseconds(number));
}

} // namespace

bool is_due(const Rereading& rereading, const reconcile::ReadMark& before,
            const reconcile::ReadResult& poll, milliseconds overlap) {
    constexpr std::chrono::seconds clock_grain{1}; // HTTP's Date has whole seconds
    return !poll.started_at || clock_was_set_back(before, poll) ||
           *poll.started_at - rereading.reached_at >= overlap + clock_grain;
}

std::optional<Rereading> rereading_after(const std::optional<Instant>& from,
                                         const std::optional<Rereading>& done,
                                         const reconcile::ReadMark& before,
                                         const reconcile::ReadResult& read,
                                         const reconcile::ReadMark& after, milliseconds overlap) {
    const bool one_moment = read.pages <= 1;
    if (one_moment || !after.stamp || after.settled || !after.reached_at) return std::nullopt;
    Rereading next{from, *after.stamp, *after.reached_at};
    if (done) {
        // Nothing at or before its base can appear any more.
        auto settled = after;
        settled.stamp = done->base;
        next.from = poll_from(settled, milliseconds(0));
    } else if (read.newest <= std::max(before.stamp, before.pending)) {
        next.from = poll_from(after, overlap); // what began where another one began is the second
    }
    return next;
}

std::string rereading_text(const std::optional<Rereading>& rereading) {
    if (!rereading) return {};
    return (rereading->from ? number_text(*rereading->from) : everything) + ' ' +
           number_text(rereading->base) + ' ' + number_text(rereading->reached_at);
}

std::optional<Rereading> rereading_from(const std::string& text) {
    std::istringstream words(text);
    std::string from;
    std::int64_t base = 0;
    std::int64_t reached_at = 0;
    if (!(words >> from >> base >> reached_at)) return std::nullopt;
    Rereading rereading{std::nullopt, instant_of(base), instant_of(reached_at)};
    if (from == everything) return rereading;
    std::int64_t number = 0;
    if (!(std::istringstream(from) >> number)) return std::nullopt;
    rereading.from = instant_of(number);
    return rereading;
}

} // namespace medibridge::sync
