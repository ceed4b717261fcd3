#pragma once

#include "sync/core/decision.hpp"
#include "sync/core/effects.hpp"
#include "sync/core/observations.hpp"
#include "sync/core/settings.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What an operator decided about a held patient, carried out in the way of everything else: the
/// decision is durable before, is looked at when the source's record is decided, and goes in the
/// same commit as what became of it.
namespace medibridge::sync {

using DecisionKind = state::OperatorDecision::Kind;

/// What an operator may decide about what is held, as docs/operating.md describes it.
std::vector<DecisionKind> decisions_on(const state::Known& known);

/// Whether a full compare looks at what is held again: of the same record that Medicapp has refused
/// it would refuse the same.
bool is_compared_again(const state::Held& held);

/// When a decision that waits_for_record() is carried out.
inline constexpr std::string_view when_sent_again = "when the HIS sends this patient again";
/// Whether the decision was taken of somebody of whom nothing is kept, and is about the next record
/// of theirs, whatever it says.
bool waits_for_record(const state::OperatorDecision& decision);

/// Whether both are the very decision that was taken, and not a later one about the same patient.
/// Null: none was.
bool is_same_decision(const state::OperatorDecision* a, const state::OperatorDecision* b);

/// How a Medicapp patient looks to somebody who decides about them: a decision about a patient who
/// looks otherwise since is not carried out.
reconcile::Digest seen_digest(const reconcile::SideView& medicapp,
                              const reconcile::Digester& digester);

/// The present records of the patients who were decided about are wanted: of the source that they
/// are held for, else of any. `known` is of the decisions' patients, in their order.
void want_decided(const Rules& rules, Observations& observations,
                  std::vector<state::OperatorDecision> decisions,
                  const std::vector<state::Known>& known);
/// All sources were read; the decisions about those whom none shows go.
Effects refuse_unseen(const Observations& observations);

/// Finds out whether the operator's decision, if there is one, is about this very record.
void take_order(const Rules& rules, Item& item);

/// Whether an operator decided about the item, and that is still to be carried out.
bool is_ordered(const Item& item);
/// Whether the operator decided just that about the item, and it is still to be carried out.
bool is_ordered(const Item& item, DecisionKind kind);

/// The same, where `medicapp` is the Medicapp patient concerned, read just now. What our own write
/// that nobody has answered may have changed is no change. False, and the decision is refused,
/// where the patient looks otherwise than the operator saw them.
bool is_ordered_about(const Rules& rules, Item& item, DecisionKind kind,
                      const reconcile::SideView& medicapp);

/// An operator left the item's patient as they are: that ends once the record of a source is
/// another one than it was then, whichever source holds the patient. Under another mapping of the
/// source it does not: what the record is now is noted.
Effects review_ignore(const Rules& rules, Item& item);

/// The operator's decision is not carried out. `why`: a fixed text.
void refuse_order(Item& item, std::string_view why);

/// What became of the operator's decision, if there is one, now that the item is settled.
/// `still_held`: why the patient is held all the same; nothing: not any more.
Effects conclude_order(const Item& item, std::optional<reconcile::HoldReason> still_held);

/// The decision goes without being carried out. `why`: a fixed text.
Effects refuse_decision(const state::OperatorDecision& decision, std::string_view why);

} // namespace medibridge::sync
