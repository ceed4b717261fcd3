#pragma once

#include "connectors/source/source.hpp"
#include "reconcile/assess.hpp"
#include "sync/core/decision.hpp"
#include "sync/shell/context.hpp"

#include <set>
#include <string>
#include <vector>

namespace medibridge::sync {

/// Notes who was merged into whom, and follows changes of identifiers (HL7 A47; a merge, A40, into
/// somebody whom Medicapp does not know: IHE ITI-30 takes that for a change of the identifier,
/// too): the Medicapp patient of the former externalId gets the new one. The link goes with it, and
/// so does what was agreed: the survivor's own record, which must be decided later, is compared
/// with that.
///
/// The survivor's record must describe the Medicapp patient. For a merge it must stand among the
/// records; for a change it is asked of the source among `sources` where it does not. Nothing that
/// Medicapp knows under the new externalId is touched; what then becomes of the former one is
/// decided with its record. To be called while no write is under way.
///
/// Where a change failed, the records of both externalIds are taken out, and returned: they are
/// decided once it is done, by a later cycle, or held for it.
runtime::Task<std::set<std::string>>
follow_renaming(Context& context, const std::vector<connectors::Source*>& sources,
                const std::string& source, std::vector<reconcile::Assessed>& records);

/// Recalls whose change of externalId is still to be made: after a restart, and for a cycle that
/// reads everything.
runtime::Task<void> recall_formers(Context& context);

/// Makes the changes of externalIds that could not be made when the HIS stated them, where the new
/// one is free now. To be called once Medicapp was read, and while no write is under way. The
/// records of those who got theirs are wanted.
runtime::Task<void> follow_formers(Context& context,
                                   const std::vector<connectors::Source*>& sources);

/// Notes in the item whether a linked patient is to get its externalId.
runtime::Task<void> find_former(Context& context, Item& item);

/// Moves the link of the item's patient to the item's externalId: see Decision::Kind::take_back.
/// The Medicapp patient was read. Returns the externalId that the link was of: whoever else has it
/// now is asked for.
runtime::Task<std::string> take_link_back(Context& context, const Item& item);

} // namespace medibridge::sync
