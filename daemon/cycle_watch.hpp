#pragma once

#include "base/figures/meters.hpp"
#include "control/backend.hpp"
#include "control/monitoring/snapshot.hpp"
#include "daemon/bridge.hpp"

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace medibridge::daemon {

/// A side whose answer is waited for so long that it counts as down, before a cycle has ended.
struct Outage {
    std::string side;
    std::string what;
    std::int64_t lasted_ms = 0;
};

/// Remembers how the cycles of this process went, for those who ask, and passes on to whoever asked
/// for a cycle what it does. Times are Unix times of this machine in milliseconds.
class CycleWatch final : public sync::Observer {
  public:
    /// Called when a cycle has begun.
    void on_begin(std::function<void()> told) { on_begin_ = std::move(told); }
    /// Called when a running cycle has come on.
    void on_progress(std::function<void()> told) { on_progress_ = std::move(told); }

    /// The sources as they are configured now; what is known of others goes. `meters`: where their
    /// attempts are noted.
    void set_sources(const std::vector<config::SourceSettings>& sources, figures::Meters& meters);

    /// `listener` is told until the cycle ends; it may be null.
    void begin(std::int64_t now_ms, sync::Observer* listener);
    void end(const sync::Report& report, const MedicappCondition& medicapp, std::int64_t now_ms);
    void fail(const std::string& why, std::int64_t now_ms);
    /// The same of a cycle of arrivals, of whose begin nobody is told: what it does is counted, and
    /// how the sides fare is known. How it ends is the next whole cycle's to tell.
    void begin_arrivals(std::int64_t now_ms);
    void end_arrivals(const sync::Report& report, const MedicappCondition& medicapp,
                      std::int64_t now_ms);

    /// Without what is not about cycles: the pause, the next full compare, Medicapp's rate.
    control::Live live(std::int64_t now_ms) const;
    /// Those that have begun since this was asked last.
    std::vector<Outage> new_outages(std::int64_t now_ms);
    const monitoring::CycleFigures& figures() const { return figures_; }

    void acted(const std::string& external_id, sync::Action action,
               const std::string& detail) override;
    void planned(const sync::PlannedWrite& write) override;
    void left_out(const std::string& external_id, const std::string& reason) override;
    void concluded(const sync::Conclusion& conclusion) override;
    void progressed(const sync::Report& so_far) override;

  private:
    void note(const std::string& side, const std::string& trouble, std::int64_t now_ms);
    void note_medicapp(const sync::Report& report, const MedicappCondition& medicapp,
                       std::int64_t now_ms);
    void close(std::int64_t now_ms, const std::string& outcome);
    void count(const sync::Tally& so_far);

    control::Live live_;
    std::vector<std::shared_ptr<figures::Side>> attempts_; ///< in the order of live_.sides
    sync::Observer* listener_ = nullptr;
    std::set<std::string> told_down_; ///< by new_outages()
    std::function<void()> on_begin_;
    std::function<void()> on_progress_;
    monitoring::CycleFigures figures_;
    sync::Tally counted_; ///< of the running cycle
    figures::StopWatch watch_;
};

} // namespace medibridge::daemon
