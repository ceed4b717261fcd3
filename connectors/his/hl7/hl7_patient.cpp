#include "connectors/his/hl7/hl7_patient.hpp"

#include "connectors/his/hl7/hl7_telecom.hpp"
#include "connectors/his/hl7/hl7_time.hpp"
#include "reconcile/text.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <unicode/locid.h>

namespace medibridge::connectors::hl7 {

using reconcile::Field;
using reconcile::FieldValue;
using reconcile::SourceRecord;

namespace {

/// The repetition whose type (a component) comes first in `types`; empty: none of them is there.
template <std::size_t size>
std::string_view preferred(std::string_view field, std::size_t type_component,
                           const std::array<std::string_view, size>& types, const Leaves& leaves) {
    const auto& delimiters = leaves.delimiters();
    std::string_view best;
    std::size_t rank = size;
    for_each_part(field, delimiters.repetition, [&](std::string_view repetition) {
        if (reconcile::trim(repetition).empty()) return;
        const auto type = reconcile::trim(part(repetition, delimiters.component, type_component));
        const auto* found = std::ranges::find(types, type);
        const auto its_rank = static_cast<std::size_t>(found - types.begin());
        if (its_rank >= rank) return;
        rank = its_rank;
        best = repetition;
    });
    return best;
}

FieldValue value_of(std::string_view leaf, const Leaves& leaves) {
    if (is_null(leaf)) return FieldValue::cleared();
    if (reconcile::trim(leaf).empty()) return {};
    return FieldValue::known(leaves.text(leaf));
}

/// Component `n`, of it the first subcomponent.
std::string_view leaf(std::string_view repetition, std::size_t n, const Leaves& leaves) {
    const auto& delimiters = leaves.delimiters();
    return part(part(repetition, delimiters.component, n), delimiters.subcomponent, 1);
}

/// XPN. The surname's first subcomponent holds it with its prefix.
void read_names(std::string_view field, const Leaves& leaves, SourceRecord& record) {
    constexpr std::size_t type_component = 7;
    constexpr std::array<std::string_view, 4> birth_types{"L", "B", "M", ""};
    constexpr std::array<std::string_view, 1> usual_types{"D"};
    const auto birth = preferred(field, type_component, birth_types, leaves);
    const auto usual = preferred(field, type_component, usual_types, leaves);
    record.patient[Field::last_name] = value_of(leaf(birth, 1, leaves), leaves);
    auto first_name = value_of(leaf(birth, 2, leaves), leaves);
    if (first_name.is_unknown()) first_name = value_of(leaf(usual, 2, leaves), leaves);
    record.patient[Field::first_name] = std::move(first_name);
    const auto usual_name = value_of(leaf(usual, 1, leaves), leaves);
    if (usual_name.is_known()) record.usual_last_name = usual_name.text();
}

FieldValue read_gender(std::string_view field, const Leaves& leaves) {
    auto value = value_of(part(field, leaves.delimiters().component, 1), leaves);
    if (!value.is_known()) return value;
    const auto code = reconcile::trim(value.text());
    const bool says_nothing =
        code.size() == 1 && std::string_view("UNAuna").find(code[0]) != std::string_view::npos;
    return says_nothing ? FieldValue() : value;
}

std::map<std::string, std::string, std::less<>> country_codes() {
    std::map<std::string, std::string, std::less<>> codes;
    for (const char* const* known = icu::Locale::getISOCountries(); *known != nullptr; ++known)
        codes[icu::Locale("", *known).getISO3Country()] = *known;
    return codes;
}

/// HL7 table 0399 has three letters where Medicapp and other sources have two (ISO 3166-1).
FieldValue short_country(FieldValue value) {
    if (!value.is_known()) return value;
    static const auto codes = country_codes();
    std::string letters(reconcile::trim(value.text()));
    std::ranges::transform(letters, letters.begin(), reconcile::ascii_upper);
    const auto found = codes.find(letters);
    return found == codes.end() ? value : FieldValue::known(found->second);
}

/// XAD. Types (table 0190) that are no place where somebody lives are left out: BDL, N, F, BA, …
void read_address(std::string_view field, const Leaves& leaves, SourceRecord& record) {
    constexpr std::size_t type_component = 7;
    constexpr std::array<std::string_view, 6> types{"H", "P", "L", "C", "", "M"};
    auto& patient = record.patient;
    const auto address = preferred(field, type_component, types, leaves);
    if (is_null(address)) {
        for (const auto part_of_it :
             {Field::street, Field::city, Field::postal_code, Field::country})
            patient[part_of_it] = FieldValue::cleared();
        return;
    }
    patient[Field::street] = value_of(leaf(address, 1, leaves), leaves);
    patient[Field::city] = value_of(leaf(address, 3, leaves), leaves);
    patient[Field::postal_code] = value_of(leaf(address, 5, leaves), leaves);
    patient[Field::country] = short_country(value_of(leaf(address, 6, leaves), leaves));
}

/// A date of death counts whatever the indicator says: better a person asked than a family written
/// to.
bool is_deceased(const Segment& pid, const Leaves& leaves) {
    const auto date = value_of(leaf(pid.field(29), 1, leaves), leaves);
    const bool has_date =
        date.is_known() && date.text().find_first_of("123456789") != std::string::npos;
    const auto indicator = value_of(leaf(pid.field(30), 1, leaves), leaves);
    const auto word = indicator.is_known() ? reconcile::trim(indicator.text()) : "";
    return has_date || word == "Y" || word == "y" || word == "1";
}

std::string read_identity_status(std::string_view field, const Leaves& leaves) {
    std::string all;
    for_each_part(field, leaves.delimiters().repetition, [&](std::string_view repetition) {
        const auto status = value_of(leaf(repetition, 1, leaves), leaves);
        if (!status.is_known()) return;
        if (!all.empty()) all += ' ';
        all += reconcile::trim(status.text());
    });
    return all;
}

} // namespace

SourceRecord read_person(const Segment& pid, const Leaves& leaves) {
    SourceRecord record;
    auto& patient = record.patient;
    read_names(pid.field(5), leaves, record);
    patient[Field::birth_date] = read_birth_date(leaf(pid.field(7), 1, leaves));
    patient[Field::gender] = read_gender(pid.field(8), leaves);
    read_address(pid.field(11), leaves, record);
    auto contact = read_telecom(pid.field(13), leaves);
    if (contact.says_nothing()) contact = read_telecom(pid.field(40), leaves);
    patient[Field::phone] = std::move(contact.phone);
    patient[Field::email] = std::move(contact.email);
    record.deceased = is_deceased(pid, leaves);
    record.identity_status = read_identity_status(pid.field(32), leaves);
    return record;
}

} // namespace medibridge::connectors::hl7
