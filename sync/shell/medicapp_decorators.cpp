#include "sync/shell/medicapp_decorators.hpp"

#include "base/log/catalogue.hpp"
#include "sync/core/settings.hpp"
#include "sync/core/views.hpp"

#include <utility>

namespace medibridge::sync {

using connectors::MedicappPage;
using connectors::MedicappPatient;
using connectors::Reply;
using runtime::Task;

void BelievedMedicapp::believe(MedicappPatient& patient) {
    if (!drop_unbelieved_times(patient, *clocks_)) return;
    if (told_->size() >= limits::unbelieved_times || !told_->insert(patient.id).second) return;
    auto event = log::Event(log::events::record_implausible_time)
                     .with(log::Key::source, "medicapp")
                     .with(log::Key::medicapp_id, patient.id);
    if (!patient.patient.external_id().empty())
        event.add(log::Key::patient, patient.patient.external_id());
    log_->write(event);
}

void BelievedMedicapp::believe(Reply<MedicappPatient>& reply) {
    if (reply) believe(*reply);
}

Task<Reply<MedicappPage>> BelievedMedicapp::list(connectors::ListQuery query) {
    const bool first_page = query.page == 1;
    auto reply = co_await real_->list(std::move(query));
    if (!reply) co_return reply;
    if (first_page && reply->server_time) clocks_->server = reply->server_time;
    for (auto& patient : reply->patients)
        believe(patient);
    co_return reply;
}

Task<Reply<MedicappPatient>> BelievedMedicapp::get(std::string id) {
    auto reply = co_await real_->get(std::move(id));
    believe(reply);
    co_return reply;
}

Task<Reply<MedicappPatient>> BelievedMedicapp::create(reconcile::Patient patient) {
    auto reply = co_await real_->create(std::move(patient));
    believe(reply);
    co_return reply;
}

Task<Reply<MedicappPatient>> BelievedMedicapp::update(connectors::PatientUpdate update) {
    auto reply = co_await real_->update(std::move(update));
    believe(reply);
    co_return reply;
}

Task<Reply<MedicappPage>> RehearsalMedicapp::list(connectors::ListQuery query) {
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
    answer.shown = reconcile::every_field();
    co_return answer;
}

Task<Reply<MedicappPatient>> RehearsalMedicapp::update(connectors::PatientUpdate update) {
    MedicappPatient answer;
    if (update.write_external_id) {
        external_ids_[update.id] = update.patient.external_id();
        answer.patient.set_external_id(update.patient.external_id());
    }
    answer.id = std::move(update.id);
    co_return answer;
}

} // namespace medibridge::sync
