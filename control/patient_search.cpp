#include "control/patient_search.hpp"

#include "base/bytes/ascii.hpp"
#include "reconcile/identity.hpp"
#include "reconcile/normal_form.hpp"

#include <algorithm>

namespace medibridge::control {

using reconcile::Field;

namespace {

constexpr std::string_view spaces = " \t\r\n";

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(spaces);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> parts;
    while (!(text = trimmed(text)).empty()) {
        const auto end = std::min(text.find_first_of(spaces), text.size());
        parts.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    return parts;
}

/// `1980-03-02`, or a French `02/03/1980`; empty: neither.
std::string date_in(std::string_view text) {
    std::string date(text);
    constexpr std::size_t length = 10;
    if (text.size() == length && text[2] == '/' && text[5] == '/')
        date = std::string(text.substr(6)) + '-' + std::string(text.substr(3, 2)) + '-' +
               std::string(text.substr(0, 2));
    const auto read = reconcile::normal_birth_date(date);
    return read.ok() && read.text == date ? date : std::string();
}

bool begins_one_of(const std::string& word, const std::vector<std::string>& names) {
    return std::ranges::any_of(names, [&](const auto& name) { return name.starts_with(word); });
}

} // namespace

PatientSearch::PatientSearch(std::string_view text, std::string_view region)
    : whole_(base::ascii_lower_case(trimmed(text))) {
    const auto phone = reconcile::normal_phone(trimmed(text), region);
    if (phone.ok()) phone_ = phone.text;
    for (const auto part : split(text))
        words_.push_back(
            {base::ascii_lower_case(part), date_in(part), reconcile::name_words(part)});
}

bool PatientSearch::finds(const reconcile::Patient& patient) const {
    if (words_.empty()) return false;
    const auto value = [&](Field field) {
        return patient[field].is_known() ? patient[field].text() : std::string();
    };
    const auto external_id = base::ascii_lower_case(patient.external_id());
    if (whole_ == external_id) return true;
    if (!phone_.empty() && value(Field::phone) == phone_) return true;
    auto names = reconcile::name_words(value(Field::last_name));
    for (auto& name : reconcile::name_words(value(Field::first_name)))
        names.push_back(std::move(name));
    const auto email = base::ascii_lower_case(value(Field::email));
    const auto birth_date = value(Field::birth_date);
    return std::ranges::all_of(words_, [&](const Word& word) {
        if (!word.birth_date.empty() && word.birth_date == birth_date) return true;
        if (word.text == external_id) return true;
        if (word.text.contains('@') && email.contains(word.text)) return true;
        return !word.name_words.empty() &&
               std::ranges::all_of(word.name_words,
                                   [&](const auto& part) { return begins_one_of(part, names); });
    });
}

} // namespace medibridge::control
