#pragma once

#include "base/bytes/id_map.hpp"
#include "base/bytes/id_set.hpp"
#include "reconcile/assess.hpp"
#include "sync/core/effects.hpp"
#include "sync/core/settings.hpp"

#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace medibridge::sync {

/// The patients whom a pass has shown, by their own records.
class ShownPatients {
  public:
    ShownPatients() = default;
    /// Keeps their externalIds in that set, which is empty.
    explicit ShownPatients(base::IdSet seen) : seen_(std::move(seen)) {}

    /// For a pass that is taken to show much the same: see IdSet::alike().
    base::IdSet alike() const { return seen_.alike(); }
    /// From now on the times of records in use that arrived are kept, too.
    void remember_times() { remembers_times_ = true; }
    void note(const reconcile::Assessed& record);
    bool contains(const std::string& external_id) const { return seen_.contains(external_id); }
    /// Whether one of the patient's records is in use: neither closed nor deleted nor merged.
    bool in_use(const std::string& external_id) const {
        return seen_.contains(external_id) &&
               (!retired_.contains(external_id) || doubles_.contains(external_id));
    }

    /// Whether one of them stands against a merge that another source states: it is in use, and did
    /// not arrive with an older time than the merge's. Where a time is not told, it does.
    bool stands_against(const reconcile::Assessed& merge) const;
    /// The time of the patient's record in use that arrived; nothing: it is not known.
    std::optional<reconcile::Instant> arrived_at(const std::string& external_id) const;

  private:
    base::IdSet seen_;
    base::IdSet retired_; ///< with a record that is not in use
    base::IdSet doubles_; ///< with such a record and one in use
    bool remembers_times_ = false;
    base::IdMap<reconcile::Instant> times_; ///< of records in use that arrived
};

/// Holds end with the record that caused them, once a complete reading of its source no longer
/// shows it: those of records without externalId, which are held by what they say, so that a
/// corrected one is another record; and those of records that contradict another one.
class VanishedRecords {
  public:
    /// Takes note of the records that are shown and have no externalId, and of merges, which others
    /// may state of a patient who is not shown.
    void note(const std::vector<reconcile::Assessed>& records, const reconcile::Digester& digester);

    /// Ends the holds among `held` that `source` had caused, after a complete, proven reading of it
    /// that showed `shown`.
    Effects release(const Rules& rules, const std::string& source, const ShownPatients& shown,
                    const std::vector<state::Held>& held) const;

  private:
    base::IdSet keys_;
};

/// Moves the records of these patients to `aside`, up to limits::records_set_aside.
void set_aside(std::vector<reconcile::Assessed>& records,
               const std::unordered_set<std::string>& patients,
               std::vector<reconcile::Assessed>& aside);

/// Leaves one record of each externalId: the newest, or the later one where times do not tell.
/// Records that describe different people become one that is held as `ambiguous_source`. Records
/// without externalId all stay. One in use stands against closed ones of the same patient.
std::vector<reconcile::Assessed> merge_duplicates(std::vector<reconcile::Assessed> records);

/// Whether both records of one poll describe the same person.
bool same_person(const reconcile::Assessed& a, const reconcile::Assessed& b);
/// The hold of two records that do not, with the fields in which they differ.
reconcile::SelfHold describes_two(const reconcile::Assessed& a, const reconcile::Assessed& b);

} // namespace medibridge::sync
