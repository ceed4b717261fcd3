#pragma once

#include "base/log/event.hpp"
#include "connectors/medicapp/medicapp.hpp"
#include "reconcile/identity_drift.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <unordered_set>

/// Medicapp as a cycle sees it.
namespace medibridge::sync {

/// Medicapp without times that cannot be believed: those more than a day ahead of both this
/// machine's clock and Medicapp's own. They count as not stated. Each is logged once, at once: that
/// says nothing about the state, so no commit must come before it.
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

/// Medicapp for a dry run: reads go through, writes are answered as if they had been taken, and
/// nothing is sent.
class RehearsalMedicapp final : public connectors::Medicapp {
  public:
    explicit RehearsalMedicapp(connectors::Medicapp& real) : real_(&real) {}

    runtime::Task<connectors::Reply<connectors::MedicappPage>>
    list(connectors::ListQuery query) override;
    runtime::Task<connectors::Reply<connectors::MedicappPatient>> get(std::string id) override;
    runtime::Task<connectors::Reply<connectors::MedicappPatient>>
    create(reconcile::Patient patient) override;
    runtime::Task<connectors::Reply<connectors::MedicappPatient>>
    update(connectors::PatientUpdate update) override;

  private:
    connectors::Medicapp* real_;
    std::int64_t created_ = 0;
    std::map<std::string, std::string> external_ids_; ///< that were written, by id
};

} // namespace medibridge::sync
