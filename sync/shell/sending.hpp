#pragma once

#include "sync/core/item.hpp"
#include "sync/shell/context.hpp"

#include <utility>

namespace medibridge::sync {

/// Medicapp's answer to an item's write, and the fields that had to be left out for it.
class Sent {
  public:
    Sent(connectors::Reply<connectors::MedicappPatient> answer, reconcile::FieldSet without)
        : reply(std::move(answer)),
          left_out(without) {}

    connectors::Reply<connectors::MedicappPatient> reply;
    reconcile::FieldSet left_out;
};

/// Sends an item's write once: a POST for a create, a PUT for an update or an adoption.
///
/// If Medicapp refuses it because of an optional field, the patient goes without that field: the
/// one that Medicapp names, or the one that a few tries show to be at fault.
runtime::Task<Sent> send(Context& context, const Item& item);

/// The fields that the item's write carries a value for.
reconcile::FieldSet written_fields(const Item& item);
/// The same, and those that it empties.
reconcile::FieldSet sent_fields(const Item& item);

} // namespace medibridge::sync
