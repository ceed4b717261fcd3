#pragma once

#include "base/log/event.hpp"
#include "sync/core/report.hpp"

#include <chrono>
#include <iosfwd>
#include <string>

namespace medibridge::daemon {

/// A line on the terminal that shows the progress of the cycle, redrawn in place at most ten times
/// a second. Off a terminal it prints nothing.
class ProgressLine final : public sync::Observer {
  public:
    /// `lists_actions`: print each action to `results`, as a dry run does.
    ProgressLine(std::ostream& terminal, bool is_terminal, std::ostream& results,
                 bool lists_actions)
        : terminal_(&terminal),
          is_terminal_(is_terminal),
          results_(&results),
          lists_actions_(lists_actions) {}

    void acted(const std::string& external_id, sync::Action action,
               const std::string& detail) override;
    void progressed(const sync::Report& so_far) override;
    bool lists_actions() const { return lists_actions_; }
    /// Removes the line, for something else to be printed.
    void clear();

  private:
    std::ostream* terminal_;
    bool is_terminal_;
    std::ostream* results_;
    bool lists_actions_;
    bool shown_ = false;
    std::chrono::steady_clock::time_point drawn_at_{};
};

/// A log on the same terminal as a progress line; without the events of patients that are listed.
class TerminalLog final : public log::EventLog {
  public:
    TerminalLog(log::EventLog& inner, ProgressLine& progress)
        : inner_(&inner),
          progress_(&progress) {}
    void write(const log::Event& event) override;

  private:
    log::EventLog* inner_;
    ProgressLine* progress_;
};

} // namespace medibridge::daemon
