#pragma once

#include "sync/core/decision.hpp"
#include "sync/core/settings.hpp"

#include <variant>
#include <vector>

/// What a write to Medicapp carries, and what may be left out of it.
namespace medibridge::sync {

/// Whether the item's decision is to be carried out by a request.
bool calls_for_write(const Item& item);

/// What is remembered of an item's write before it leaves.
state::Intent intent_of(const Item& item);

/// A POST's patient, or a PUT.
using WriteRequest = std::variant<reconcile::Patient, connectors::PatientUpdate>;

/// The request for an item's write: a POST for a create, a PUT for an update or an adoption.
WriteRequest write_request(const Item& item, const reconcile::FieldSet& left_out);

/// Whether the request would change nothing, as everything was left out of it.
bool is_empty(const WriteRequest& request);

/// The fields that the item's write carries a value for.
reconcile::FieldSet written_fields(const Item& item);
/// The same, and those that it empties.
reconcile::FieldSet sent_fields(const Item& item);

/// The optional fields that Medicapp, refusing the write, names; of those that are sent.
reconcile::FieldSet named_fields(const reconcile::FieldSet& sent,
                                 const connectors::ApiError& error);

/// What to leave out in turn where Medicapp does not say what it refuses: each optional field by
/// itself, then all of them.
std::vector<reconcile::FieldSet> suspects(const reconcile::FieldSet& sent,
                                          const connectors::ApiError& error);

/// How Medicapp looks before the item's write, as far as is known; nothing: nobody is there.
reconcile::SideView before_write(const Rules& rules, const Item& item);

} // namespace medibridge::sync
