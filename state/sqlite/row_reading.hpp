#pragma once

#include "state/records.hpp"
#include "state/sqlite/statement.hpp"

#include <cstdint>
#include <span>
#include <string>

/// Makes records of rows. Throws StoreError for what this program cannot have written.
namespace medibridge::state {

/// `table` is named in the error.
Digest read_digest(std::span<const std::uint8_t> bytes, const char* table);

// Of rows with the columns that SealedTable lists for the table, in that order.
void read_link(const Use& row, Link& link);
Intent read_intent(const Use& row);
Held read_held(const Use& row);
OperatorDecision read_decision(const Use& row);

reconcile::HoldReason read_reason(const std::string& text);
reconcile::Precision read_precision(const std::string& text);

} // namespace medibridge::state
