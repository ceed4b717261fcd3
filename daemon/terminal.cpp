#include "daemon/terminal.hpp"

#include <ostream>

namespace medibridge::daemon {

namespace {
constexpr std::chrono::milliseconds redraw_interval{100};
constexpr const char* erase_line = "\r\x1b[2K";
} // namespace

void ProgressLine::acted(const std::string& external_id, sync::Action action,
                         const std::string& detail) {
    if (!lists_actions_) return;
    clear();
    *results_ << name(action) << '\t' << external_id;
    if (!detail.empty()) *results_ << '\t' << detail;
    *results_ << '\n';
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
    progress_->clear();
    inner_->write(event);
}

} // namespace medibridge::daemon
