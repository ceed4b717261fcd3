#include "connectors/hl7v2/address.hpp"

#include "base/bytes/ascii.hpp"
#include "reconcile/text.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <unicode/locid.h>

namespace medibridge::connectors::hl7 {

using reconcile::Field;
using reconcile::FieldValue;
using reconcile::Patient;

namespace {

constexpr std::array<Field, 4> address_parts{Field::street, Field::city, Field::postal_code,
                                             Field::country};
constexpr std::string_view not_whole = "is in an address of which another part cannot be used";

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
    std::string letters(value.text());
    std::ranges::transform(letters, letters.begin(), base::ascii_upper);
    const auto found = codes.find(letters);
    return found == codes.end() ? value : FieldValue::known(found->second);
}

/// SAD and XAD-2 in one line.
FieldValue street_of(const Repetition& address) {
    auto street = address.value(1);
    const auto name = address.text(1, 2);
    const auto number = address.text(1, 3);
    if (street.is_unknown() && !name.empty())
        street = FieldValue::known(number.empty() ? name : number + " " + name);
    const auto more = address.text(2);
    if (more.empty()) return street;
    return FieldValue::known(street.is_known() ? street.text() + ", " + more : more);
}

Patient parts_of(const Repetition& address) {
    Patient patient;
    patient[Field::street] = street_of(address);
    patient[Field::city] = address.value(3);
    patient[Field::postal_code] = address.value(5);
    patient[Field::country] = short_country(address.value(6));
    return patient;
}

/// Whether the address says where somebody lives, well or badly.
bool names_a_place(const Patient& parts) {
    return std::ranges::any_of(address_parts, [&parts](Field field) {
        return field != Field::country && !parts[field].is_unknown();
    });
}

bool is_usable_part(const Patient& parts, Field field) {
    return !parts[field].is_known() || is_usable(field, parts[field].text(), {});
}

bool is_whole(const Patient& parts) {
    const auto known = parts.known();
    return !known.empty() && std::ranges::all_of(address_parts, [&parts](Field field) {
        return is_usable_part(parts, field);
    });
}

std::vector<Offer> addresses_of(const std::vector<Repetition>& all) {
    constexpr std::array<std::string_view, 6> types{"H", "P", "L", "C", "", "M"};
    constexpr int of_a_type = last_preference + 1;
    std::vector<Offer> offers;
    for (const auto& one : all) {
        const auto* found = std::ranges::find(types, one.text(7));
        const bool has_ended = !one.text(15).empty() && one.text(14).empty();
        const bool is_bad = one.text(17) == "Y" || has_ended;
        if (found == types.end() || is_bad || !names_a_place(parts_of(one))) continue;
        auto rank = static_cast<int>(found - types.begin());
        if (one.text(16) == "Y") rank += static_cast<int>(types.size());
        offers.push_back(
            {one, {one.period(12, 13, 14), rank * of_a_type + preference(one.text(21))}});
    }
    return offers;
}

} // namespace

void read_address(std::string_view field, const FieldRules& rules, Patient& patient) {
    const auto all = repetitions(field, rules);
    const bool nothing_said = std::ranges::none_of(all, [](const Repetition& one) {
        return one.is_emptied(1) || names_a_place(parts_of(one));
    });
    if (nothing_said) return;
    const auto address = chosen(addresses_of(all), rules,
                                [](const Repetition& one) { return is_whole(parts_of(one)); });
    const auto parts = address ? parts_of(*address) : Patient();
    // `""` for the field as a whole stands in its first component alone.
    const bool emptied = !address || parts.known().empty();
    const bool whole = is_whole(parts);
    for (const auto part_of_it : address_parts) {
        auto& value = patient[part_of_it];
        value = parts[part_of_it];
        if (emptied)
            value = FieldValue::cleared();
        else if (!whole && is_usable_part(parts, part_of_it) && value.is_known())
            value = FieldValue::unreadable(std::string(not_whole));
    }
}

} // namespace medibridge::connectors::hl7
