#include "base/bytes/ascii.hpp"
#include "connectors/hl7v2/patient.hpp"
#include "connectors/mapping/yes_no.hpp"
#include "reconcile/text.hpp"

#include <algorithm>
#include <array>
#include <iterator>
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

/// Whether the address names a place at all, valid or not.
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

/// One without its town is not taken, so it hides no other.
bool would_be_taken(const Repetition& address) {
    const auto parts = parts_of(address);
    return parts[Field::city].is_known() && is_whole(parts);
}

bool is_town_alone(const Patient& parts) {
    return !parts[Field::street].is_known() && !parts[Field::postal_code].is_known();
}

std::vector<Offer> addresses_of(const std::vector<Repetition>& all) {
    constexpr std::array<std::string_view, 6> types{"H", "P", "L", "C", "", "M"};
    constexpr int of_a_type = last_preference + 1;
    std::vector<Offer> offers;
    for (const auto& one : all) {
        const auto* found = std::ranges::find(types, one.text(7));
        const bool has_ended = !one.text(15).empty() && one.text(14).empty();
        const bool is_bad = yes_or_no(one.text(17)) == true || has_ended;
        const auto parts = parts_of(one);
        if (found == types.end() || is_bad || !names_a_place(parts)) continue;
        auto rank = static_cast<int>(found - types.begin());
        if (yes_or_no(one.text(16)) == true) rank += static_cast<int>(types.size());
        if (is_town_alone(parts)) rank += 2 * static_cast<int>(types.size());
        offers.push_back(
            {one, {one.period(12, 13, 14), rank * of_a_type + preference(one.text(21))}});
    }
    return offers;
}

constexpr int unfit = 9; ///< no phone or address of the patient

template <std::size_t size>
bool is_one_of(const std::array<std::string_view, size>& words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
}

bool is_email(const Repetition& one) {
    const auto equipment = base::ascii_upper_case(one.text(3));
    return base::ascii_upper_case(one.text(2)) == "NET" || equipment == "INTERNET" ||
           equipment == "X.400" || !one.text(4).empty() ||
           one.text(1).find('@') != std::string::npos;
}

FieldValue email_of(const Repetition& one) {
    const auto named = one.value(4);
    const auto first = one.value(1);
    if (named.is_known()) return named;
    if (first.is_known() && first.text().find('@') != std::string::npos) return first;
    const bool emptied = one.is_emptied(4) || one.is_emptied(1);
    return emptied ? FieldValue::cleared() : FieldValue();
}

FieldValue number_of(const Repetition& one) {
    const auto first = one.value(1);
    if (!first.is_unknown()) return first;
    const auto unformatted = one.value(12);
    if (unformatted.is_known()) return unformatted;
    const auto local = one.text(7);
    if (local.empty()) return {};
    const auto country = one.text(5);
    return FieldValue::known((country.empty() ? "" : "+" + country + " ") + one.text(6) + local);
}

/// With its extension, so that it is refused: without it the number may be another person's.
FieldValue phone_of(const Repetition& one) {
    auto number = number_of(one);
    const auto extension = one.text(8);
    if (!number.is_known() || extension.empty()) return number;
    return FieldValue::known(number.text() + " ext. " + extension);
}

int email_class(const Repetition& one) {
    const auto use = base::ascii_upper_case(one.text(2));
    if (use == "EMR" || use == "BPN") return unfit;
    return use == "WPN" ? 1 : 0;
}

int phone_class(const Repetition& one) {
    constexpr std::array<std::string_view, 6> devices{"FX", "BP", "MD", "TDD", "TTY", "SAT"};
    constexpr std::array<std::string_view, 4> others{"EMR", "WPN", "ASN", "BPN"};
    const auto use = base::ascii_upper_case(one.text(2));
    const auto equipment = base::ascii_upper_case(one.text(3));
    if (is_one_of(devices, equipment) || is_one_of(others, use)) return unfit;
    if (equipment == "CP" || use == "PRS") return 0;
    return use == "PRN" || use.empty() ? 1 : 2;
}

/// The repetitions of one kind that say something.
std::vector<Offer> offers_of(const std::vector<Repetition>& all, bool emails) {
    constexpr int of_a_class = last_preference + 1;
    std::vector<Offer> offers;
    for (const auto& one : all) {
        if (is_email(one) != emails) continue;
        const auto value = emails ? email_of(one) : phone_of(one);
        const int its_class = emails ? email_class(one) : phone_class(one);
        const bool has_ended = !one.text(15).empty() && one.text(14).empty();
        if (value.is_unknown() || its_class == unfit || has_ended) continue;
        const int rank = its_class * of_a_class + preference(one.text(18));
        offers.push_back({one, {one.period(0, 13, 14), rank}});
    }
    return offers;
}

/// Whether it holds a value: senders often send an empty repetition of the right form.
bool speaks(const Repetition& one) {
    return !(is_email(one) ? email_of(one) : phone_of(one)).is_unknown();
}

} // namespace

void read_address(std::string_view field, const FieldRules& rules, Patient& patient) {
    const auto all = repetitions(field, rules);
    const bool nothing_said = std::ranges::none_of(all, [](const Repetition& one) {
        return one.is_emptied(1) || names_a_place(parts_of(one));
    });
    if (nothing_said) return;
    const auto address = chosen(addresses_of(all), rules, would_be_taken);
    const auto parts = address ? parts_of(*address) : Patient();
    // `""` for the complete field is in its first component alone.
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

void read_telecom(std::string_view list, std::string_view more, const FieldRules& rules,
                  reconcile::Patient& patient) {
    auto all = repetitions(list, rules);
    auto others = repetitions(more, rules);
    std::ranges::move(others, std::back_inserter(all));
    if (std::ranges::none_of(all, speaks)) return;
    const auto is_phone = [&rules](const Repetition& one) {
        const auto value = phone_of(one);
        return value.is_known() && is_usable(Field::phone, value.text(), rules.region);
    };
    const auto is_address = [](const Repetition& one) {
        const auto value = email_of(one);
        return value.is_known() && is_usable(Field::email, value.text(), {});
    };
    const auto phone = chosen(offers_of(all, false), rules, is_phone);
    const auto email = chosen(offers_of(all, true), rules, is_address);
    patient[Field::phone] = phone ? phone_of(*phone) : FieldValue::cleared();
    patient[Field::email] = email ? email_of(*email) : FieldValue::cleared();
}

} // namespace medibridge::connectors::hl7
