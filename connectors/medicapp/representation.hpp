#pragma once

#include "config/settings.hpp"
#include "connectors/medicapp/fhir_answers.hpp"
#include "connectors/medicapp/values.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Whether Medicapp's patients are read by `template=FHIR`. Pure.
///
/// The two forms are compared before one is used, on the same patients: a form that shows less than
/// the other must never look like fields that somebody emptied.
namespace medibridge::connectors {

/// Answers to the same requests in both forms; the bodies of the native ones are empty where
/// Medicapp refuses that form.
class BothForms {
  public:
    BothForms() = default;

    struct Answer {
        std::string native;
        std::string fhir;
    };
    Answer list; ///< the first page
    std::vector<Answer> details;
    std::optional<reconcile::Instant> now; ///< by Medicapp's clock
};

/// What the comparison found.
class FormsFound {
  public:
    FormsFound() = default;

    FhirTerms terms;
    /// Why FHIR shows less than, or something else than, the native form, in words without values;
    /// empty: it does not.
    std::string objection;
    /// The terms do not suffice to read anything.
    bool unusable = false;
    /// There is nobody yet in whom the two could be compared.
    bool nobody = false;
};

/// `configured`: the systems that the configuration names.
FormsFound compare_forms(const BothForms& forms, const FhirTerms& configured);

/// The ids of patients of a native page who are worth a look at their details: at most `most`.
std::vector<std::string> ids_to_compare(std::string_view native_page, std::size_t most);

} // namespace medibridge::connectors
