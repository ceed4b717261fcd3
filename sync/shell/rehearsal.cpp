#include "sync/shell/rehearsal.hpp"

#include <utility>

namespace medibridge::sync {

using connectors::MedicappPatient;
using connectors::Reply;
using runtime::Task;

Task<Reply<connectors::MedicappPage>> RehearsalMedicapp::list(connectors::ListQuery query) {
    return real_->list(std::move(query));
}

Task<Reply<MedicappPatient>> RehearsalMedicapp::get(std::string id) {
    const auto written = external_ids_.find(id);
    auto reply = co_await real_->get(std::move(id));
    if (reply && written != external_ids_.end()) reply->patient.set_external_id(written->second);
    co_return reply;
}

Task<Reply<MedicappPatient>> RehearsalMedicapp::create(reconcile::Patient patient) {
    MedicappPatient answer;
    answer.id = "rehearsal-" + std::to_string(++created_);
    answer.patient = std::move(patient);
    answer.has_address = true;
    co_return answer;
}

Task<Reply<MedicappPatient>> RehearsalMedicapp::update(connectors::PatientUpdate update) {
    if (update.write_external_id) external_ids_[update.id] = update.patient.external_id();
    MedicappPatient answer;
    answer.id = std::move(update.id);
    co_return answer;
}

} // namespace medibridge::sync
