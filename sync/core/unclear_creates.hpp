#pragma once

#include "sync/core/decision.hpp"
#include "sync/core/effects.hpp"
#include "sync/core/observations.hpp"
#include "sync/core/settings.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace medibridge::sync {

/// Creates of this cycle without a clear outcome: the externalId is taken by an unknown patient, or
/// we do not know whether the create was executed. They are resolved together, because Medicapp's
/// list must be read for it.
class UnclearCreates {
  public:
    enum class Why {
        taken,     ///< Medicapp answered 409
        uncertain, ///< it may have been executed: the item's `failure` says what was answered
    };

    /// Keeps the item; if there are limits::unresolved_writes already, it is left for the next
    /// cycle.
    Effects park(Item item, Why why);

    /// Whether the record's patient is among them. If so, the record replaces the one that waits,
    /// and nothing may be sent until that is resolved.
    bool take_in(const std::string& source, reconcile::Assessed& record);

    std::vector<Item> remove_taken();
    std::vector<Item> remove_uncertain();
    std::size_t size() const { return taken_.size() + uncertain_.size(); }

    /// What is left after the list was read and the creates were sent again: patients whose
    /// requests are refused are counted one by one, the others wait for the next cycle.
    std::vector<RefusedPatient> remove_refused(const Rules& rules);
    Effects remove_all();

  private:
    std::vector<Item> taken_;
    std::vector<Item> uncertain_;
};

/// Takes those out of `items` of whom Medicapp's list has shown a patient. `known`: of the items.
std::vector<Item> take_found(std::vector<Item>& items, const std::vector<state::Known>& known);

/// Medicapp says that the externalId is taken, and its complete list shows nobody who has it: left
/// for the next cycle, and held the second time. Whoever is held for that already stays so.
Effects give_up(const Rules& rules, const Observations& observations,
                const std::vector<Item>& items);

} // namespace medibridge::sync
