#pragma once

#include "reconcile/watermark.hpp"
#include "sync/core/changes.hpp"
#include "sync/core/decision.hpp"
#include "sync/core/effects.hpp"
#include "sync/core/settings.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

/// Guards stop a cycle before its first write if what a side shows is not plausible as a whole.
/// Each takes what was seen and returns an alarm, or nothing. See docs/guards.md.
namespace medibridge::sync {

struct Memory;

/// What the item's decision would, or may, do to a linked patient; nothing: not a thing that is not
/// so already. Of a record that states a merge: see merge_of(). `memory` is of former cycles.
std::optional<Change> change_of(const Rules& rules, const Item& item, const Memory& memory);
/// What it would do to its patient, of whom `known` is known, if `record` says that the patient was
/// merged into another one, or renamed; nothing: the patient is not linked, or the merge is known.
std::optional<Change> merge_of(const Rules& rules, const reconcile::Assessed& record,
                               const state::Known& known);

/// So many changes are plausible.
std::int64_t plausible_changes(const Rules& rules, std::int64_t linked);

/// Whether so many are more than is plausible.
bool is_implausible(const Rules& rules, const Changes& changes, std::int64_t linked);

/// More linked patients would change than the operator has called plausible, and other changes than
/// they have accepted for this cycle.
std::optional<Alarm> guard_changes(const Rules& rules, const Changes& changes, std::int64_t linked);

/// So many of the linked patients may be missing from Medicapp.
std::int64_t plausibly_missing(const Rules& rules, std::int64_t linked);
std::optional<Alarm> guard_missing(const Rules& rules, const Changes& missing, std::int64_t linked);

/// Medicapp, read completely, has no patient, although some are linked.
std::optional<Alarm> guard_empty_medicapp(const reconcile::ReadResult& read, std::int64_t linked);

/// A source, read completely, shows no record, although patients are linked that came from it.
std::optional<Alarm> guard_empty_source(const std::string& source,
                                        const reconcile::ReadResult& read, bool any_linked);

/// Whether a side needs a closer look: a row that it showed before is missing, or its clock was set
/// back.
bool looks_rewound(const reconcile::ReadMark& before, const reconcile::ReadResult& read);

/// What comes up after guard_changes() has judged the cycle: a list that is read again shows more
/// than it did. It is counted by itself, against the same limit; what goes beyond that is left for
/// the next cycle, whose guard sees it.
class LateChanges {
  public:
    /// `judged`: what the guard saw of `linked` patients.
    void begin(const Rules& rules, ChangeCounter judged, std::int64_t linked);
    /// These patients were not linked when the guard judged the cycle: nothing of theirs is late.
    void exempt(const std::string& external_id) {
        if (!nobody_linked_) new_links_.insert(external_id);
    }
    bool allows(const Change& change);

  private:
    ChangeCounter judged_;
    ChangeCounter late_;
    bool nobody_linked_ = false; ///< when the cycle was judged: everybody is exempt
    base::IdSet new_links_;
    std::int64_t plausible_ = 0;
};

/// Sources that were last read under another mapping: every patient would look edited.
class MappingChanges {
  public:
    /// `before`: as mapping_digests() gave it then; empty: never. Whether the mapping is another
    /// one.
    bool note(const Rules& rules, const std::string& source, const std::string& before);
    bool any() const { return !sources_.empty(); }
    /// From which mapping to which, of each source.
    const Evidence& evidence() const { return evidence_; }
    /// An alarm, unless just this change is accepted, or only shown. What would change is not known
    /// then.
    Effects effects(const Rules& rules) const;

  private:
    std::string sources_; ///< comma-separated
    std::string fields_;  ///< keys that changed; comma-separated
    Evidence evidence_;
};

/// A source's mapping as the state keeps it: each key with a digest of its value.
std::string mapping_digests(const Rules& rules, const std::string& source);
/// The state's key for it.
std::string mapping_key(const std::string& source);

} // namespace medibridge::sync
