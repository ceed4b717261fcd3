#include "config/safety.hpp"

#include "config/section.hpp"
#include "config/values.hpp"

#include <array>
#include <optional>

namespace medibridge::config {

namespace {

/// What keeps a patient from being created, and who is created where a source does not show it.
struct SafetyFact {
    std::string_view field;
    std::string_view people;
};
constexpr std::array<SafetyFact, 4> safety_facts{{{"deceased", "the dead"},
                                                  {"active", "the inactive"},
                                                  {"identityStatus", "the doubtful"},
                                                  {"mergedInto", "the merged"}}};

/// Whether the HIS is said not to have the fact. It cannot be, where it is mapped.
bool is_not_available(Section& safety, std::string_view fact, bool is_mapped) {
    Report& report = safety.report();
    const auto value = safety.find(fact);
    if (!value) return false;
    const auto word = read_word<bool>(*value, report, {{"not_available", true}});
    if (word && is_mapped)
        report.mistake(value->place, quote(value->path) + " contradicts `fields." +
                                         std::string(fact) + "`: remove one of the two");
    return word.value_or(false);
}

void append_listed(std::string& list, std::string_view word) {
    if (!list.empty()) list += ", ";
    list += word;
}

} // namespace

std::vector<std::string> read_safety(Section& section, const FieldPlaces& fields,
                                     const std::string& name) {
    std::optional<Section> safety;
    if (const auto value = section.find_section("safety")) safety.emplace(*value, section.report());
    std::vector<std::string> unseen;
    std::string unseen_fields;
    std::string people;
    for (const auto& fact : safety_facts) {
        const bool is_mapped = fields.contains(std::string(fact.field));
        const bool is_missing = safety && is_not_available(*safety, fact.field, is_mapped);
        if (is_mapped || is_missing) continue;
        unseen.emplace_back(fact.field);
        append_listed(unseen_fields, fact.field);
        append_listed(people, fact.people);
    }
    const auto mapping = section.find_section("fields");
    if (unseen.empty() || !mapping) return unseen;
    section.report().advise(
        mapping->place,
        "source " + quote(name) + " does not see: " + unseen_fields + "; " + people +
            " would be created like anybody else: map it in `fields`, or, where the "
            "HIS has none, write safety: {" +
            unseen.front() + ": not_available}");
    return unseen;
}

} // namespace medibridge::config
