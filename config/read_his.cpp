#include "base/bytes/ascii.hpp"
#include "config/safety.hpp"
#include "config/sections.hpp"
#include "config/values.hpp"

#include <algorithm>

namespace medibridge::config {

namespace {

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
    // Other kinds say themselves where these facts stand; a mapping has to.
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
