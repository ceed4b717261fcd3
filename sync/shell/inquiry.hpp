#pragma once

#include "connectors/source/source.hpp"
#include "sync/core/inquiry.hpp"
#include "sync/shell/context.hpp"

#include <stdexcept>
#include <string>
#include <vector>

namespace medibridge::sync {

/// Whom a look asks. They may be the cycles' own, or others that answer sooner.
struct Sides {
    connectors::Medicapp& medicapp;
    std::vector<connectors::Source*> sources; ///< side by side
};

/// What a source shows of a key at this moment.
runtime::Task<SourceSight> look_at_source(const Rules& rules, connectors::Source& source,
                                          std::string key);

/// Reads it; changes nothing. `rules` as for a cycle.
runtime::Task<Inquiry> inquire(Environment env, const Rules& rules, Sides sides, std::string key);

/// A side cannot be read now; the text says which, and why.
class SideUnreadable : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Takes a decision if it still fits: then it is durable, and audited. `ignore` is carried out at
/// once, everything else by the next cycle. Until a cycle carries it out, another decision takes
/// its place; `cycle_runs` says whether one may be doing so. Otherwise nothing has changed, and the
/// text says why in words for an operator; empty: taken. Throws SideUnreadable if that cannot be
/// judged now, and StoreError.
runtime::Task<std::string> take_decision(Environment env, const Rules& rules, Sides sides,
                                         Order order, const bool& cycle_runs);

} // namespace medibridge::sync
