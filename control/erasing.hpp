#pragma once

#include "control/backend.hpp"

#include <optional>
#include <string>

/// The only way by which a patient is deleted in Medicapp. The order is durable before the request:
/// a tombstone, so that nobody creates the patient again, a line of the audit, and a note of what
/// is under way. Whoever finds that note later asks Medicapp: gone → done, still there → not done.
/// A cycle that meets the gap before holds the patient `erased_in_medicapp`, as anybody who was
/// erased there.
namespace medibridge::control {

/// Whom somebody orders to erase.
struct ErasureOrder {
    std::string external_id;
    std::string medicapp_id;
    state::Actor actor;
    bool erased_before = false; ///< and came back: the tombstone stays in any case
};

/// What became of an order.
struct ErasureEnd {
    bool erased = false;
    std::string why_not; ///< for an operator; empty: erased
};

/// One erasure, or trial with a sentinel, at a time, so that an order that is found under way is of
/// a process that ended. Throws Unavailable while another is under way.
class ErasureTurn {
  public:
    explicit ErasureTurn(Backend& backend);
    ~ErasureTurn() { backend_.erasing = false; }
    ErasureTurn(const ErasureTurn&) = delete;
    ErasureTurn& operator=(const ErasureTurn&) = delete;

  private:
    Backend& backend_;
};

/// Carries it out. `seen`: the patient as whoever ordered it saw them. Throws Unavailable if
/// Medicapp does not say whether it was done, and StoreError: then it is settled later.
runtime::Task<ErasureEnd> carry_out(Backend& backend, ErasureOrder order, sync::Inquiry seen);

/// Finds out what became of an order that a process left when it ended; nothing: there is none.
/// Throws as carry_out().
runtime::Task<std::optional<ErasureEnd>> settle_erasure(Backend& backend);

} // namespace medibridge::control
