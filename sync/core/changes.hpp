#pragma once

#include "base/bytes/id_map.hpp"
#include "base/bytes/id_set.hpp"
#include "reconcile/digest.hpp"
#include "reconcile/hold.hpp"
#include "reconcile/patient.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::sync {

/// What a cycle would, or may, do to a linked patient.
class Change {
  public:
    enum class Kind {
        update,  ///< values are written
        hold,    ///< nothing is sent about the patient any more
        merge,   ///< the HIS says that the patient goes on as another one
        rename,  ///< the patient's externalId changes
        missing, ///< Medicapp does not show the patient
    };
    static constexpr std::array all_kinds{Kind::update, Kind::hold, Kind::merge, Kind::rename,
                                          Kind::missing};

    /// `record`: the digest of the record that calls for it.
    static Change update(std::string external_id, const reconcile::FieldSet& fields,
                         const reconcile::Digest& record);
    /// The HIS's values of these fields would be written over Medicapp's.
    static Change reassertion(std::string external_id, const reconcile::FieldSet& fields);
    static Change hold(std::string external_id, reconcile::HoldReason reason,
                       const reconcile::Digest& record);
    /// Into `survivor`, or, if only the identifier changed, to that identifier.
    static Change merge(std::string external_id, const std::string& survivor, bool only_renamed,
                        const reconcile::Digest& record);
    static Change missing(std::string external_id);

    Kind kind = Kind::update;
    std::string external_id;
    reconcile::FieldSet fields; ///< of an update
    std::string detail;         ///< of a hold: its reason; of a merge: into whom
    std::string record;         ///< digest, hexadecimal; empty: none
};
/// `update`, `hold`, `merge`, `rename`, `missing`.
std::string_view name(Change::Kind kind);

/// The changes of linked patients that a cycle would make, counted before its first write. What a
/// guard stops can so be shown, and accepted as it was shown.
class Changes {
  public:
    static constexpr std::size_t most_examples = 20;

    /// Counts the patient once, for however many changes: in all, and for each kind, each reason of
    /// a hold and each field.
    void note(const Change& change);
    /// A merge or rename that was noted is none: what else was noted of the patient stays.
    void take_back(const Change& merge);
    /// Further patients of whom no more is known than how many they are.
    void note_more(Change::Kind kind, std::int64_t patients);

    /// Whether a change of the patient was noted.
    bool covers(const std::string& external_id) const {
        const auto* const facts = patients_.find(external_id);
        return facts != nullptr && *facts != 0;
    }
    std::int64_t count() const { return count_; } ///< of patients
    std::int64_t count_of(reconcile::Field field) const {
        return by_field_[static_cast<std::size_t>(field)];
    }
    std::int64_t count_of(Change::Kind kind) const {
        return by_kind_[static_cast<std::size_t>(kind)];
    }
    /// Of the holds, by the word for their reason.
    const std::map<std::string, std::int64_t>& holds() const { return holds_; }
    /// Some of the patients, each once: with all fields of their updates, and what becomes of them
    /// otherwise, if anything does.
    const std::vector<Change>& examples() const { return examples_; }
    /// Equal for the same changes of the same patients, in whatever order they were found.
    std::uint64_t fingerprint() const { return fingerprint_; }

  private:
    void show(const Change& change, bool is_new);

    std::int64_t count_ = 0;
    std::array<std::int64_t, reconcile::field_count> by_field_{};
    std::array<std::int64_t, Change::all_kinds.size()> by_kind_{};
    std::map<std::string, std::int64_t> holds_;
    std::vector<Change> examples_;
    std::uint64_t fingerprint_ = 0;
    base::IdMap<std::uint64_t> patients_; ///< what counts of each, a bit for each fact; 0: nothing
};

/// Counts each change, and each patient, once, however often sources show them. Keeps 32 to 64
/// bytes for each changed patient, twice for those who are held, merged or renamed.
class ChangeCounter {
  public:
    void note(const Change& change);
    /// A merge or rename that may have been noted is none: a record in use has refuted it.
    void take_back(const Change& merge);
    /// Whether a change of the patient was noted, or follows from one.
    bool covers(const std::string& id) const { return all_.patients.contains(id); }
    const Changes& changes() const { return all_.changes; }
    /// Forgets the updates: what holds, merges or renames patients goes on counting.
    void forget_updates() { all_ = lasting_; }

  private:
    struct Counted {
        void note(const Change& change);
        void take_back(const Change& merge);

        Changes changes;
        base::IdSet patients;    ///< covered: also by another one's change, as who survives a merge
        base::IdMap<bool> noted; ///< by the changes' texts; false: taken back
    };

    Counted all_;
    Counted lasting_; ///< without the updates
};

} // namespace medibridge::sync
