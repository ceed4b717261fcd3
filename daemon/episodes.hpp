#pragma once

#include "base/log/event.hpp"
#include "sync/core/report.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>

namespace medibridge::daemon {

/// Where the open episodes of that state are remembered.
std::filesystem::path episodes_file(const std::filesystem::path& state_file);

/// Passes events on, and remembers beside the state which episodes are open: an outage, refused
/// credentials, a guard. One that is over when the next process looks is closed by that one, so
/// that each event of a begin has its event of an end in the log, restarts or not.
class EpisodeLog final : public log::EventLog {
  public:
    /// `file` need not exist; empty: nothing is remembered. What it refers to outlives it.
    EpisodeLog(log::EventLog& next, std::filesystem::path file);

    void write(const log::Event& event) override;

    /// Says what stands even if it was said before: of a run that is over soon, whose log may be
    /// read by itself.
    void tell_again() { tells_again_ = true; }

    /// Closes what a former process left open and this cycle shows to be over: of a source that was
    /// read to its end, and everything after a complete cycle.
    void conclude(const sync::Report& report);

  private:
    /// When it began: Unix time of this machine in milliseconds.
    using Open = std::map<std::string, std::int64_t>;

    void read();
    void save() const;
    void close(const std::string& key);

    log::EventLog* next_;
    std::filesystem::path file_;
    Open open_;                    ///< by what begins it, and the source where it is one's
    std::set<std::string> former_; ///< of those: not seen by this process yet
    bool tells_again_ = false;
};

} // namespace medibridge::daemon
