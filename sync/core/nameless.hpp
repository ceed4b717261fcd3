#pragma once

#include "reconcile/assess.hpp"
#include "sync/core/cycle_status.hpp"
#include "sync/core/effects.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace medibridge::sync {

/// Bounds what records without a usable externalId cost. Of one pass,
/// limits::nameless_records are held one by one; further ones together, one hold for each cause,
/// so that an operator sees them all the same.
class NamelessRecords {
  public:
    /// Takes the further ones out of `records`, which are all of `source`, and puts one in for each
    /// cause that the pass has not shown yet.
    void bound(const std::string& source, std::vector<reconcile::Assessed>& records);

    /// How many were taken out.
    std::int64_t taken_out() const { return taken_out_; }

  private:
    std::size_t kept_ = 0;
    std::int64_t taken_out_ = 0;
    std::set<std::string> causes_;
};

/// After a pass that showed everything it was asked for: says how many records of the source are
/// held together, once as long as it is the same number.
Effects held_together(Memory& memory, const std::string& source, std::int64_t records);

} // namespace medibridge::sync
