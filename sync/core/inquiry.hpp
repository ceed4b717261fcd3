#pragma once

#include "sync/core/preview.hpp"
#include "sync/core/resemblance.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

/// What an operator sees of a patient, and what they decide then.
namespace medibridge::sync {

/// What one source shows of a patient.
struct SourceSight {
    std::string source;
    std::optional<reconcile::Assessed> record; ///< nothing: it does not show them
    /// Further records that it shows under the externalId, and that describe somebody else.
    std::vector<reconcile::Assessed> contradicting = {};
    /// Fields in which the record and Inquiry::medicapp, else the first candidate, differ.
    reconcile::FieldSet differs = {};
    std::string trouble; ///< why it could not be read; empty: it was
    /// Names that are placeholders in the record, and therefore not sent to the patient who is
    /// linked or beside it.
    reconcile::FieldSet unnamed = {};
};

/// One patient as both sides show them at this moment. Holds values: for an operator, never for the
/// state or a log.
struct Inquiry {
    std::string key; ///< the externalId, or the key under which a record without one is held
    state::Known known;
    std::vector<SourceSight> sources; ///< the leading one first
    /// Whose record is held, or else was taken; empty: none that is configured.
    std::string leading;
    /// `leading` shows only what is sent to it: what it does not keep comes when it is sent again.
    bool is_sent_to = false;
    /// The linked Medicapp patient, else the one who carries the externalId.
    std::optional<connectors::MedicappPatient> medicapp;
    /// A Medicapp patient who may be the same person, and what speaks for and against it.
    struct Candidate {
        connectors::MedicappPatient patient;
        Resemblance resemblance;
    };
    std::vector<Candidate> candidates;
    /// Whom else the hold is about: who survives a merge, or has the externalId already.
    struct Other {
        std::string external_id;
        std::string medicapp_id; ///< empty: no Medicapp patient is known to be that person
        std::optional<connectors::MedicappPatient> patient;
        bool survives = false;  ///< a merge
        bool is_former = false; ///< of Inquiry::former
    };
    std::optional<Other> other;
    /// The linked patient who is to get this externalId, as the HIS says; nothing: there is none.
    std::optional<Former> former;
    bool is_formers = false;      ///< the record describes that patient
    Resemblance resemblance;      ///< of the record and `medicapp`; empty unless both are there
    std::string medicapp_trouble; ///< why Medicapp could not be read; empty: it was
    /// Fields in which the record and `medicapp`, else the first candidate, differ.
    reconcile::FieldSet differs;
    /// Of a linked patient: parts of the address in which both differ and that are not written, as
    /// the HIS's address lacks a part that Medicapp has. See reconcile::UpdatePlan.
    reconcile::FieldSet withheld;
    std::vector<Preview> previews;
    std::vector<Preview> refused; ///< decisions that fit the hold, and would not be carried out
    /// The record that counts, the leading source's if there is one, and whose it is; null: none.
    const reconcile::Assessed* record() const;
    std::string record_source() const;
    /// Stands for everything that an operator sees here, values included.
    reconcile::Digest token{};
};

/// What an operator decides.
struct Order {
    std::string key;
    DecisionKind kind = DecisionKind::retry;
    std::string medicapp_id; ///< for `link`
    std::string token;       ///< of the Inquiry that the operator saw, in hexadecimal digits
    std::string reason;      ///< the operator's own words; may be empty
    state::Actor actor;
};

/// Why nobody can tell now what a decision would do: a side cannot be read. Empty: all can be.
std::string unreadable_side(const Inquiry& inquiry);

/// The source that the patient is held for, else the one whose record was taken; empty: none.
std::string leading_source(const state::Known& known);

/// What is to be said of what was read: what differs, what each decision would do, and the token.
void complete(const Rules& rules, Inquiry& inquiry);

/// Why the decision does not fit the hold, in words for an operator; empty: it fits. One that is
/// not carried out yet is no obstacle: the order takes its place, unless it may have been sent.
std::string misfit(const state::Known& now, const Order& order);
/// Why a decision cannot be replaced while a cycle runs, in words for an operator.
std::string under_way(const state::OperatorDecision& pending);
/// What becomes of a decision whose place the order takes.
state::Batch replaced(const state::OperatorDecision& pending, const Order& order);
/// Why nobody can tell now whether it fits what both sides show; empty: it can be told.
std::string blindness(const Inquiry& now, const Order& order);
/// Why it does not fit what both sides show now, in words for an operator; empty: it fits.
std::string outdated(const Inquiry& now, const Order& order);
/// Why the decision would not be carried out, in words for an operator; empty: nothing known stands
/// against it.
std::string obstacle(const Inquiry& now, const Order& order);
/// The decisions that may be taken.
std::vector<DecisionKind> decisions_on(const Inquiry& now);
/// Whether the operator is done with what the decision is about: a record that was sent without a
/// usable externalId. No source can be asked whether it has changed, so its hold ends.
bool ends_with_ignore(const Inquiry& now, const Order& order);
/// Whether the decision can wait for the record of somebody who was erased: what was kept of them
/// is gone, and their source cannot be asked.
bool may_wait(const Inquiry& now, const Order& order);
/// Why the record cannot be linked to `about`, the Medicapp patient whom the order names; null:
/// there is none. `linked`: that one is linked to somebody.
std::string obstacle_to_link(const Rules& rules, const Inquiry& now, const Order& order,
                             const connectors::MedicappPatient* about, bool linked);

/// The decision to be made durable. `about`: whom a link names; null otherwise.
state::OperatorDecision decision_of(const Rules& rules, const Inquiry& now, const Order& order,
                                    const connectors::MedicappPatient* about);
/// Whom the decision tells apart from the record's patient: of a `create`, the Medicapp patients
/// who were shown beside it.
std::vector<state::ToldApart> told_apart(const Rules& rules, const Inquiry& now,
                                         const state::OperatorDecision& decision);
/// Digests of what each source shows of the patient, as their items will have it.
std::map<std::string, reconcile::Digest> records_now(const Rules& rules, const Inquiry& now);
state::AuditEntry audit_of(const Order& order);

} // namespace medibridge::sync
