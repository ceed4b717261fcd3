#pragma once

#include "control/backend.hpp"
#include "daemon/bridge.hpp"

#include <cstdint>
#include <exception>
#include <string>
#include <vector>

namespace medibridge::daemon {

/// Remembers how the cycles of this process went, for those who ask, and passes on to whoever asked
/// for a cycle what it does. Times are Unix times of this machine in milliseconds.
class CycleWatch final : public sync::Observer {
  public:
    /// The sources as they are configured now; what is known of others goes.
    void set_sources(const std::vector<std::string>& names);

    /// `listener` is told until the cycle ends; it may be null.
    void begin(std::int64_t now_ms, sync::Observer* listener);
    void end(const sync::Report& report, const MedicappCondition& medicapp, std::int64_t now_ms);
    void fail(const std::string& why, std::int64_t now_ms);

    /// Without what is not about cycles: the pause, the next full compare, Medicapp's rate.
    const control::Live& live() const { return live_; }

    void acted(const std::string& external_id, sync::Action action,
               const std::string& detail) override;
    void planned(const sync::PlannedWrite& write) override;
    void left_out(const std::string& external_id, const std::string& reason) override;
    void concluded(const sync::Conclusion& conclusion) override;
    void progressed(const sync::Report& so_far) override;

  private:
    void note(const std::string& side, const std::string& trouble, std::int64_t now_ms);
    void close(std::int64_t now_ms);

    control::Live live_;
    sync::Observer* listener_ = nullptr;
};

} // namespace medibridge::daemon
