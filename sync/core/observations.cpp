#include "sync/core/observations.hpp"

#include <algorithm>

namespace medibridge::sync {

const reconcile::SideView* Observations::change_of(const std::string& external_id) const {
    const auto change = changed_.find(external_id);
    return change == changed_.end() ? nullptr : &change->second;
}

std::vector<std::string> Observations::changed_ids() const {
    std::vector<std::string> ids;
    ids.reserve(changed_.size());
    for (const auto& [external_id, view] : changed_)
        ids.push_back(external_id);
    std::ranges::sort(ids);
    return ids;
}

void Observations::note_renamed(Renamed patient) {
    if (is_full()) return;
    if (!patient.external_id.empty()) carriers_[patient.external_id] = patient.link.medicapp_id;
    renamed_.insert_or_assign(patient.link.external_id, std::move(patient));
}

const std::string* Observations::carrier_of(const std::string& external_id) const {
    const auto carrier = carriers_.find(external_id);
    return carrier == carriers_.end() ? nullptr : &carrier->second;
}

std::vector<Renamed> Observations::renamed() const {
    std::vector<Renamed> patients;
    for (const auto& [external_id, patient] : renamed_)
        patients.push_back(patient);
    return patients;
}

void Observations::want_of_others(std::span<const Released> released,
                                  const std::vector<std::string>& sources) {
    for (const auto& patient : released) {
        if (patient.is_first_link) linked_first_.insert(patient.external_id);
        if (!patient.stated.empty()) stated_.insert_or_assign(patient.external_id, patient.stated);
        for (const auto& source : sources) {
            if (source != patient.source) want_of(source, patient.external_id);
        }
    }
}

void Observations::settle_wanted(const std::string& source, const std::string& external_id) {
    wanted_.erase(external_id);
    const auto place = wanted_of_.find(source);
    if (place != wanted_of_.end()) place->second.erase(external_id);
}

bool Observations::wants_of(const std::string& source, const std::string& external_id) const {
    const auto place = wanted_of_.find(source);
    return place != wanted_of_.end() && place->second.contains(external_id);
}

bool Observations::was_silenced(const std::string& source, const std::string& external_id) const {
    return wants_of(source, external_id) && !linked_first_.contains(external_id);
}

reconcile::FieldSet Observations::stated_at_release(const std::string& source,
                                                    const std::string& external_id) const {
    const auto stated = stated_.find(external_id);
    return stated != stated_.end() && was_silenced(source, external_id) ? stated->second
                                                                        : reconcile::FieldSet();
}

bool Observations::is_wanted(const std::string& external_id) const {
    return wanted_.contains(external_id) ||
           std::ranges::any_of(wanted_of_, [&](const auto& of_source) {
               return of_source.second.contains(external_id);
           });
}

std::vector<std::string> Observations::wanted_of(const std::string& source) const {
    std::vector<std::string> ids(wanted_.begin(), wanted_.end());
    const auto found = wanted_of_.find(source);
    if (found != wanted_of_.end())
        ids.insert(ids.end(), found->second.begin(), found->second.end());
    std::ranges::sort(ids);
    const auto repeated = std::ranges::unique(ids);
    ids.erase(repeated.begin(), repeated.end());
    return ids;
}

bool Observations::wants_any_of(const std::string& source) const {
    const auto place = wanted_of_.find(source);
    return !wanted_.empty() || (place != wanted_of_.end() && !place->second.empty());
}

std::vector<std::string> Observations::note_old_intents(const std::vector<state::Intent>& intents) {
    std::vector<std::string> updated;
    for (const auto& intent : intents) {
        old_intents_.insert(intent.external_id);
        if (intent.kind == state::Intent::Kind::update) updated.push_back(intent.medicapp_id);
    }
    return updated;
}

void Observations::keep_only_wanted(const std::string& source,
                                    std::vector<reconcile::Assessed>& records) const {
    std::erase_if(records, [&](const reconcile::Assessed& record) {
        const auto& id = record.name_in_source();
        // A retirement may be refuted, so it is not decided by itself, but where an operator asks.
        const bool ordered = std::ranges::any_of(
            decisions_, [&](const auto& decision) { return decision.external_id == id; });
        return !wants(source, id) || !(record.merged_into.empty() || ordered);
    });
}

void Observations::note_stale(StalePatient patient) {
    auto id = patient.external_id;
    if (stale_.size() < limits::stale_patients || stale_.contains(id))
        stale_.insert_or_assign(std::move(id), std::move(patient));
    else
        ++more_stale_;
}

void Observations::expect(std::string medicapp_id, reconcile::Instant at) {
    expected_ = std::move(medicapp_id);
    expected_at_ = at;
}

void Observations::note_listed(const connectors::MedicappPatient& patient) {
    if (!expected_at_ || patient.id != expected_ || !patient.modified_at) return;
    if (*patient.modified_at + list_time_grain >= *expected_at_) expected_shown_ = true;
}

} // namespace medibridge::sync
