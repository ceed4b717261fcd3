#include "daemon/cycle_memory.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

namespace medibridge::daemon {

namespace {

constexpr const char* full_compare_key = "full_compare_at_ms";
/// `OUTCOME UNIX_MS REASON` of the last cycle that ended; a complete one has no reason.
constexpr const char* last_cycle_key = "last_cycle";
constexpr const char* last_complete_key = "last_complete_at_ms";

/// Nothing for what is no number.
std::optional<std::int64_t> number_of(std::string_view text) {
    std::int64_t number = 0;
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    if (text.empty() || read.ec != std::errc() || read.ptr != end) return std::nullopt;
    return number;
}

} // namespace

std::optional<std::int64_t> last_full_compare(state::Store& store) {
    return number_of(store.meta(full_compare_key));
}

bool is_due(std::optional<std::int64_t> last_ms, std::chrono::milliseconds interval,
            std::int64_t now_ms) {
    if (interval.count() == 0 || !last_ms) return false;
    return now_ms < *last_ms || now_ms - *last_ms >= interval.count();
}

std::optional<control::FormerCycle> former_cycle(state::Store& store) {
    const auto text = store.meta(last_cycle_key);
    const auto gap = text.find(' ');
    if (gap == std::string::npos) return std::nullopt;
    const auto outcome = sync::outcome_named(text.substr(0, gap));
    const auto end = std::min(text.find(' ', gap + 1), text.size());
    const auto at_ms = number_of(std::string_view(text).substr(gap + 1, end - gap - 1));
    if (!outcome || !at_ms) return std::nullopt;
    control::FormerCycle former;
    former.outcome = *outcome;
    former.at_ms = *at_ms;
    former.complete_ms = number_of(store.meta(last_complete_key));
    if (end < text.size()) former.reason = text.substr(end + 1);
    return former;
}

void remember_cycle(state::Batch& batch, const sync::Report& report, std::int64_t end_ms,
                    std::optional<std::int64_t> compared_ms) {
    const auto end = std::to_string(end_ms);
    const auto reason = report.reason.empty() ? std::string() : ' ' + report.reason;
    batch.put_meta(last_cycle_key, std::string(name(report.outcome)) + ' ' + end + reason);
    if (report.outcome == sync::Outcome::complete) batch.put_meta(last_complete_key, end);
    if (compared_ms) batch.put_meta(full_compare_key, std::to_string(*compared_ms));
}

} // namespace medibridge::daemon
