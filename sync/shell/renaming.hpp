#pragma once

#include "reconcile/assess.hpp"
#include "sync/core/renaming.hpp"
#include "sync/shell/context.hpp"

#include <string>
#include <vector>

namespace medibridge::sync {

/// Notes who was merged into whom, and follows changes of identifiers (HL7 A47; a merge, A40, into
/// somebody whom Medicapp does not know: IHE ITI-30 takes that for a change of the identifier,
/// too): the Medicapp patient of the former externalId gets the new one. The link goes with it, and
/// so does what was agreed: the survivor's own record, which must be decided later, is compared
/// with that.
///
/// Where the survivor's record stands among the records it must describe the Medicapp patient; for
/// a merge it must stand there. Nothing that Medicapp knows under the new externalId is touched;
/// what then becomes of the former one is decided with its record. To be called while no write is
/// under way.
runtime::Task<void> follow_renaming(Context& context, std::string source,
                                    const std::vector<reconcile::Assessed>& records);

} // namespace medibridge::sync
