#pragma once

#include "connectors/source/source.hpp"
#include "sync/shell/context.hpp"

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

  private:
    Environment env_;
    std::vector<connectors::Source*> sources_;
    Memory memory_;
    std::int64_t cycles_ = 0;
};

} // namespace medibridge::sync
