#pragma once

#include "base/bytes/id_set.hpp"
#include "reconcile/assess.hpp"
#include "sync/shell/context.hpp"
#include "sync/shell/source_pass.hpp"

#include <string>
#include <vector>

namespace medibridge::sync {

/// The records without externalId that a reading of a source shows. They are held by what they say,
/// so a corrected one is another record: the hold of the former ends when a whole reading does not
/// show it any more. So does a hold for a record that contradicts another one.
class NamelessRecords {
  public:
    /// Takes note of those among the records.
    void note(const std::vector<reconcile::Assessed>& records, const reconcile::Digester& digester);

    /// After a whole, proven reading: releases what is held of its source and was not shown.
    runtime::Task<void> release_others(Context& context, const SourcePass& pass) const;

  private:
    base::IdSet keys_;
};

} // namespace medibridge::sync
