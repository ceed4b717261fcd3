#pragma once

#include "connectors/medicapp/medicapp.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace medibridge::sync {

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
