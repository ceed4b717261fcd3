#pragma once

#include "reconcile/watermark.hpp"
#include "sync/context.hpp"
#include "sync/id_set.hpp"

#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace medibridge::sync {

/// What Medicapp showed in this cycle.
class Observations {
  public:
    struct Change {
        std::string medicapp_id;
        reconcile::SideView view;
    };

    /// Linked patients that look different from their baseline, by externalId, until dealt with.
    std::unordered_map<std::string, Change> changed;
    /// Patients for whom the HIS's present record is needed although it did not change.
    std::unordered_set<std::string> wanted;
    /// Medicapp patients without externalId that a HIS patient has been given in this cycle.
    std::unordered_set<std::string> claimed;
    /// ExternalIds whose write of an earlier cycle never got a result.
    std::unordered_set<std::string> old_intents;
    /// ExternalIds that the pass over a source that is under way showed before.
    std::unordered_set<std::string> repeated;
    /// Records are dealt with before the pass over their source has ended: one that contradicts
    /// another may be shown without the other.
    bool streaming = false;
    /// Medicapp has patients without externalId, so a new patient may be one of them.
    bool look_alikes_possible = false;
    /// Linked patients who are listed with an older modification time than was known, by more than
    /// the overlap; the first few.
    std::vector<state::Link> stale;
    /// Medicapp patients listed by a complete pass over everything; set by full reads only.
    std::optional<IdSet> all_ids;
};

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
