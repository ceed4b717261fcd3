#include "connectors/his/fhir_links.hpp"

#include "connectors/his/pass_proof.hpp"

namespace medibridge::connectors {

using reconcile::SourceRecord;
using runtime::Task;

namespace {

/// A patient of whom nothing is known but what became of the identifier. Without a time: that of
/// the survivor says nothing about the retired one.
SourceRecord merged(const std::string& retired, const std::string& survivor,
                    const std::string& place) {
    SourceRecord record;
    record.patient.set_external_id(retired);
    record.merged_into = survivor;
    record.place = place;
    return record;
}

/// Says that `retired` was merged, on its own record if that is there.
void add_merge(std::vector<SourceRecord>& records, const std::string& retired,
               const SourceRecord& survivor) {
    const std::string into = survivor.patient.external_id();
    if (retired.empty() || into.empty() || retired == into) return;
    for (auto& record : records) {
        if (record.patient.external_id() != retired) continue;
        if (record.merged_into.empty() && record.active == false) record.merged_into = into;
        return;
    }
    records.push_back(merged(retired, into, std::string(survivor.place)));
}

} // namespace

void FhirLinks::remember(const FhirPatient& patient) {
    if (patient.id.empty() || known_.size() >= server_.limits().remembered) return;
    known_.insert_or_assign(text_hash(patient.id), patient.record.patient.external_id());
}

Task<SourceResult<std::string>> FhirLinks::find(const FhirLink& link) {
    if (!link.external_id.empty()) co_return link.external_id;
    const std::string id(server_.targets().own_patient(link.reference));
    if (id.empty()) co_return std::string();
    const auto known = known_.find(text_hash(id));
    if (known != known_.end()) co_return known->second;
    if (lookups_ >= server_.limits().lookups) co_return std::string();
    ++lookups_;
    auto found = co_await server_.external_id(id);
    if (found) known_.insert_or_assign(text_hash(id), *found);
    co_return found;
}

/// The first of the links that leads to somebody.
Task<SourceResult<std::string>> FhirLinks::find_any(const std::vector<FhirLink>& links) {
    std::string found;
    for (const auto& link : links) {
        auto one = co_await find(link);
        if (!one) co_return one;
        found = std::move(*one);
        if (!found.empty()) break;
    }
    co_return found;
}

Task<SourceResult<std::vector<SourceRecord>>> FhirLinks::resolve(std::vector<FhirPatient> patients,
                                                                 PageFaults& faults) {
    for (const auto& patient : patients)
        remember(patient);
    std::vector<SourceRecord> records;
    std::vector<std::vector<std::string>> replaced(patients.size());
    for (std::size_t i = 0; i < patients.size(); ++i) {
        auto& patient = patients[i];
        auto survivor = co_await find_any(patient.replaced_by);
        if (!survivor) co_return std::move(survivor).error();
        patient.record.merged_into = std::move(*survivor);
        if (patient.record.merged_into.empty() && !patient.replaced_by.empty()) {
            patient.record.active = false;
            faults.add(MappingFault{"mergedInto", "leads to nobody who can be found"},
                       patient.record.place);
        }
        for (const auto& link : patient.replaces) {
            auto retired = co_await find(link);
            if (!retired) co_return std::move(retired).error();
            replaced[i].push_back(std::move(*retired));
        }
        records.push_back(std::move(patient.record));
    }
    for (std::size_t i = 0; i < patients.size(); ++i) {
        const SourceRecord survivor = records[i];
        for (const auto& retired : replaced[i])
            add_merge(records, retired, survivor);
        for (const auto& former : patients[i].former)
            add_merge(records, former, survivor);
    }
    co_return records;
}

} // namespace medibridge::connectors
