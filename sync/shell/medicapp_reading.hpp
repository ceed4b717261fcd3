#pragma once

#include "base/bytes/id_set.hpp"
#include "reconcile/watermark.hpp"
#include "sync/shell/context.hpp"

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
    /// The same of one source: by its name.
    std::unordered_map<std::string, std::unordered_set<std::string>> wanted_of;
    /// A record of that source came: it is wanted no more.
    void take_wanted(const std::string& source, const std::string& external_id) {
        wanted.erase(external_id);
        if (wanted_of.empty()) return;
        const auto place = wanted_of.find(source);
        if (place != wanted_of.end()) place->second.erase(external_id);
    }
    bool wants_of(const std::string& source, const std::string& external_id) const {
        const auto place = wanted_of.find(source);
        return place != wanted_of.end() && place->second.contains(external_id);
    }
    bool wants(const std::string& source, const std::string& external_id) const {
        return wanted.contains(external_id) || wants_of(source, external_id);
    }
    bool wants_any_of(const std::string& source) const {
        const auto place = wanted_of.find(source);
        return !wanted.empty() || (place != wanted_of.end() && !place->second.empty());
    }

    /// Medicapp patients without externalId that a HIS patient has been given in this cycle.
    std::unordered_set<std::string> claimed;
    /// ExternalIds whose write of an earlier cycle never got a result.
    std::unordered_set<std::string> old_intents;
    /// ExternalIds that the pass over a source that is under way showed before.
    std::unordered_set<std::string> repeated;
    /// Records are dealt with before the pass over their source has ended: one that contradicts
    /// another may be shown without the other.
    bool streaming = false;
    /// All sources are read whole in this cycle.
    bool all_whole = false;
    /// Every source's record of the patients that are decided is at hand: see Contested.
    bool all_at_hand = false;
    /// Medicapp has patients without externalId, so a new patient may be one of them.
    bool look_alikes_possible = false;
    /// Linked patients who are listed with an older modification time than was known; the first
    /// few. A list that lags shows them, too.
    std::vector<state::Link> stale;
    /// The patient of our newest write of an earlier cycle, and when Medicapp took it; empty: none
    /// is known. Whether the list has shown them since.
    std::string expected;
    std::optional<reconcile::Instant> expected_at;
    bool expected_shown = false;
    /// Medicapp patients listed by a complete pass over everything; set by full reads only.
    std::optional<base::IdSet> all_ids;
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
