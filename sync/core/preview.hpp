#pragma once

#include "sync/core/decision.hpp"
#include "sync/core/order.hpp"
#include "sync/core/settings.hpp"

#include <optional>
#include <string>
#include <vector>

/// What an operator is shown before they decide.
namespace medibridge::sync {

/// What carrying out a decision would come to, found out by the rules that will carry it out.
struct Preview {
    DecisionKind decision = DecisionKind::ignore;
    std::string medicapp_id; ///< for `link`: to whom
    Decision outcome;
    /// Why that cannot be told now, in words for an operator; empty: `outcome` tells it.
    std::string untold = {};
    bool ends_hold = false; ///< for `ignore`: see ends_with_ignore()
    /// Why it would not be carried out, in words for an operator; empty: it would.
    std::string refused = {};
};

/// `about`: the Medicapp patient concerned, read just now; null: there is none.
Preview preview(const Rules& rules, const std::string& source, const reconcile::Assessed& record,
                const state::Known& known, DecisionKind kind,
                const connectors::MedicappPatient* about);

/// Fields in which the record and the Medicapp patient differ, those that only one of them has
/// among them.
reconcile::FieldSet differing_fields(const Rules& rules, const reconcile::Assessed& record,
                                     const connectors::MedicappPatient& patient);

/// What speaks for and against their being one person, by the strict traits.
struct Resemblance {
    reconcile::FieldSet agrees;
    reconcile::FieldSet differs;
};
Resemblance resemblance(const Rules& rules, const reconcile::Assessed& record,
                        const connectors::MedicappPatient& patient);

/// Whether they differ in so many strict traits that they are two people, until somebody says
/// otherwise.
bool is_another(const Rules& rules, const reconcile::Assessed& record,
                const connectors::MedicappPatient& patient);

} // namespace medibridge::sync
