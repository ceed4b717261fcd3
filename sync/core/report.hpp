#pragma once

#include "reconcile/digest.hpp"
#include "reconcile/patient.hpp"
#include "sync/core/changes.hpp"
#include "sync/core/consent.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::sync {

enum class Outcome {
    complete,     ///< everything is applied or held
    incomplete,   ///< something is left for the next cycle
    guarded,      ///< stopped before the first write: it looked implausible
    unauthorized, ///< credentials were refused
};
std::string_view name(Outcome outcome);
std::optional<Outcome> outcome_named(std::string_view name);

/// How one source fared in a cycle.
struct SourceStatus {
    std::string name;
    std::string trouble; ///< why it could not be read; empty: it was read to its end
};

/// Counts of patients.
struct Tally {
    std::int64_t created = 0;
    std::int64_t updated = 0;
    std::int64_t linked = 0;    ///< existing Medicapp patients adopted
    std::int64_t unchanged = 0; ///< records of the sources that called for nothing
    std::int64_t held = 0;      ///< put on hold
    std::int64_t deferred = 0;  ///< left for the next cycle

    /// Those of whom Medicapp took something.
    std::int64_t served() const { return created + updated + linked; }
    Tally& operator+=(const Tally& more);
    Tally operator-(const Tally& earlier) const;
    bool operator==(const Tally&) const = default;
};

/// A guard that stopped a cycle.
struct GuardAlarm {
    std::string guard;    ///< its event's name: `guard.changes`
    std::string source;   ///< empty: Medicapp, or no source by itself
    std::string fields;   ///< comma-separated; empty: none
    std::string reason;   ///< what was seen, and what to do
    Changes changes = {}; ///< whom it is about: who would be changed, went back, or is missing
    std::int64_t linked = 0;
    /// Stands for all that was seen: another one where anything is otherwise.
    std::string token = {};
    Evidence evidence = {}; ///< where it can be accepted as it was seen: all of that
    /// What the stopped cycle had been told to accept: a cycle that accepts its changes needs that,
    /// too.
    Consent mapping_accepted = {};
    Consent rewind_accepted = {};
    Consent space_accepted = {};
};

/// What one cycle did.
struct Report : Tally {
    Outcome outcome = Outcome::complete;
    std::string reason; ///< why it is not complete; empty otherwise
    /// Medicapp cannot be used now, or a guard has seen something: nobody else was served either.
    bool halted = false;
    std::vector<SourceStatus> sources; ///< those that the cycle came to, in its order
    std::vector<GuardAlarm> alarms;    ///< all that stopped it, where it was guarded
};

enum class Action { created, updated, linked, held };
std::string_view name(Action action);

/// A write as a dry run found it.
struct PlannedWrite {
    std::string external_id;
    Action action = Action::created;
    std::string fields;         ///< names, comma-separated
    reconcile::Digest digest{}; ///< of everything that the write rests on
};

/// What became of an operator's decision.
struct Conclusion {
    std::string key; ///< what was held
    std::string decision;
    bool applied = false;
    std::string reason; ///< why not, or what came of it; empty: what was decided
};

/// Is told what a cycle does, as it happens: for progress and for the list of a dry run.
class Observer {
  public:
    virtual ~Observer() = default;
    /// `detail` names fields or a reason, never values.
    virtual void acted(const std::string& external_id, Action action, const std::string& detail) {
        (void)external_id, (void)action, (void)detail;
    }
    virtual void planned(const PlannedWrite& write) { (void)write; }
    /// A write that is due but not in the cycle's plan; `reason` is fixed words.
    virtual void left_out(const std::string& external_id, const std::string& reason) {
        (void)external_id, (void)reason;
    }
    virtual void concluded(const Conclusion& conclusion) { (void)conclusion; }
    /// After each page and chunk.
    virtual void progressed(const Report& so_far) { (void)so_far; }
};

} // namespace medibridge::sync
