#pragma once

#include "connectors/source/source.hpp"
#include "sync/core/preview.hpp"
#include "sync/shell/context.hpp"

#include <optional>
#include <string>
#include <vector>

namespace medibridge::sync {

/// What one source shows of a patient.
struct SourceSight {
    std::string source;
    std::optional<reconcile::Assessed> record; ///< nothing: it does not show them
    std::string trouble;                       ///< why it could not be read; empty: it was
};

/// One patient as both sides show them at this moment. Holds values: for an operator, never for the
/// state or a log.
struct Inquiry {
    std::string key; ///< the externalId, or the key under which a record without one is held
    state::Known known;
    std::vector<SourceSight> sources; ///< the leading one first
    /// Whose record is held, or else was taken; empty: none that is configured.
    std::string leading;
    /// The linked Medicapp patient, else the one who carries the externalId.
    std::optional<connectors::MedicappPatient> medicapp;
    /// A Medicapp patient who may be the same person, and what speaks for and against it.
    struct Candidate {
        connectors::MedicappPatient patient;
        Resemblance resemblance;
    };
    std::vector<Candidate> candidates;
    std::string medicapp_trouble; ///< why Medicapp could not be read; empty: it was
    /// Fields in which the record and `medicapp`, else the first candidate, differ.
    reconcile::FieldSet differs;
    std::vector<Preview> previews;
    /// The record that counts, the leading source's if there is one, and whose it is; null: none.
    const reconcile::Assessed* record() const;
    std::string record_source() const;
    /// Stands for everything that an operator sees here, values included.
    reconcile::Digest token{};
};

/// Reads it; changes nothing. `rules` as for a cycle.
runtime::Task<Inquiry> inquire(Environment env, const Rules& rules,
                               std::vector<connectors::Source*> sources, std::string key);

/// What an operator decides.
struct Order {
    std::string key;
    DecisionKind kind = DecisionKind::retry;
    std::string medicapp_id; ///< for `link`
    std::string token;       ///< of the Inquiry that the operator saw, in hexadecimal digits
    std::string reason;      ///< the operator's own words; may be empty
    state::Actor actor;
};

/// Takes a decision if it still fits: then it is durable, and audited. `ignore` is carried out at
/// once, everything else by the next cycle. Otherwise nothing has changed, and the text says why in
/// words for an operator; empty: taken. Throws StoreError.
runtime::Task<std::string> take_decision(Environment env, const Rules& rules,
                                         std::vector<connectors::Source*> sources, Order order);

} // namespace medibridge::sync
