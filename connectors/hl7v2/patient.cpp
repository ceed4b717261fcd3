#include "connectors/hl7v2/patient.hpp"

#include "base/bytes/ascii.hpp"
#include "connectors/hl7v2/time.hpp"
#include "connectors/mapping/yes_no.hpp"
#include "reconcile/identity.hpp"
#include "reconcile/text.hpp"

#include <algorithm>
#include <array>

namespace medibridge::connectors::hl7 {

using reconcile::Fact;
using reconcile::Field;
using reconcile::FieldValue;
using reconcile::name_words;
using reconcile::SourceRecord;

namespace {

constexpr std::size_t day_size = 8;

struct Found {
    std::string id;
    bool typed = false;
    bool out_of_time = false; ///< it has expired, or is yet to come
};

enum class Owner { nobody, ours, others };

/// HD: namespace & universal identifier & its type.
Owner owner_of(std::string_view authority_field, std::string_view type, std::string_view authority,
               const Leaves& leaves) {
    const char separator = leaves.delimiters().subcomponent;
    const auto name = leaves.text(part(authority_field, separator, 1));
    const auto universal = leaves.text(part(authority_field, separator, 2));
    const auto shown = reconcile::trim(name);
    const auto oid = reconcile::trim(universal);
    constexpr std::array<std::string_view, 5> national_types{"INS", "INS-NIR", "INS-NIA", "INS-C",
                                                             "NH"};
    const bool national = std::ranges::find(national_types, type) != national_types.end();
    if (national || is_national_authority(shown) || is_national_authority(oid))
        return Owner::nobody;
    if ((shown.empty() || is_null(shown)) && (oid.empty() || is_null(oid))) return Owner::nobody;
    return shown == authority || oid == authority ? Owner::ours : Owner::others;
}

/// Whether the first day lies before the second; false where one of them is none.
bool is_before(std::string_view first, std::string_view second) {
    first = first.substr(0, day_size);
    second = second.substr(0, day_size);
    const auto is_day = [](std::string_view text) {
        return text.size() == day_size && std::ranges::all_of(text, base::is_ascii_digit);
    };
    return is_day(first) && is_day(second) && first < second;
}

/// Removes those for which `worse` holds, unless it holds for all.
template <class Worse>
void prefer(std::vector<Found>& found, const Worse& worse) {
    if (std::ranges::all_of(found, worse)) return;
    std::erase_if(found, worse);
}

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

bool is_given_name(const Repetition& one) {
    const auto name = one.value(2);
    return name.is_known() && is_usable(Field::first_name, name.text(), {});
}

bool is_family_name(const Repetition& one) {
    const auto name = family_name(one);
    return name.is_known() && is_usable(Field::last_name, name.text(), {});
}

/// A given name that is refused hides no other name; a missing one may stand in another.
bool is_whole_name(const Repetition& one) {
    return is_family_name(one) && (!one.value(2).is_known() || is_given_name(one));
}

/// Some senders write another surname in the place of the prefix.
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

FieldValue read_gender(const Segment& pid, const FieldRules& rules) {
    auto value = Repetition(pid.field(8), rules).value(1);
    if (!value.is_known()) return value;
    const auto& code = value.text();
    const bool says_nothing =
        code.size() == 1 && std::string_view("UNAuna").find(code[0]) != std::string_view::npos;
    return says_nothing ? FieldValue() : value;
}

/// A date of death counts whatever the indicator says, and so does what is unclear in either: a
/// question to a person is better than a letter to a family. An indicator that denies it, or either
/// of the two cleared, revokes a death.
void read_death(const Segment& pid, const FieldRules& rules, SourceRecord& record) {
    const Repetition date(pid.field(29), rules);
    const Repetition indicator(pid.field(30), rules);
    const auto when = date.text(1);
    const auto word = indicator.text(1);
    const bool has_date = yes_or_no(when).value_or(!is_zero_date(when));
    const bool denied = yes_or_no(word) == false;
    record.deceased = has_date || (!word.empty() && !denied);
    record.alive = !record.deceased && (denied || date.is_emptied(1) || indicator.is_emptied(1));
    if (record.deceased || record.alive) record.said.add(Fact::death);
}

/// PID-32 is sent completely: it states all repetitions that remain.
void read_identity_status(const Segment& pid, const FieldRules& rules, SourceRecord& record) {
    for (const auto& repetition : repetitions(pid.field(32), rules)) {
        record.said.add(Fact::identity_status);
        const auto status = repetition.text(1);
        if (status.empty()) continue;
        if (!record.identity_status.empty()) record.identity_status += ' ';
        record.identity_status += status;
    }
}

} // namespace

bool is_national_authority(std::string_view authority) {
    return authority.starts_with("1.2.250.1.213.1.4.") || authority == "1.2.250.1.213.1.4" ||
           authority.starts_with("ASIP-SANTE-INS");
}

Identifiers read_identifiers(std::string_view field, std::string_view authority,
                             std::string_view day, const Leaves& leaves) {
    const auto& delimiters = leaves.delimiters();
    Identifiers result;
    std::vector<Found> found;
    for_each_part(field, delimiters.repetition, [&](std::string_view repetition) {
        const auto component = [&](std::size_t n) {
            return part(repetition, delimiters.component, n);
        };
        auto id = leaves.text(component(1));
        if (reconcile::trim(id).empty() || is_null(component(1))) return;
        const auto type = leaves.text(component(5));
        const auto kind = reconcile::trim(type);
        const auto owner = owner_of(component(4), kind, authority, leaves);
        result.foreign = result.foreign || owner == Owner::others;
        if (owner != Owner::ours || (!kind.empty() && kind != "PI")) return;
        const auto effective = part(component(7), delimiters.subcomponent, 1);
        const auto expires = part(component(8), delimiters.subcomponent, 1);
        found.push_back({std::string(reconcile::trim(id)), !kind.empty(),
                         is_before(expires, day) || is_before(day, effective)});
    });
    prefer(found, [](const Found& one) { return !one.typed; });
    const auto all = found;
    prefer(found, [](const Found& one) { return one.out_of_time; });
    prefer(found, [](const Found& one) { return !is_usable_external_id(one.id); });
    const auto is_in = [](const std::vector<std::string>& ids, const std::string& id) {
        return std::ranges::find(ids, id) != ids.end();
    };
    for (const auto& one : found)
        if (!is_in(result.ours, one.id)) result.ours.push_back(one.id);
    for (const auto& one : all) {
        const bool known = is_in(result.ours, one.id) || is_in(result.others, one.id);
        if (!known && is_usable_external_id(one.id)) result.others.push_back(one.id);
    }
    return result;
}

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
    const auto births = names_of(all, birth_types);
    const auto birth = chosen(births, rules, is_whole_name);
    const auto usual = chosen(names_of(all, usual_types), rules, is_family_name);
    auto& patient = record.patient;
    if (birth) {
        patient[Field::last_name] = family_name(*birth);
        patient[Field::first_name] = birth->value(2);
    }
    if (patient[Field::first_name].is_unknown()) {
        const auto given = chosen(births, rules, is_given_name);
        if (given) patient[Field::first_name] = given->value(2);
    }
    record.said.add(Fact::usual_last_name);
    if (!usual) return;
    const auto name = family_name(*usual);
    if (name.is_known()) record.usual_last_name = name.text();
    if (patient[Field::first_name].is_unknown()) patient[Field::first_name] = usual->value(2);
}

SourceRecord read_person(const Segment& pid, const FieldRules& rules) {
    SourceRecord record;
    auto& patient = record.patient;
    read_names(pid.field(5), rules, record);
    const auto& delimiters = rules.leaves.delimiters();
    const auto birth =
        part(part(pid.field(7), delimiters.component, 1), delimiters.subcomponent, 1);
    patient[Field::birth_date] = read_birth_date(birth);
    patient[Field::gender] = read_gender(pid, rules);
    read_address(pid.field(11), rules, patient);
    read_telecom(pid.field(13), pid.field(40), rules, patient);
    read_death(pid, rules, record);
    read_identity_status(pid, rules, record);
    return record;
}

} // namespace medibridge::connectors::hl7
