#include "connectors/hl7v2/name.hpp"

#include "reconcile/identity.hpp"
#include "reconcile/text.hpp"

#include <algorithm>
#include <array>

namespace medibridge::connectors::hl7 {

using reconcile::Fact;
using reconcile::Field;
using reconcile::FieldValue;
using reconcile::name_words;

namespace {

constexpr std::size_t name_type = 7;

template <std::size_t size>
std::vector<Offer> names_of(const std::vector<Repetition>& all,
                            const std::array<std::string_view, size>& types) {
    std::vector<Offer> offers;
    for (const auto& one : all) {
        const auto* found = std::ranges::find(types, one.text(name_type));
        if (found == types.end()) continue;
        const auto rank = static_cast<int>(found - types.begin());
        offers.push_back({one, {one.period(10, 12, 13), rank}});
    }
    return offers;
}

bool is_family_name(const Repetition& one) {
    const auto name = family_name(one);
    return name.is_known() && is_usable(Field::last_name, name.text(), {});
}

/// Some senders write another surname where the prefix is to stand.
bool is_usual_prefix(const std::string& text) {
    static constexpr std::array<std::string_view, 34> usual{
        "a",   "al",  "d",  "da", "dal", "de",  "del", "della", "den", "der", "des", "di",
        "do",  "dos", "du", "el", "en",  "het", "in",  "l",     "la",  "las", "le",  "les",
        "los", "op",  "t",  "te", "ten", "ter", "van", "von",   "zu",  "zum"};
    return std::ranges::all_of(name_words(text), [](const std::string& word) {
        return std::ranges::find(usual, word) != usual.end();
    });
}

/// Whether the words of the prefix stand in the surname, one behind the other.
bool holds_prefix(const std::string& surname, const std::string& prefix) {
    const auto words = name_words(surname);
    const auto looked_for = name_words(prefix);
    return std::search(words.begin(), words.end(), looked_for.begin(), looked_for.end()) !=
           words.end();
}

std::string joined(const std::string& prefix, const std::string& surname) {
    const bool elided = prefix.ends_with('\'') || prefix.ends_with("\u2019");
    return prefix + (elided ? "" : " ") + surname;
}

} // namespace

FieldValue family_name(const Repetition& name) {
    const auto whole = name.value(1);
    const auto prefix = name.text(1, 2);
    const auto own = name.text(1, 3);
    if (whole.is_unknown() && !own.empty())
        return FieldValue::known(prefix.empty() ? own : joined(prefix, own));
    if (!whole.is_known() || prefix.empty()) return whole;
    const bool lacks_it = !holds_prefix(whole.text(), prefix);
    const bool partial =
        own.empty() ? is_usual_prefix(prefix) : name_words(whole.text()) == name_words(own);
    return partial && lacks_it ? FieldValue::known(joined(prefix, whole.text())) : whole;
}

void read_names(std::string_view field, const FieldRules& rules, reconcile::SourceRecord& record) {
    constexpr std::array<std::string_view, 4> birth_types{"L", "B", "M", ""};
    constexpr std::array<std::string_view, 1> usual_types{"D"};
    const auto all = repetitions(field, rules);
    if (all.empty()) return;
    const auto birth = chosen(names_of(all, birth_types), rules, is_family_name);
    const auto usual = chosen(names_of(all, usual_types), rules, is_family_name);
    auto& patient = record.patient;
    if (birth) {
        patient[Field::last_name] = family_name(*birth);
        patient[Field::first_name] = birth->value(2);
    }
    record.said.add(Fact::usual_last_name);
    if (!usual) return;
    const auto name = family_name(*usual);
    if (name.is_known()) record.usual_last_name = name.text();
    if (patient[Field::first_name].is_unknown()) patient[Field::first_name] = usual->value(2);
}

} // namespace medibridge::connectors::hl7
