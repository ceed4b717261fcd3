#include "connectors/medicapp/representation.hpp"

#include "base/bytes/ascii.hpp"
#include "reconcile/assess.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace medibridge::connectors {
namespace {

using reconcile::Field;
using reconcile::FieldSet;

/// `https://medicapp.example/fhir/externalId` and `urn:medicapp:external-id` are named so.
bool is_named_external_id(std::string_view system) {
    const auto begin = system.find_last_of("/:#");
    if (begin != std::string_view::npos) system.remove_prefix(begin + 1);
    std::string word;
    for (const char c : base::ascii_lower_case(system)) {
        if (c != '-' && c != '_') word += c;
    }
    return word == "externalid";
}

/// Systems in their order, each once.
std::vector<std::string> systems_of(const FhirAnswer& answer) {
    std::vector<std::string> systems;
    for (const auto& patient : answer.patients) {
        for (const auto& identifier : patient.identifiers) {
            if (std::ranges::find(systems, identifier.system) == systems.end())
                systems.push_back(identifier.system);
        }
    }
    return systems;
}

class Comparison {
  public:
    Comparison(const BothForms& forms, const FhirTerms& configured)
        : forms_(forms),
          native_(read_page(forms.list.native)) {
        found.terms.id_system = configured.id_system;
        found.terms.external_id_system = configured.external_id_system;
        found.terms.native = native_.has_value();
        if (native_) {
            for (const auto& patient : native_->patients)
                by_id_.emplace(patient.id, &patient);
        }
    }

    void run() {
        const auto answer = read_fhir_answer(forms_.list.fhir, {}, forms_.now);
        if (!answer) return reject("it is not answered with FHIR");
        if (!answer->total) return reject("the list has no total");
        if (answer->patients.empty()) {
            found.nobody = true;
            return;
        }
        recognise_id(*answer);
        recognise_external_id(*answer);
        if (found.unusable) return;
        const auto page = read_fhir_page(forms_.list.fhir, found.terms, forms_.now, 1);
        if (!page) return reject("its list cannot be read");
        if (!native_) return;
        compare_lists(*page);
        compare_details();
        object();
    }

    FormsFound found;

  private:
    void reject(std::string why) {
        found.unusable = true;
        found.objection = std::move(why);
    }

    bool is_native_id(const std::string& id) const { return by_id_.contains(id); }

    void recognise_id(const FhirAnswer& answer) {
        auto& system = found.terms.id_system;
        if (!system.empty() || !native_) return;
        const auto is_theirs = [this](const FhirPatient& patient) {
            return is_native_id(patient.id);
        };
        if (std::ranges::any_of(answer.patients, is_theirs)) return;
        for (const auto& candidate : systems_of(answer)) {
            const auto names = [&](const FhirPatient& patient) {
                return is_native_id(identifier_of(patient, candidate));
            };
            if (candidate.empty() || !std::ranges::any_of(answer.patients, names)) continue;
            system = candidate;
            return;
        }
        reject("its patients carry no id by which the native form knows them: set "
               "medicapp.id_system");
    }

    /// The system whose values are the externalIds of the native form, also where it is configured:
    /// whoever is not recognised would look as if somebody had taken their externalId away. Without
    /// a native form, the configured one or the one of that name.
    void recognise_external_id(const FhirAnswer& answer) {
        if (found.unusable) return;
        auto& system = found.terms.external_id_system;
        if (knows_no_external_id()) {
            found.nobody = true;
            return reject("nobody has an externalId yet by which its system could be recognised");
        }
        const auto systems = systems_of(answer);
        if (native_ && !system.empty() && !holds_external_ids(answer, system))
            return reject("the identifiers of medicapp.external_id_system are not the externalIds");
        if (!system.empty()) return;
        const auto is_it = [&](const std::string& candidate) {
            if (!native_) return is_named_external_id(candidate);
            return !candidate.empty() && holds_external_ids(answer, candidate);
        };
        const auto its = std::ranges::find_if(systems, is_it);
        if (its == systems.end())
            return reject("none of its identifiers is recognised as the externalId: set "
                          "medicapp.external_id_system");
        // Those of the patients who were compared; of others only one of them may be the
        // externalId.
        if (std::ranges::count_if(systems, is_it) > 1)
            return reject("several of its identifiers could be the externalId: set "
                          "medicapp.external_id_system");
        system = *its;
    }

    bool knows_no_external_id() const {
        return native_ && std::ranges::all_of(native_->patients, [](const auto& patient) {
                   return patient.patient.external_id().empty();
               });
    }

    /// Whether whoever has an externalId in the native form has the same in this system.
    bool holds_external_ids(const FhirAnswer& answer, const std::string& system) const {
        int same = 0;
        for (const auto& patient : answer.patients) {
            const auto native = by_id_.find(own_id_of(patient, found.terms.id_system));
            if (native == by_id_.end()) continue;
            const auto& external_id = native->second->patient.external_id();
            if (external_id.empty()) continue;
            if (external_id != identifier_of(patient, system)) return false;
            ++same;
        }
        return same > 0;
    }

    void compare_lists(const MedicappPage& page) {
        for (const auto& patient : page.patients) {
            const auto native = by_id_.find(patient.id);
            if (native != by_id_.end()) compare(*native->second, patient);
        }
    }

    void compare_details() {
        for (const auto& [native, fhir] : forms_.details) {
            const auto ours = read_patient(native);
            const auto theirs = read_fhir_patient(fhir, found.terms, forms_.now);
            if (!ours) continue;
            if (!theirs || theirs->id != ours->id) {
                unreadable_detail_ = true;
                continue;
            }
            auto whole = *ours;
            whole.shown = reconcile::every_field();
            compare(whole, *theirs);
        }
    }

    /// Whoever was changed between the two answers proves nothing.
    static bool are_of_one_time(const MedicappPatient& native, const MedicappPatient& fhir) {
        constexpr reconcile::Instant::duration grain = std::chrono::seconds(1);
        if (!native.modified_at || !fhir.modified_at) return true;
        const auto apart = *native.modified_at - *fhir.modified_at;
        return apart < grain && -apart < grain;
    }

    void compare(const MedicappPatient& native, const MedicappPatient& fhir) {
        if (!are_of_one_time(native, fhir)) return;
        timeless_ = timeless_ || (native.modified_at && !fhir.modified_at);
        if (native.patient.external_id() != fhir.patient.external_id()) other_external_id_ = true;
        for (const auto field : reconcile::all_fields()) {
            const auto& ours = native.patient[field];
            const auto& theirs = fhir.patient[field];
            if (!native.shown.has(field) || !ours.is_known() || ours.text().empty()) continue;
            if (!theirs.is_known())
                less_.add(field);
            else if (!is_same(field, ours.text(), theirs.text()))
                other_.add(field);
        }
    }

    static bool is_same(Field field, std::string_view a, std::string_view b) {
        static const reconcile::IdentityPolicy policy;
        return reconcile::canonical(field, a, policy) == reconcile::canonical(field, b, policy);
    }

    void object() {
        auto& why = found.objection;
        const auto add = [&why](const std::string& words) {
            why += (why.empty() ? "" : "; ") + words;
        };
        if (!less_.empty()) add("it shows less: " + names(less_));
        if (!other_.empty()) add("it shows other values: " + names(other_));
        if (other_external_id_) add("it shows other externalIds");
        if (timeless_) add("it shows no modification time");
        if (unreadable_detail_) add("single patients cannot be read");
    }

    const BothForms& forms_;
    std::optional<MedicappPage> native_;
    std::map<std::string, const MedicappPatient*> by_id_;
    FieldSet less_;
    FieldSet other_;
    bool other_external_id_ = false;
    bool timeless_ = false;
    bool unreadable_detail_ = false;
};

} // namespace

FormsFound compare_forms(const BothForms& forms, const FhirTerms& configured) {
    Comparison comparison(forms, configured);
    comparison.run();
    return std::move(comparison.found);
}

std::vector<std::string> ids_to_compare(std::string_view native_page, std::size_t most) {
    std::vector<std::string> ids;
    const auto page = read_page(native_page);
    if (!page) return ids;
    for (const auto& patient : page->patients) {
        if (ids.size() == most) break;
        ids.push_back(patient.id);
    }
    return ids;
}

} // namespace medibridge::connectors
