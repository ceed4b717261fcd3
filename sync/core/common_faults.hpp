#pragma once

#include "base/log/event.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace medibridge::sync {

/// Finds the faults that most patients of a cycle have in common, such as a field that is mapped to
/// the wrong place: they are logged once, with a number, and each patient's own event only at
/// `debug`. Given events of what is durable; bounded by limits::compared_faults.
class CommonFaults {
  public:
    /// So many more records were decided, and so many patients written or found equal.
    void see(std::int64_t examined, std::int64_t settled);

    /// What can be logged now. Events of holds and of dropped fields are kept back until it is
    /// clear whether most patients have their cause: for a few dozen records at most.
    std::vector<log::Event> sift(std::vector<log::Event> events);

    /// What was kept back, and a line for each fault that most have in common.
    std::vector<log::Event> end();

  private:
    struct Fault {
        enum class Kind { open, single, common };
        Kind kind = Kind::open;
        std::int64_t patients = 0;
        bool is_hold = false;
        std::vector<log::Event> kept;    ///< while it is open
        std::vector<log::Event> summary; ///< one, once it is common
    };

    /// What was kept back about that patient's holds goes before anything else about them.
    void let_go(const std::string& patient, std::vector<log::Event>& now);
    void judge(Fault& fault, std::vector<log::Event>& now, bool at_the_end);

    std::int64_t examined_ = 0;
    std::int64_t settled_ = 0;
    std::map<std::string, Fault> faults_; ///< by cause
};

} // namespace medibridge::sync
