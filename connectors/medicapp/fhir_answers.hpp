#pragma once

#include "connectors/fhir_resource/patient.hpp"
#include "connectors/medicapp/answers.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What Medicapp answers to `template=FHIR`, which its V6 announces. What is left open there is
/// taken in each form that it can have: a list is `{data, pagination}` with Patient resources, or a
/// Bundle of the type searchset; one patient is the resource, by itself or within `data`, or the
/// only entry of a Bundle.
namespace medibridge::connectors {

/// How the resources say who they are.
class FhirTerms {
  public:
    FhirTerms() = default;

    std::string id_system;          ///< of Medicapp's own id; empty: it is the resource's
    std::string external_id_system; ///< empty: unknown, and no resource can be read
    bool native = true;             ///< Medicapp answers in its native form, too
};

/// An answer as it came, before anybody knows who its patients are.
class FhirAnswer {
  public:
    FhirAnswer() = default;

    std::vector<FhirPatient> patients;
    std::int64_t nameless = 0; ///< further items that are no Patient
    std::optional<std::int64_t> total;
    /// By numbers of pages; all 0: by links.
    std::int64_t page = 0;
    std::int64_t per_page = 0;
    std::int64_t total_pages = 0;
    std::string next; ///< the link; empty: none
};

/// The patient's identifier of that system; empty: there is none.
std::string identifier_of(const FhirPatient& patient, const std::string& system);
/// Medicapp's own id of the patient; empty: none that can be one. `id_system`: as in FhirTerms.
std::string own_id_of(const FhirPatient& patient, const std::string& id_system);

/// Reads the answer about one patient or about many; the patients' externalId is of that system.
/// Nothing for anything that is none of these forms, such as Medicapp's native one.
std::optional<FhirAnswer> read_fhir_answer(std::string_view body,
                                           const std::string& external_id_system,
                                           std::optional<reconcile::Instant> now);

/// A page of a list, as read_page() gives it. What a resource lacks is not seen: it may be empty,
/// or not be shown. Nothing, too, without a total. `asked` is the page's number.
std::optional<MedicappPage> read_fhir_page(std::string_view body, const FhirTerms& terms,
                                           std::optional<reconcile::Instant> now,
                                           std::int64_t asked);
/// One patient, as read_patient() gives it.
std::optional<MedicappPatient> read_fhir_patient(std::string_view body, const FhirTerms& terms,
                                                 std::optional<reconcile::Instant> now);

/// An OperationOutcome with an error, as an error body of Medicapp's: its code is the issue's.
std::optional<ErrorBody> read_fhir_error(std::string_view body);

} // namespace medibridge::connectors
