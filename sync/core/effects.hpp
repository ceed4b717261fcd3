#pragma once

#include "base/log/event.hpp"
#include "connectors/medicapp/values.hpp"
#include "state/batch.hpp"
#include "sync/core/changes.hpp"
#include "sync/core/consent.hpp"
#include "sync/core/report.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace medibridge::sync {

/// A patient for whom requests are refused in this cycle, while others may be served: see
/// HoldReason::refused_by_server.
struct RefusedPatient {
    RefusedPatient() = default;
    /// For a linked patient who could not be read or renamed, when no record was to be written.
    RefusedPatient(const state::Link& link, connectors::ApiError answer)
        : external_id(link.external_id),
          source(link.source),
          medicapp_id(link.medicapp_id),
          error(std::move(answer)) {}

    std::string external_id;
    std::string source;
    std::string medicapp_id;
    std::string field;          ///< what the request would have changed; empty: nothing by itself
    reconcile::Digest record{}; ///< of the HIS's record that was to be written
    bool alone = false;         ///< others were served in an earlier cycle that refused this one
    connectors::ApiError error;
};

/// What a guard has seen: it stops the cycle before its first write.
struct Alarm {
    const log::EventType* type = nullptr;
    std::string source;   ///< empty: Medicapp, or no side by itself
    std::string fields;   ///< comma-separated; empty: none
    std::string reason;   ///< what was seen, and what to do
    Changes changes = {}; ///< whom it is about: who would be changed, went back, or is missing
    std::int64_t linked = 0;
    Evidence evidence = {}; ///< where it can be accepted as it was seen: all of that
};

/// What an answer means for the rest of the cycle. The cycle must know it at once, before the
/// answer's effects are durable.
struct Notice {
    /// Medicapp cannot be used now.
    std::optional<connectors::ApiError> halt = {};
    /// A request about this patient failed. The error tells whether others are concerned, too.
    std::optional<RefusedPatient> refused = {};
    std::optional<Alarm> alarm = {};
    bool misdirected = false;     ///< the answer to a write shows another patient
    std::string credentials = {}; ///< which source refuses them, in words; empty: none
    std::string left = {};        ///< why something is left for the next cycle; empty: nothing is
    bool reread = false;          ///< the next cycle is to read all sources completely
};

/// A Medicapp patient that we wrote or agreed on, and Medicapp's own time of that.
struct Written {
    std::string medicapp_id;
    std::optional<reconcile::Instant> at;
};

/// What the observer is told of a patient.
struct Deed {
    std::string external_id;
    Action action;
    std::string detail; ///< names of fields or a reason, never values
};

/// A patient on whom both sides agree now, as far as this source's record goes.
struct Agreed {
    std::string external_id;
    std::string source;
};

/// A patient during whose hold other sources were not heard, or not taken, and who is held no more
/// because of this source's record.
struct Released {
    std::string external_id;
    std::string source;
    /// No word had been taken before: of what sources say now the newest counts, as of anybody new.
    /// Otherwise what the others could not say meanwhile counts although that source's is newer,
    /// but for what that one states.
    bool is_first_link = false;
    reconcile::FieldSet stated = {}; ///< what stands in that source's record, if it is dated
};

/// Everything that follows from decisions and answers, in the order in which it was found. One
/// place applies it: it heeds the notice at once and commits the changes; only then it logs, counts
/// and tells.
class Effects {
  public:
    Notice notice;
    state::Batch changes;
    std::vector<log::Event> events; ///< without the cycle's id
    Tally counts;
    std::int64_t examined = 0; ///< records that were decided
    std::vector<Deed> deeds;
    std::optional<Written> newest; ///< the last of what was written
    std::vector<Agreed> agreed;
    std::vector<Released> released;
    std::vector<Conclusion> concluded; ///< what became of operators' decisions
    std::vector<PlannedWrite> planned; ///< in a dry run
    /// ExternalIds whose write is not in the cycle's plan, and why.
    std::vector<std::pair<std::string, std::string>> left_out;
    std::vector<SourceStatus> sources; ///< how far the cycle came with each

    void note_written(const std::string& medicapp_id, std::optional<reconcile::Instant> at);
    /// `more` comes after what is there; of two notices' parts the first stands.
    void append(Effects more);
};

} // namespace medibridge::sync
