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

/// When a value holds; a missing end is open.
struct Period {
    std::optional<reconcile::Instant> from;  ///< its first moment
    std::optional<reconcile::Instant> until; ///< the first moment that is past it

    /// Without `now` every period holds.
    bool holds(std::optional<reconcile::Instant> now) const {
        return !now || ((!from || *from <= *now) && (!until || *now < *until));
    }
};

/// One repetition, named by its position.
struct Candidate {
    Period period;
    int rank = 0; ///< the source's preference, the less the better; the position breaks ties
};

/// The position of the repetition that counts: the first usable one of those that hold `now`, in
/// order of preference. If none is usable, the most preferred of those that hold, so that its fault
/// is reported. Nothing: none holds.
///
/// `is_usable(position)` says whether the repetition's value can be used; it is called in order of
/// preference, until one can. So a preferred value that is unusable never hides a usable one, and a
/// value whose period is over or has not begun does not count.
std::optional<std::size_t> choose(std::span<const Candidate> candidates,
                                  std::optional<reconcile::Instant> now,
                                  const std::function<bool(std::size_t)>& is_usable);

/// Whether a text can be used as the field's value (see reconcile::assess); a blank one cannot.
/// `region` (ISO 3166-1) is the one from which phone numbers are dialled.
bool is_usable(reconcile::Field field, std::string_view text, std::string_view region);

/// Whether a text can be used as an externalId (see reconcile::normal_external_id); a blank one
/// cannot.
bool is_usable_external_id(std::string_view text);

} // namespace medibridge::connectors
