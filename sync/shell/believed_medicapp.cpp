#include "sync/shell/believed_medicapp.hpp"

#include "base/log/catalogue.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::sync {

using connectors::MedicappPage;
using connectors::MedicappPatient;
using connectors::Reply;
using runtime::Task;

void BelievedMedicapp::believe(MedicappPatient& patient) {
    const auto stated = std::max(patient.created_at, patient.modified_at);
    const auto clock = std::max(clocks_->machine, clocks_->server);
    if (!stated || reconcile::is_believable(*stated, clock)) return;
    for (auto* time : {&patient.created_at, &patient.modified_at}) {
        if (*time && !reconcile::is_believable(**time, clock)) time->reset();
    }
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

} // namespace medibridge::sync
