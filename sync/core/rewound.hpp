#pragma once

#include "connectors/medicapp/values.hpp"
#include "reconcile/patient.hpp"
#include "state/records.hpp"
#include "sync/core/changes.hpp"
#include "sync/core/consent.hpp"
#include "sync/core/decision.hpp"
#include "sync/core/effects.hpp"
#include "sync/core/observations.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>

/// Whether a side has gone back in time, and whom that concerns. See docs/guards.md.
///
/// Whom an operator has been shown, at these very times, is no sign of it while their acceptance
/// holds: what is put right meanwhile takes away from that, and adds nothing.
namespace medibridge::sync {

/// Whether a linked patient is older in Medicapp than when last seen.
bool is_older(const state::Link& link, const std::optional<reconcile::Instant>& shown_at);

/// The thing that such a patient is to an operator: see Evidence. Nothing: they are not there.
std::uint64_t rewound_patient(const std::string& external_id,
                              const std::optional<reconcile::Instant>& known_at,
                              const std::optional<reconcile::Instant>& shown_at);

/// Whom a Medicapp that has gone back in time shows older than they were, or not at all; each once.
class RewoundPatients {
  public:
    /// `accepted` outlives it.
    explicit RewoundPatients(const Consent& accepted) : accepted_(&accepted) {}

    /// False: the operator has been shown them like this.
    bool note_older(const StalePatient& patient);
    bool note_missing(const std::string& external_id,
                      const std::optional<reconcile::Instant>& known_at);
    /// Further ones of whom no more is known.
    void note_more_older(std::int64_t patients);

    std::int64_t older() const { return older_; }
    std::int64_t missing() const { return missing_; }
    /// `proof`: why it is sure; it is about these patients then.
    Alarm alarm(Alarm proof) const;

  private:
    bool note(const Change& change, std::uint64_t thing);

    const Consent* accepted_;
    std::int64_t older_ = 0;
    std::int64_t missing_ = 0;
    Changes changes_;
    Evidence evidence_;
};

/// Linked patients that were read one by one to see whether Medicapp has gone back in time.
class RewindSamples {
  public:
    /// `modified_last`: so many of them, `all`, are those that were modified last.
    RewindSamples(const Consent& accepted, std::size_t modified_last, std::size_t all)
        : modified_last_(modified_last),
          all_(all),
          who_(accepted) {}

    /// Nothing: they are not in Medicapp. `changed`: the fields in which they are not as they were
    /// seen last.
    void note(const state::Link& link, const std::optional<connectors::MedicappPatient>& now,
              const reconcile::FieldSet& changed = {});

    /// A patient who is older than when last seen proves it; so do enough that are all missing.
    std::optional<Alarm> alarm() const;
    /// Those who prove it.
    const RewoundPatients& who() const { return who_; }

  private:
    std::size_t modified_last_;
    std::size_t all_;
    std::size_t known_ = 0; ///< whom the operator has been shown
    RewoundPatients who_;
};

/// What a survey of a source finds out about the records' times.
struct Surveyed {
    struct Stale {
        reconcile::FieldSet fields; ///< that differ
        std::uint64_t thing = 0;    ///< see Evidence
    };
    /// Patients of this source who are shown otherwise, and older, than they were taken.
    std::map<std::string, Stale> stale;
    std::int64_t more = 0; ///< further ones

    /// `tolerance`: how much older a record may be. `repeated`: whom the pass shows again: of
    /// several records of one patient the newest counts.
    void note(const Item& item, std::chrono::milliseconds tolerance,
              const std::unordered_set<std::string>& repeated);
};

/// In a source that looks rewound, older records prove it. In any other source they are
/// corrections.
std::optional<Alarm> guard_rewound_source(const Consent& accepted, const std::string& source,
                                          const Surveyed& surveyed);

} // namespace medibridge::sync
