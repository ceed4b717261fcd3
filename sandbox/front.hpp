#pragma once

#include "sandbox/exchange.hpp"
#include "sandbox/fault.hpp"
#include "sandbox/service.hpp"
#include "sandbox/stats.hpp"

namespace medibridge::sandbox {

/// Who answers what a listener reads.
class Handler {
  public:
    virtual ~Handler() = default;
    virtual Reply handle(const Request& request) = 0;
    /// The reply to a handled request has left, or never will.
    virtual void finished() {}
};

/// What stands before an API: it counts, and lets the faults strike.
class Front final : public Handler {
  public:
    Front(Side side, Service& service, FaultScript& faults);

    Reply handle(const Request& request) override;
    void finished() override { --stats_.in_flight; }

    const SideStats& stats() const { return stats_; }
    void reset_stats();

  private:
    void strike(Reply& reply, const Fault& fault);

    Side side_;
    Service& service_;
    FaultScript& faults_;
    SideStats stats_;
};

} // namespace medibridge::sandbox
