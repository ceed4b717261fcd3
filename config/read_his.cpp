#include "base/bytes/ascii.hpp"
#include "config/section.hpp"
#include "config/sections.hpp"
#include "config/values.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace medibridge::config {

namespace {

/// A fact that keeps a patient from being created, and who would be created without it.
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

/// Reads `safety` of a source whose fields are mapped: which of the facts that keep a patient out
/// of Medicapp the HIS does not have. Returns the facts that are neither mapped nor said to be
/// missing, and advises to do one of the two. `name` is the source's.
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

constexpr std::size_t max_name_size = 64;

bool fits_name(char c) {
    return base::is_ascii_alphanumeric(c) || c == '-' || c == '_' || c == '.';
}

std::string read_name(const Value& value, Report& report, const std::vector<SourceSettings>& all) {
    const auto name = read_text(value, report);
    if (!name) return {};
    const auto same = [&](const SourceSettings& other) { return other.name == *name; };
    if (name->size() > max_name_size || !std::all_of(name->begin(), name->end(), fits_name))
        report.mistake(value.place, quote(value.path) +
                                        " may consist of at most 64 letters, digits, `-`, `_` and "
                                        "`.`: it appears in logs and in the state file");
    else if (std::any_of(all.begin(), all.end(), same))
        report.mistake(value.place,
                       "another source is named " + quote(*name) + " already: names must differ");
    return *name;
}

std::string available(const SourceKinds& kinds) {
    std::string names;
    for (const auto* kind : kinds)
        names += (names.empty() ? "" : ", ") + std::string(kind->name());
    return names;
}

/// The kind of that type, if there is one.
const SourceKind* read_type(const Value& value, Report& report, const SourceKinds& kinds) {
    const auto type = read_text(value, report);
    if (!type) return nullptr;
    std::vector<std::string_view> names;
    for (const auto* kind : kinds) {
        if (kind->name() == *type) return kind;
        names.push_back(kind->name());
    }
    const auto meant = nearest(*type, names);
    report.mistake(value.place, "unknown source type " + quote(*type) +
                                    (meant.empty() ? "; available: " + available(kinds)
                                                   : "; did you mean " + quote(meant) + "?"));
    return nullptr;
}

void read_kind(Section& section, SourceSettings& out) {
    out.its = out.kind->read(section);
    // Other kinds know where these facts are; a mapping must say it.
    if (const auto* fields = out.its->mapped_fields())
        out.unseen = read_safety(section, *fields, out.name);
}

void read_source(const Value& value, Report& report, const SourceKinds& kinds,
                 std::vector<SourceSettings>& out) {
    Section section(value, report);
    SourceSettings settings;
    if (const auto name = section.require("name", "give the source a name of its own"))
        settings.name = read_name(*name, report, out);
    if (const auto priority = section.find("contact_priority"))
        assign(settings.contact_priority,
               read_word<bool>(*priority, report, {{"true", true}, {"false", false}}));
    const auto type =
        section.require("type", "give the kind of source; available: " + available(kinds));
    if (type) settings.kind = read_type(*type, report, kinds);
    if (settings.kind) {
        read_kind(section, settings);
    } else {
        section.entries(); // which keys may stand here depends on the type
    }
    out.push_back(std::move(settings));
}

} // namespace

void read_his(const Value& value, Report& report, const SourceKinds& kinds,
              std::vector<SourceSettings>& out) {
    if (value.node->kind != Node::Kind::sequence) {
        report.mistake(value.place,
                       quote(value.path) + " must be a list of sources: begin each with `- `");
        return;
    }
    if (value.node->items.empty())
        report.mistake(value.place, quote(value.path) + " is empty: give at least one source");
    for (const Node& item : value.node->items)
        read_source({&item, item.place, value.path}, report, kinds, out);
}

} // namespace medibridge::config
