#pragma once

#include "connectors/medicapp/client.hpp"

#include <string>

namespace medibridge::connectors {

/// Deletes patients in Medicapp, irreversibly and with all their records. For an operator's
/// explicit order only: the synchronisation knows Medicapp, which cannot do this.
class MedicappEraser {
  public:
    /// Shares the client's pacing and credentials, and must not outlive it.
    explicit MedicappEraser(MedicappClient& client) : client_(client) {}

    /// `not_found`: Medicapp says that there is no such patient (any more). `unknown`: it may or
    /// may not have been done. Repeated only where it cannot have been executed.
    runtime::Task<Reply<void>> erase(std::string id);

  private:
    MedicappClient& client_;
};

} // namespace medibridge::connectors
