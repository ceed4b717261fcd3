#pragma once

#include "base/runtime/task.hpp"
#include "connectors/medicapp/values.hpp"

#include <string>

namespace medibridge::connectors {

/// Medicapp's patients as the synchronisation may use them: there is no way to delete.
///
/// Every call waits for its turn (pacing is for the whole client), and is retried within the retry
/// budget where that is safe: reads always; writes only if they cannot have been executed.
class Medicapp {
  public:
    virtual ~Medicapp() = default;

    virtual runtime::Task<Reply<MedicappPage>> list(ListQuery query) = 0;
    virtual runtime::Task<Reply<MedicappPatient>> get(std::string id) = 0;
    /// Sends the externalId and every known field. The result holds what was sent where the answer
    /// leaves something out; its id is never empty.
    virtual runtime::Task<Reply<MedicappPatient>> create(reconcile::Patient patient) = 0;
    /// The result is what the answer says; an answer without a body gives just the id.
    virtual runtime::Task<Reply<MedicappPatient>> update(PatientUpdate update) = 0;
};

} // namespace medibridge::connectors
