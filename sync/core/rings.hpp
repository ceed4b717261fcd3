#pragma once

#include "reconcile/instant.hpp"

#include <cstddef>
#include <optional>
#include <span>

/// Merges that come back to where they began: each patient goes on as the next one, and the last
/// one as the first.
namespace medibridge::sync {

/// One of the merges of a ring.
struct RingMerge {
    std::optional<reconcile::Instant> at; ///< of the record that states it; nothing: not told
    bool kept = false;                    ///< known before; else one of those that are read now
    std::size_t place = 0;                ///< among those
};

/// Whether the ring's first merge is left, as the last one, into its patient, is the latest of all:
/// that one counts, and whom it leads to is in use. Where times do not tell, what was kept stands,
/// or what comes later. Empty: it is no ring.
bool is_overtaken(std::span<const RingMerge> ring);

} // namespace medibridge::sync
