#pragma once

#include "connectors/source/source.hpp"
#include "sync/shell/context.hpp"
#include "sync/shell/inquiry.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace medibridge::sync {

/// Brings Medicapp's patients to what the sources say, a cycle at a time. Lives as long as its
/// configuration; one cycle at a time.
class Synchroniser {
  public:
    /// `sources` outlive the synchroniser.
    Synchroniser(Environment environment, std::vector<connectors::Source*> sources)
        : env_(environment),
          sources_(std::move(sources)) {}

    /// One cycle. Failures of either side are told by the report; throws StoreError if the state
    /// cannot be used, with nothing lost: the next cycle resolves what was under way.
    runtime::Task<Report> run(Request request);

    /// One patient as both sides show them now. Changes nothing, and may run beside a cycle.
    /// `wall_clock_ms`: as in Request.
    runtime::Task<Inquiry> inquire(Sides sides, std::string key, std::int64_t wall_clock_ms);
    /// See take_decision().
    runtime::Task<std::string> decide(Sides sides, Order order, std::int64_t wall_clock_ms);
    /// Those that the cycles read.
    Sides sides() const { return {env_.medicapp, sources_}; }

  private:
    std::set<std::string> source_names() const;

    Environment env_;
    std::vector<connectors::Source*> sources_;
    Memory memory_;
    std::int64_t cycles_ = 0;
};

} // namespace medibridge::sync
