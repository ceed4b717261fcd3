#include "model_medicapp.hpp"

#include <algorithm>

namespace medibridge::tests {

using connectors::ApiError;
using connectors::Failure;
using connectors::MedicappPage;
using connectors::MedicappPatient;
using connectors::Reply;
using reconcile::Field;
using runtime::Task;

ApiError failure(Failure kind, int status) {
    ApiError error(kind);
    error.status = status;
    return error;
}

MedicappPatient& ModelMedicapp::store(reconcile::Patient patient) {
    MedicappPatient stored;
    now += std::chrono::milliseconds(1);
    stored.id = "pat_" + std::to_string(next_id_++);
    stored.patient = std::move(patient);
    stored.created_at = now;
    stored.modified_at = now;
    stored.shown = reconcile::every_field();
    return patients[stored.id] = stored;
}

std::string ModelMedicapp::add(reconcile::Patient patient) {
    return store(std::move(patient)).id;
}

void ModelMedicapp::edit(const std::string& id, Field field, const std::string& text) {
    auto& patient = patients.at(id);
    patient.patient[field] = reconcile::FieldValue::known(text);
    now += std::chrono::milliseconds(1);
    patient.modified_at = now;
}

const MedicappPatient* ModelMedicapp::find(const std::string& external_id) const {
    for (const auto& [id, patient] : patients) {
        if (patient.patient.external_id() == external_id) return &patient;
    }
    return nullptr;
}

void ModelMedicapp::renumber(const std::string& id, const std::string& external_id) {
    auto& patient = patients.at(id);
    patient.patient.set_external_id(external_id);
    now += std::chrono::milliseconds(1);
    patient.modified_at = now;
}

std::vector<std::string> ModelMedicapp::duplicates() const {
    std::map<std::string, int> seen;
    for (const auto& [id, patient] : patients)
        ++seen[patient.patient.external_id()];
    std::vector<std::string> twice;
    for (const auto& [external_id, count] : seen) {
        if (!external_id.empty() && count > 1) twice.push_back(external_id);
    }
    return twice;
}

int ModelMedicapp::count(Call call) const {
    return static_cast<int>(std::ranges::count(log, call));
}

const std::string& ModelMedicapp::external_id_of(const std::string& id) const {
    static const std::string nobody;
    const auto place = patients.find(id);
    return place == patients.end() ? nobody : place->second.patient.external_id();
}

std::optional<ModelMedicapp::Fault> ModelMedicapp::begin(Call call,
                                                         const std::string& external_id) {
    log.push_back(call);
    ++calls;
    if (fault_of) {
        if (auto broken = fault_of(call, external_id)) return broken;
    }
    return fault ? fault(call, calls) : std::nullopt;
}

std::optional<ApiError> ModelMedicapp::refusal(const reconcile::Patient& patient) const {
    for (const auto field : refused_fields) {
        if (!patient[field].is_known()) continue;
        auto error = failure(Failure::rejected, 400);
        error.code = names_refused_field ? "INVALID_" + std::string(name(field)) : "BAD_REQUEST";
        error.request_id = "req-400";
        return error;
    }
    return std::nullopt;
}

Task<Reply<MedicappPage>> ModelMedicapp::list(connectors::ListQuery query) {
    const auto broken = begin(Call::list);
    if (broken) co_return std::unexpected(broken->error);
    std::vector<const MedicappPatient*> matching;
    for (const auto& [id, patient] : patients) {
        if (hidden.contains(id)) continue;
        if (query.modified_after && *patient.modified_at < *query.modified_after) continue;
        matching.push_back(&patient);
    }
    const auto place = [this](const MedicappPatient* patient) {
        return std::pair(lists_by_id ? patient->created_at : patient->modified_at, patient->id);
    };
    std::ranges::sort(matching, {}, place);
    const auto per_page = std::min(query.per_page, page_size_limit);
    MedicappPage page;
    page.page = query.page;
    page.per_page = per_page;
    page.total = static_cast<std::int64_t>(matching.size());
    page.total_pages = (page.total + per_page - 1) / per_page;
    page.precision = reconcile::Precision::milliseconds;
    page.server_time = now;
    const auto begin_at = std::min<std::int64_t>((query.page - 1) * per_page, page.total);
    const auto end_at = std::min<std::int64_t>(begin_at + per_page, page.total);
    for (auto i = begin_at; i < end_at; ++i) {
        auto item = *matching[static_cast<std::size_t>(i)];
        item.shown = connectors::listed_fields();
        for (const auto field : reconcile::all_fields()) {
            if (is_address(field)) item.patient[field] = reconcile::FieldValue();
        }
        page.patients.push_back(std::move(item));
    }
    if (after_page) after_page(query.page);
    co_return page;
}

Task<Reply<MedicappPatient>> ModelMedicapp::get(std::string id) {
    const auto broken = begin(Call::get, external_id_of(id));
    if (broken) co_return std::unexpected(broken->error);
    const auto place = patients.find(id);
    if (place == patients.end()) co_return std::unexpected(failure(Failure::not_found, 404));
    co_return place->second;
}

Task<Reply<MedicappPatient>> ModelMedicapp::create(reconcile::Patient patient) {
    const auto broken = begin(Call::create, patient.external_id());
    if (broken && !broken->after_effect) co_return std::unexpected(broken->error);
    if (auto refused = refusal(patient)) co_return std::unexpected(*refused);
    if (find(patient.external_id())) co_return std::unexpected(failure(Failure::conflict, 409));
    writes.push_back({Call::create, patient.external_id(), patient.known()});
    if (stored_as) patient.set_external_id(stored_as(patient.external_id()));
    const auto& stored = store(std::move(patient));
    if (broken) co_return std::unexpected(broken->error);
    auto answer = stored;
    if (answers_create) answers_create(answer);
    co_return answer;
}

Task<Reply<MedicappPatient>> ModelMedicapp::update(connectors::PatientUpdate update) {
    const auto broken = begin(Call::update, external_id_of(update.id));
    if (broken && !broken->after_effect) co_return std::unexpected(broken->error);
    const auto place = patients.find(update.id);
    if (place == patients.end()) co_return std::unexpected(failure(Failure::not_found, 404));
    if (auto refused = refusal(update.patient)) co_return std::unexpected(*refused);
    if (update.write_external_id) {
        const auto* holder = find(update.patient.external_id());
        if (holder && holder->id != update.id)
            co_return std::unexpected(failure(Failure::conflict, 409));
    }
    auto& patient = place->second;
    for (const auto field : reconcile::all_fields()) {
        const bool frozen =
            ignores_names && (field == Field::last_name || field == Field::first_name);
        if (update.write.has(field) && !frozen) patient.patient[field] = update.patient[field];
        if (update.clear.has(field)) patient.patient[field] = reconcile::FieldValue();
    }
    if (update.write_external_id) patient.patient.set_external_id(update.patient.external_id());
    now += std::chrono::milliseconds(1);
    patient.modified_at = now;
    writes.push_back({Call::update, patient.patient.external_id(), update.write});
    if (broken) co_return std::unexpected(broken->error);
    co_return patient;
}

} // namespace medibridge::tests
