#include "connectors/hl7v2/telecom.hpp"

#include "base/bytes/ascii.hpp"
#include "reconcile/text.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace medibridge::connectors::hl7 {

using reconcile::Field;
using reconcile::FieldValue;

namespace {

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

/// With its extension, which is refused: without it the number is somebody else's.
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

/// Whether anything is said: an empty repetition of the right form often stands for nothing.
bool speaks(const Repetition& one) {
    return !(is_email(one) ? email_of(one) : phone_of(one)).is_unknown();
}

} // namespace

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
