#pragma once

#include "reconcile/instant.hpp"
#include "reconcile/patient.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

/// The one way in which a source chooses among several repetitions of a value. Pure.
namespace medibridge::connectors {

/// When a value holds; a side that is missing is open.
struct Period {
    std::optional<reconcile::Instant> from;  ///< its first moment
    std::optional<reconcile::Instant> until; ///< the first moment that is past it

    /// Without `now` nothing is known to be over, or yet to come.
    bool holds(std::optional<reconcile::Instant> now) const {
        return !now || ((!from || *from <= *now) && (!until || *now < *until));
    }
};

/// One repetition, named by its position.
struct Candidate {
    Period period;
    int rank = 0; ///< the source's preference, the less the better; the position breaks ties
};

/// The position of the repetition that counts: among those that hold `now` the first that is
/// usable, in the order of preference. Where none is usable, the most preferred of those that hold,
/// so that its defect is told. Nothing: none holds.
///
/// `is_usable(position)` says whether the repetition's value would be taken; it is asked in the
/// order of preference, and of no more than it takes. Preference comes last: an unusable value that
/// is preferred never hides a good one behind it, and one that is over or yet to come is none.
std::optional<std::size_t> choose(std::span<const Candidate> candidates,
                                  std::optional<reconcile::Instant> now,
                                  const std::function<bool(std::size_t)>& is_usable);

/// Whether a text would be taken as the field's value (see reconcile::assess); a blank one is none.
/// `region` (ISO 3166-1) is the one from which phone numbers are dialled.
bool is_usable(reconcile::Field field, std::string_view text, std::string_view region);

} // namespace medibridge::connectors
