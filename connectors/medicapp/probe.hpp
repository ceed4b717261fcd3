#pragma once

#include "connectors/medicapp/behaviour.hpp"
#include "connectors/medicapp/client.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace medibridge::connectors {

class Fetched;

/// Finds out how a Medicapp behaves where its documentation says nothing. Each question costs a few
/// requests, at the pace of the client's.
///
/// Only for an operator's explicit order where it writes: what it writes is one patient, whom it
/// creates, recognises and deletes itself.
class MedicappProbe {
  public:
    /// Shares the client's pacing and credentials, and must not outlive it.
    MedicappProbe(MedicappClient& client, runtime::Clock& clock) : client_(client), clock_(clock) {}

    /// Reads only. An error: Medicapp cannot be read.
    runtime::Task<Reply<Behaviour>> look();

    /// Deletes the patients of that externalId who are marked as sentinels: those whom an earlier
    /// trial left. Reads the whole list.
    runtime::Task<Reply<void>> remove_sentinels(std::string external_id);
    /// Creates a patient of that externalId, changes them in several ways, and deletes them. An
    /// error: there was no beginning, or the sentinel is left; remove_sentinels() is due then.
    runtime::Task<Reply<Behaviour>> try_sentinel(std::string external_id);

  private:
    class Trial;
    runtime::Task<Reply<Fetched>> ask(std::string_view name, std::string path);
    runtime::Task<std::optional<ApiError>> look_at_list(Behaviour& seen);
    runtime::Task<std::optional<ApiError>> look_at_limits(Behaviour& seen);
    runtime::Task<std::optional<ApiError>> look_at_errors(Behaviour& seen);

    MedicappClient& client_;
    runtime::Clock& clock_;
};

} // namespace medibridge::connectors
