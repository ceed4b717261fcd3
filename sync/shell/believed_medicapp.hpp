#pragma once

#include "sync/shell/context.hpp"

#include <optional>
#include <string>
#include <unordered_set>

namespace medibridge::sync {

/// Medicapp without the times that may not be believed: they are later than this machine's clock
/// and Medicapp's own by more than a day, and count as not stated. Each is logged once.
class BelievedMedicapp final : public connectors::Medicapp {
  public:
    BelievedMedicapp(connectors::Medicapp& real, log::EventLog& log, reconcile::Clocks& clocks,
                     std::unordered_set<std::string>& told)
        : real_(&real),
          log_(&log),
          clocks_(&clocks),
          told_(&told) {}

    runtime::Task<connectors::Reply<connectors::MedicappPage>>
    list(connectors::ListQuery query) override;
    runtime::Task<connectors::Reply<connectors::MedicappPatient>> get(std::string id) override;
    runtime::Task<connectors::Reply<connectors::MedicappPatient>>
    create(reconcile::Patient patient) override;
    runtime::Task<connectors::Reply<connectors::MedicappPatient>>
    update(connectors::PatientUpdate update) override;

  private:
    void believe(connectors::MedicappPatient& patient);
    void believe(connectors::Reply<connectors::MedicappPatient>& reply);

    connectors::Medicapp* real_;
    log::EventLog* log_;
    reconcile::Clocks* clocks_;
    std::unordered_set<std::string>* told_;
};

} // namespace medibridge::sync
