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

} // namespace medibridge::sync
