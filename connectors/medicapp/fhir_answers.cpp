#include "connectors/medicapp/fhir_answers.hpp"

#include "connectors/fhir_resource/bundle.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::connectors {
namespace {

using reconcile::Precision;

/// A Bundle's entries are read by themselves.
bool is_wanted_of_answer(std::string_view name, std::size_t depth) {
    return depth > 0 || name != "entry";
}

FhirRules rules_for(const std::string& external_id_system, std::optional<reconcile::Instant> now) {
    FhirRules rules;
    rules.identifier_system = external_id_system;
    rules.now = now;
    rules.all_identifiers = true;
    return rules;
}

/// The work on `{data, pagination}` and on a single resource.
class AnswerBuilder {
  public:
    explicit AnswerBuilder(const FhirRules& rules) : rules_(rules) {}

    void take(const JsonValue& resource) {
        if (resource["resourceType"].text() != "Patient") {
            ++answer.nameless;
            return;
        }
        answer.patients.push_back(map_fhir_patient(resource, rules_, {}));
    }
    void take_pagination(const JsonValue& pagination) {
        answer.total = pagination["total"].count();
        answer.page = pagination["page"].count().value_or(0);
        answer.per_page = pagination["perPage"].count().value_or(0);
        answer.total_pages = pagination["totalPages"].count().value_or(0);
        if (!pagination["totalPages"].count()) answer.total.reset();
    }

    FhirAnswer answer;

  private:
    const FhirRules& rules_;
};

std::optional<FhirAnswer> answer_of_bundle(std::string_view body, const FhirRules& rules) {
    auto bundle = read_fhir_bundle(body, FhirBundleKind::search, rules, {}, most_patients_a_page);
    if (!bundle.fault.empty() || !bundle.outcome.error.empty()) return std::nullopt;
    FhirAnswer answer;
    for (auto& patient : bundle.patients) {
        if (patient.id.empty() && patient.identifiers.empty())
            ++answer.nameless;
        else
            answer.patients.push_back(std::move(patient));
    }
    answer.total = bundle.total;
    answer.next = std::move(bundle.next);
    return answer;
}

/// Half an address is a whole one: what is not in it is empty.
reconcile::FieldSet shown_by(const reconcile::Patient& patient) {
    reconcile::FieldSet shown;
    for (const auto field : reconcile::all_fields()) {
        if (patient[field].is_unknown()) continue;
        if (is_address(field))
            shown |= reconcile::address_fields();
        else
            shown.add(field);
    }
    return shown;
}

MedicappPatient patient_of(FhirPatient mapped, const FhirTerms& terms) {
    MedicappPatient patient;
    patient.id = own_id_of(mapped, terms.id_system);
    patient.modified_at = mapped.record.modified_at;
    patient.external_id_unreadable = !mapped.record.external_id_defect.empty();
    patient.patient = std::move(mapped.record.patient);
    patient.shown = shown_by(patient.patient);
    return patient;
}

/// Links say only whether a page is the last one; the others are taken to be of one size. That the
/// pages never end shows in there being more of them than patients.
void take_links(const FhirAnswer& answer, std::int64_t asked, MedicappPage& page) {
    page.next = answer.next;
    page.total_pages = asked;
    if (answer.next.empty() || asked > page.total) return;
    const auto shown = static_cast<std::int64_t>(answer.patients.size()) + answer.nameless;
    const auto size = std::max<std::int64_t>(shown, 1);
    page.total_pages = std::max(asked + 1, (page.total + size - 1) / size);
}

} // namespace

std::string identifier_of(const FhirPatient& patient, const std::string& system) {
    const auto its = std::ranges::find(patient.identifiers, system, &FhirIdentifier::system);
    return its == patient.identifiers.end() ? std::string() : its->value;
}

std::string own_id_of(const FhirPatient& patient, const std::string& id_system) {
    auto id = id_system.empty() ? patient.id : identifier_of(patient, id_system);
    return is_usable_id(id) ? id : std::string();
}

std::optional<FhirAnswer> read_fhir_answer(std::string_view body,
                                           const std::string& external_id_system,
                                           std::optional<reconcile::Instant> now) {
    const auto rules = rules_for(external_id_system, now);
    AnswerBuilder builder(rules);
    JsonShape shape;
    shape.streamed = "data";
    shape.keep = is_wanted_of_answer;
    const JsonSink sink = [&builder](JsonValue& item) { builder.take(item); };
    const auto document = read_json(body, shape, sink);
    if (!document.fault.empty() || !document.root.is_object()) return std::nullopt;
    const auto& root = document.root;
    const auto type = root["resourceType"].text();
    if (type == "Bundle") return answer_of_bundle(body, rules);
    if (type == "Patient") builder.take(root);
    if (root["data"].is_object()) builder.take(root["data"]);
    if (root["pagination"].is_object()) builder.take_pagination(root["pagination"]);
    auto& answer = builder.answer;
    const bool is_list = root["data"].is_list();
    const auto items = answer.patients.size() + static_cast<std::size_t>(answer.nameless);
    // An empty list is the same in both forms.
    const bool native = answer.patients.empty() && (answer.nameless > 0 || !is_list);
    if (native || items > most_patients_a_page) return std::nullopt;
    return std::move(answer);
}

std::optional<MedicappPage> read_fhir_page(std::string_view body, const FhirTerms& terms,
                                           std::optional<reconcile::Instant> now,
                                           std::int64_t asked) {
    auto answer = read_fhir_answer(body, terms.external_id_system, now);
    if (!answer || !answer->total) return std::nullopt;
    MedicappPage page;
    page.nameless = answer->nameless;
    page.total = *answer->total;
    page.page = answer->page;
    page.per_page = answer->per_page;
    page.total_pages = answer->total_pages;
    if (answer->total_pages == 0 && page.total > 0) take_links(*answer, asked, page);
    for (auto& mapped : answer->patients) {
        if (mapped.precision == Precision::milliseconds) page.precision = Precision::milliseconds;
        auto patient = patient_of(std::move(mapped), terms);
        if (patient.id.empty())
            ++page.nameless;
        else
            page.patients.push_back(std::move(patient));
    }
    return page;
}

std::optional<MedicappPatient> read_fhir_patient(std::string_view body, const FhirTerms& terms,
                                                 std::optional<reconcile::Instant> now) {
    auto answer = read_fhir_answer(body, terms.external_id_system, now);
    if (!answer || answer->patients.size() != 1 || answer->nameless > 0) return std::nullopt;
    return patient_of(std::move(answer->patients.front()), terms);
}

std::optional<ErrorBody> read_fhir_error(std::string_view body) {
    if (!is_json_object(body)) return std::nullopt;
    const auto document = read_json(body);
    if (document.root["resourceType"].text() != "OperationOutcome") return std::nullopt;
    FhirOutcome outcome;
    outcome.add(document.root);
    if (outcome.error.empty()) return std::nullopt;
    ErrorBody error;
    error.code = outcome.error;
    return error;
}

} // namespace medibridge::connectors
