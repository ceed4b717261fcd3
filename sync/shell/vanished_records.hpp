#pragma once

#include "base/bytes/id_set.hpp"
#include "reconcile/assess.hpp"
#include "sync/shell/context.hpp"
#include "sync/shell/source_pass.hpp"

#include <string>
#include <vector>

namespace medibridge::sync {

/// Holds end with the record that caused them, once a whole reading of its source no longer shows
/// it: those of records without externalId, which are held by what they say, so that a corrected
/// one is another record; and those of records that contradict another one.
class VanishedRecords {
  public:
    /// Takes note of the records that are shown and have no externalId.
    void note(const std::vector<reconcile::Assessed>& records, const reconcile::Digester& digester);

    /// After a whole, proven reading.
    runtime::Task<void> release(Context& context, const SourcePass& pass) const;

  private:
    base::IdSet keys_;
};

} // namespace medibridge::sync
