#pragma once

#include "base/bytes/id_set.hpp"
#include "connectors/medicapp/values.hpp"
#include "reconcile/assess.hpp"
#include "state/records.hpp"
#include "sync/core/effects.hpp"
#include "sync/core/settings.hpp"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace medibridge::sync {

/// How much of the sources is known when records are decided.
struct Coverage {
    /// The pass over the records' source has not ended: of two records that contradict each other,
    /// perhaps only one was shown so far.
    bool streaming = false;
    /// The pass shows what has changed, and its source may have another record of the same patient
    /// that has not.
    bool partial = false;
    /// This cycle reads all sources completely.
    bool all_whole = false;
    /// The records of all sources about these patients are known: see Contested.
    bool all_at_hand = false;
    /// The same pass was made before in this cycle: its records were counted then.
    bool again = false;
    /// Whoever was refused in the last cycle waits until somebody was served, or the pass has
    /// ended.
    bool refused_wait = false;
    /// ExternalIds that the pass showed on an earlier page than the records.
    std::unordered_set<std::string> repeated = {};
};

/// Servers cut times to seconds here and not there.
inline constexpr std::chrono::seconds list_time_grain{1};

/// A linked patient who carries another externalId in Medicapp.
struct Renamed {
    state::Link link;
    std::string external_id; ///< as Medicapp shows it
};

/// A linked patient whom a list shows older than when last seen.
struct StalePatient {
    std::string medicapp_id;
    std::string external_id;
    std::optional<reconcile::Instant> known_at;
    std::optional<reconcile::Instant> shown_at;
    reconcile::FieldSet changed; ///< in which they are not as they were seen last
};

/// What Medicapp showed in this cycle, and which patients the HIS must be asked for because of it.
class Observations {
  public:
    /// A linked patient differs from the baseline, until that is settled.
    void note_change(const std::string& external_id, reconcile::SideView view) {
        changed_.insert_or_assign(external_id, std::move(view));
    }
    void settle_change(const std::string& external_id) { changed_.erase(external_id); }
    /// Null: none is known.
    const reconcile::SideView* change_of(const std::string& external_id) const;
    std::vector<std::string> changed_ids() const; ///< sorted
    bool has_changes() const { return !changed_.empty(); }
    /// As many as one cycle deals with: limits::pending_drift.
    bool is_full() const { return changed_.size() + renamed_.size() >= limits::pending_drift; }

    /// A linked patient carries another externalId in Medicapp; they wait until the guards have
    /// judged the cycle.
    void note_renamed(Renamed patient);
    /// The linked patient whom Medicapp shows under that externalId, which is not their link's: by
    /// Medicapp id; null: there is none.
    const std::string* carrier_of(const std::string& external_id) const;
    std::vector<Renamed> renamed() const; ///< by externalId
    void forget_renamed() { renamed_.clear(); }

    /// The HIS's present record of the patient is needed, although it did not change.
    void want(const std::string& external_id) { wanted_.insert(external_id); }
    /// The same of one source.
    void want_of(const std::string& source, const std::string& external_id) {
        wanted_of_[source].insert(external_id);
    }
    /// The same of every source but the one that ended the patient's hold.
    void want_of_others(std::span<const Released> released,
                        const std::vector<std::string>& sources);
    /// A record of that source came: it is no longer wanted.
    void settle_wanted(const std::string& source, const std::string& external_id);
    bool wants_of(const std::string& source, const std::string& external_id) const;
    /// Wanted of that source, which could not say what it had to while another's word was taken.
    bool was_silenced(const std::string& source, const std::string& external_id) const;
    /// Of one who was: see Released::stated.
    reconcile::FieldSet stated_at_release(const std::string& source,
                                          const std::string& external_id) const;
    bool wants(const std::string& source, const std::string& external_id) const {
        return wanted_.contains(external_id) || wants_of(source, external_id);
    }
    bool wants_any_of(const std::string& source) const;
    /// Of whichever source.
    bool is_wanted(const std::string& external_id) const;
    std::vector<std::string> wanted_of(const std::string& source) const;
    /// Drops the records of that source that are not wanted, and its merges: they are judged with
    /// everything that the source and others show: see Claims.
    void keep_only_wanted(const std::string& source,
                          std::vector<reconcile::Assessed>& records) const;
    bool wants_any() const { return !wanted_.empty() || !wanted_of_.empty(); }
    /// Whoever is wanted, but not of one source.
    const std::unordered_set<std::string>& wanted() const { return wanted_; }
    void forget_wanted() { wanted_.clear(); }
    void forget_wanted_of() {
        wanted_of_.clear();
        linked_first_.clear();
        stated_.clear();
    }

    /// That source is read under another mapping than it was before.
    void note_remapped(const std::string& source) { remapped_.insert(source); }
    bool is_remapped(const std::string& source) const { return remapped_.contains(source); }

    /// Operators' decisions that this cycle is to carry out.
    void note_decisions(std::vector<state::OperatorDecision> decisions) {
        decisions_ = std::move(decisions);
    }
    /// What became of one of them is known.
    void note_concluded(const std::string& external_id) {
        std::erase_if(decisions_, [&](const state::OperatorDecision& decision) {
            return decision.external_id == external_id;
        });
    }
    /// Those of which nothing is known yet.
    const std::vector<state::OperatorDecision>& decisions() const { return decisions_; }

    /// Gives a Medicapp patient without externalId to a HIS patient. False: another one already has
    /// them.
    bool claim(const std::string& medicapp_id) { return claimed_.insert(medicapp_id).second; }

    /// Writes of an earlier cycle that never got a result. Returns the Medicapp ids of the updates,
    /// which are to be looked up.
    std::vector<std::string> note_old_intents(const std::vector<state::Intent>& intents);
    bool has_old_intent(const std::string& external_id) const {
        return old_intents_.contains(external_id);
    }
    const std::unordered_set<std::string>& old_intents() const { return old_intents_; }

    /// The links may not be what they were when Medicapp last showed them all, and this cycle does
    /// not read it completely: each is looked at before a write.
    void doubt_links() { links_doubtful_ = true; }
    bool links_doubtful() const { return links_doubtful_; }

    /// Medicapp has patients without externalId, so a new patient may be one of them.
    void note_look_alikes() { look_alikes_possible_ = true; }
    bool look_alikes_possible() const { return look_alikes_possible_; }

    /// A linked patient is listed with an older modification time than was known. A list that lags
    /// shows them, too; limits::stale_patients are kept.
    void note_stale(StalePatient patient);
    /// By externalId.
    const std::map<std::string, StalePatient>& stale() const { return stale_; }
    std::int64_t more_stale() const { return more_stale_; } ///< further ones
    void forget_stale() {
        stale_.clear();
        more_stale_ = 0;
    }

    /// The patient of our newest write of an earlier cycle, and when Medicapp took it: the list is
    /// to show them.
    void expect(std::string medicapp_id, reconcile::Instant at);
    const std::optional<reconcile::Instant>& expected_at() const { return expected_at_; }
    void note_listed(const connectors::MedicappPatient& patient);
    /// Whether a reading from `since` (nothing: of everything) should have shown them, and did not.
    bool misses_newest_write(const std::optional<reconcile::Instant>& since) const {
        return expected_at_ && !expected_shown_ && since <= expected_at_;
    }

    /// The ids of all patients, from a complete pass over everything.
    void note_all(base::IdSet medicapp_ids) { all_ids_ = std::move(medicapp_ids); }
    const std::optional<base::IdSet>& all() const { return all_ids_; }
    std::optional<base::IdSet> take_all() { return std::exchange(all_ids_, std::nullopt); }

  private:
    std::unordered_map<std::string, reconcile::SideView> changed_; ///< by externalId
    std::map<std::string, Renamed> renamed_;                       ///< by externalId, the link's
    std::unordered_map<std::string, std::string> carriers_;        ///< by externalId, the shown one
    std::unordered_set<std::string> wanted_;
    std::unordered_map<std::string, std::unordered_set<std::string>> wanted_of_; ///< by source
    std::unordered_set<std::string> linked_first_;                ///< among them: see Released
    std::unordered_map<std::string, reconcile::FieldSet> stated_; ///< the same
    std::unordered_set<std::string> remapped_;
    std::vector<state::OperatorDecision> decisions_;
    std::unordered_set<std::string> claimed_;
    std::unordered_set<std::string> old_intents_;
    bool look_alikes_possible_ = false;
    bool links_doubtful_ = false;
    std::map<std::string, StalePatient> stale_;
    std::int64_t more_stale_ = 0;
    std::string expected_;
    std::optional<reconcile::Instant> expected_at_;
    bool expected_shown_ = false;
    std::optional<base::IdSet> all_ids_;
};

} // namespace medibridge::sync
