#pragma once

#include "reconcile/watermark.hpp"
#include "sync/shell/context.hpp"

#include <optional>
#include <string>
#include <vector>

/// Reads Medicapp's side, and notes in the context's observations what it shows.
namespace medibridge::sync {

/// What one complete read of the list said about time; no value: the list could not be proven.
using MedicappRead = std::optional<reconcile::ReadResult>;

/// Reads Medicapp's patient list from `since` (nothing: everything) and keeps the local index:
/// patients that are not linked become known, linked ones that changed are noted.
///
/// A list that moves while it is read (another total, an id twice, ids missing) is read again, a
/// few times. `compare_all` compares linked patients even if their modification time is as known.
/// `anchor` is the id of the patient who is looked for in it. On failure the context is halted.
runtime::Task<MedicappRead> read_medicapp(Context& context, std::optional<reconcile::Instant> since,
                                          reconcile::Precision precision, bool compare_all,
                                          std::string anchor = {});

/// Reads the linked patients whose updates of an earlier cycle were never answered. Creates show up
/// in the list of changes.
runtime::Task<void> recall_unfinished_writes(Context& context);

/// Finds linked patients who are missing in a proven, complete list, if there was one: each is
/// confirmed by a GET. An implausible number of them stops the cycle.
runtime::Task<std::vector<state::Link>> find_erasures(Context& context);

} // namespace medibridge::sync
