#pragma once

#include "sync/core/decision.hpp"
#include "sync/core/effects.hpp"
#include "sync/core/observations.hpp"
#include "sync/core/settings.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace medibridge::sync {

/// Creates of this cycle without a clear end: the externalId is taken but nobody is known to have
/// it, or nobody knows whether the create was executed. Resolved together, because it takes reading
/// the list.
class UnclearCreates {
  public:
    enum class Why {
        taken,     ///< Medicapp answered 409
        uncertain, ///< it may have been executed: the item's `failure` says what was answered
    };

    /// Takes the item in; left for the next cycle where there is no room:
    /// limits::unresolved_writes.
    Effects park(Item item, Why why);

    /// Whether the record's patient is among them: then it takes the place of the one that waits,
    /// and nothing is to be sent before that is resolved.
    bool take_in(const std::string& source, reconcile::Assessed& record);

    std::vector<Item> remove_taken();
    std::vector<Item> remove_uncertain();
    std::size_t size() const { return taken_.size() + uncertain_.size(); }

    /// What is left after they were looked for, sent again, and answered with an error again: whose
    /// requests alone are refused are counted one by one, the others wait for the next cycle.
    std::vector<RefusedPatient> remove_refused(const Rules& rules);
    Effects remove_all();

  private:
    std::vector<Item> taken_;
    std::vector<Item> uncertain_;
};

/// Takes those out of `items` of whom Medicapp's list has shown a patient. `known`: of the items.
std::vector<Item> take_found(std::vector<Item>& items, const std::vector<state::Known>& known);

/// Medicapp says that the externalId is taken, and its complete list shows nobody who has it: left
/// for the next cycle, and held the second time.
Effects give_up(const Rules& rules, const Observations& observations,
                const std::vector<Item>& items);

} // namespace medibridge::sync
