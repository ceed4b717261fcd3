#pragma once

#include "connectors/medicapp/medicapp.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace medibridge::tests {

/// Medicapp in memory: as strict as the real one, with a clock of its own and faults on demand.
class ModelMedicapp final : public connectors::Medicapp {
  public:
    enum class Call { list, get, create, update };
    /// What happens to one call: nothing, or a failure before or after it took effect.
    struct Fault {
        connectors::ApiError error;
        bool after_effect = false;
    };
    struct Write {
        Call call;
        std::string external_id;
        reconcile::FieldSet fields;
        bool operator==(const Write&) const = default;
    };

    // What is there.
    std::map<std::string, connectors::MedicappPatient> patients; ///< by id
    reconcile::Instant now{std::chrono::milliseconds(1'800'000'000'000)};

    // How it behaves.
    std::function<std::optional<Fault>(Call, int nth)> fault; ///< nth call of all kinds, from 1
    /// The same by the patient whom the call is about: their externalId.
    std::function<std::optional<Fault>(Call, const std::string& external_id)> fault_of;
    std::function<void(std::int64_t page)> after_page; ///< moves the list while it is read
    std::set<reconcile::Field> refused_fields;         ///< a write with one gets 400
    bool names_refused_field = true;
    bool ignores_names = false;   ///< a PUT leaves names as they are
    std::set<std::string> hidden; ///< ids that exist, but are not listed (yet)
    std::int64_t page_size_limit = 100;
    /// What it makes of the externalId of a create.
    std::function<std::string(const std::string& external_id)> stored_as;
    std::function<void(connectors::MedicappPatient& answer)> answers_create; ///< not as it is
    bool lists_by_id = false; ///< a patient who changes keeps its place in the list

    // What was done.
    int calls = 0;
    std::vector<Call> log;
    std::vector<Write> writes;

    /// Adds a patient as somebody else would; returns the id.
    std::string add(reconcile::Patient patient);
    /// Changes a field as a user of Medicapp would.
    void edit(const std::string& id, reconcile::Field field, const std::string& text);
    const connectors::MedicappPatient* find(const std::string& external_id) const;
    /// ExternalIds that more than one patient has.
    std::vector<std::string> duplicates() const;
    /// A user gives the patient of that id another externalId; empty: takes it away.
    void renumber(const std::string& id, const std::string& external_id);
    int count(Call call) const;

    runtime::Task<connectors::Reply<connectors::MedicappPage>>
    list(connectors::ListQuery query) override;
    runtime::Task<connectors::Reply<connectors::MedicappPatient>> get(std::string id) override;
    runtime::Task<connectors::Reply<connectors::MedicappPatient>>
    create(reconcile::Patient patient) override;
    runtime::Task<connectors::Reply<connectors::MedicappPatient>>
    update(connectors::PatientUpdate update) override;

  private:
    std::optional<Fault> begin(Call call, const std::string& external_id = {});
    const std::string& external_id_of(const std::string& id) const;
    std::optional<connectors::ApiError> refusal(const reconcile::Patient& patient) const;
    connectors::MedicappPatient& store(reconcile::Patient patient);

    int next_id_ = 1;
};

connectors::ApiError failure(connectors::Failure kind, int status = 0);

} // namespace medibridge::tests
