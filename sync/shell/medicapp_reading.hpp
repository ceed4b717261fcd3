#pragma once

#include "reconcile/watermark.hpp"
#include "sync/core/observations.hpp"
#include "sync/shell/context.hpp"

#include <optional>
#include <string>

namespace medibridge::sync {

/// What one complete read of the list said about time; no value: the list could not be proven.
using MedicappRead = std::optional<reconcile::ReadResult>;

/// Reads Medicapp's patient list from `since` (nothing: everything) and keeps the local index:
/// patients that are not linked become known, linked ones that changed go into `observations`.
///
/// A list that moves while it is read (another total, an id twice, ids missing) is read again, a
/// few times. `compare_all` compares linked patients even if their modification time is as known.
/// `anchor` is the id of the patient who is looked for in it. On failure the context is halted.
runtime::Task<MedicappRead> read_medicapp(Context& context, Observations& observations,
                                          std::optional<reconcile::Instant> since,
                                          reconcile::Precision precision, bool compare_all,
                                          std::string anchor = {});

/// Reads one linked patient and notes how they look now. False if they do not exist any more.
runtime::Task<bool> observe(Context& context, Observations& observations, state::Link link);

} // namespace medibridge::sync
