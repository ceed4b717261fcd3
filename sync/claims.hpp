#pragma once

#include "reconcile/assess.hpp"
#include "sync/believed_medicapp.hpp"
#include "sync/context.hpp"
#include "sync/source_pass.hpp"

#include <string>
#include <vector>

namespace medibridge::sync {

/// What records of a source say of other patients than their own: that a number is a former one of
/// theirs, or that they replace somebody. Believed only where the other patient's own record does
/// not stand against it, wherever it is shown: a record in use wins, whatever the order of pages
/// and polls.
class Claims {
  public:
    /// `refuted`: claims that a reading of everything has refuted, not to be looked at again.
    explicit Claims(Told& refuted) : refuted_(&refuted) {}

    /// Keeps the claims that matter to Medicapp, and moves the records of those whom they name as
    /// survivors out of `records`, until settle(): who is renamed must not be created first.
    runtime::Task<void> set_aside(Context& context, const std::string& source,
                                  std::vector<reconcile::Assessed> claims,
                                  std::vector<reconcile::Assessed>& records);

    /// At the end of the pass: the claims that stand, and the survivors' records. A claim about a
    /// linked patient of whom a pass over changes shows nothing takes a look at the whole source.
    runtime::Task<std::vector<reconcile::Assessed>> settle(Context& context,
                                                           const SourcePass& pass);

  private:
    struct Claim {
        reconcile::Assessed record;
        bool linked = false; ///< the patient whom it is about
    };

    runtime::Task<void> look(Context& context, connectors::Source& source);
    void refute_shown(const SourcePass& pass);

    Told* refuted_;
    std::vector<Claim> claims_;
    std::vector<reconcile::Assessed> survivors_;
};

} // namespace medibridge::sync
