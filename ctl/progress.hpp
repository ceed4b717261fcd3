#pragma once

#include <chrono>
#include <iosfwd>
#include <string_view>

namespace medibridge::ctl {

/// Shows how long work goes on: one line on a terminal, redrawn in place, and what a dry run would
/// do as lines of the result.
class Progress {
  public:
    /// `results`: null: what a dry run would do is not listed.
    Progress(std::ostream& terminal, bool is_terminal, std::ostream* results)
        : terminal_(&terminal),
          is_terminal_(is_terminal),
          results_(results) {}
    ~Progress() { clear(); }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// One `progress` object.
    void heed(std::string_view json);

  private:
    void clear();

    std::ostream* terminal_;
    bool is_terminal_;
    std::ostream* results_;
    bool shown_ = false;
};

} // namespace medibridge::ctl
