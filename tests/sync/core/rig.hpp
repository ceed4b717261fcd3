#pragma once

#include "sync/core/decision.hpp"
#include "sync/core/settings.hpp"

#include <set>
#include <string>

namespace medibridge::tests {

/// What an operator chose, and patient P1, whom the source `his` and Medicapp have alike.
class Rig {
  public:
    reconcile::Digester digester;
    sync::Settings settings;
    sync::Request request;
    std::set<std::string> source_names{"his"};
    reconcile::Clocks clocks;
    sync::Rules rules{digester, settings, request, source_names, clocks};

    Rig();

    /// What the HIS says of P1, with that phone number.
    static reconcile::Assessed record(const std::string& phone = "+33611111111");
    /// P1 as Medicapp has them, under the id m1.
    static connectors::MedicappPatient patient(const std::string& phone = "+33611111111");

    /// P1's record, of whom nothing is known.
    sync::Item stranger(reconcile::Assessed record = Rig::record());
    /// P1's record; both sides agreed on record() and patient().
    sync::Item linked(reconcile::Assessed record = Rig::record());
    /// P1's record; Medicapp lists a patient with that externalId, who is not linked.
    sync::Item listed(reconcile::Assessed record = Rig::record());
    /// The same, once the patient was held for that reason and that record.
    sync::Item held(sync::Item item, reconcile::HoldReason reason);
};

} // namespace medibridge::tests
