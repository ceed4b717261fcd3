#include "daemon/terminal.hpp"

#include "base/log/catalogue.hpp"
#include "reconcile/hold.hpp"

#include <algorithm>
#include <array>
#include <ostream>
#include <string_view>

namespace medibridge::daemon {

namespace {
constexpr std::chrono::milliseconds redraw_interval{100};
constexpr const char* erase_line = "\r\x1b[2K";

/// Of the held, those whom a rule excludes are called so. `detail` begins with the reason then.
std::string_view word_for(sync::Action action, std::string_view detail) {
    const auto reason = reconcile::hold_reason_named(detail.substr(0, detail.find_first_of(" :")));
    const bool is_hold = action == sync::Action::held;
    return is_hold && reason && is_excluded(*reason) ? "excluded" : name(action);
}

/// What a dry run lists already.
bool is_listed(const log::Event& event) {
    constexpr std::array listed{&log::events::patient_created, &log::events::patient_updated,
                                &log::events::patient_linked, &log::events::patient_held};
    return std::ranges::any_of(listed,
                               [&](const auto* type) { return type->name == event.type().name; });
}
} // namespace

void ProgressLine::acted(const std::string& external_id, sync::Action action,
                         const std::string& detail) {
    if (!lists_actions_) return;
    clear();
    *results_ << word_for(action, detail) << '\t' << external_id << '\t'
              << (detail.empty() ? "no field" : detail) << '\n';
}

void ProgressLine::progressed(const sync::Report& so_far) {
    if (!is_terminal_) return;
    const auto now = std::chrono::steady_clock::now();
    if (shown_ && now - drawn_at_ < redraw_interval) return;
    drawn_at_ = now;
    shown_ = true;
    *terminal_ << erase_line << "patients: " << so_far.created << " created, " << so_far.updated
               << " updated, " << so_far.linked << " linked, " << so_far.unchanged << " unchanged, "
               << so_far.held << " held" << std::flush;
}

void ProgressLine::clear() {
    if (!shown_) return;
    *terminal_ << erase_line << std::flush;
    shown_ = false;
}

void TerminalLog::write(const log::Event& event) {
    if (progress_->lists_actions() && is_listed(event)) return;
    progress_->clear();
    inner_->write(event);
}

} // namespace medibridge::daemon
