#include "base/bytes/ascii.hpp"
#include "config/sections.hpp"
#include "config/values.hpp"

#include <algorithm>
#include <array>

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

using Reader = void (*)(Section&, SourceSettings&);

template <class T, void (*read)(Section&, T&)>
void read_as(Section& section, SourceSettings& out) {
    T settings;
    read(section, settings);
    // FHIR and HL7 v2 say where these facts stand; a mapping has to.
    if constexpr (requires { settings.fields; })
        out.unseen = read_safety(section, settings.fields, out.name);
    out.source = std::move(settings);
}

struct SourceType {
    std::string_view name;
    Reader read;
};

constexpr std::array source_types{
    SourceType{"rest", read_as<RestSource, read_rest_source>},
    SourceType{"fhir", read_as<FhirSource, read_fhir_source>},
    SourceType{"sql", read_as<SqlSource, read_sql_source>},
    SourceType{"csv", read_as<CsvSource, read_csv_source>},
    SourceType{"hl7v2", read_as<Hl7Source, read_hl7_source>},
};

std::string available_types() {
    std::string names;
    for (const auto& type : source_types)
        names += (names.empty() ? "" : ", ") + std::string(type.name);
    return names;
}

/// The reader of the type's settings, if there is one.
Reader read_type(const Value& value, Report& report) {
    const auto type = read_text(value, report);
    if (!type) return nullptr;
    std::vector<std::string_view> names;
    for (const auto& known : source_types) {
        if (known.name == *type) return known.read;
        names.push_back(known.name);
    }
    const auto meant = nearest(*type, names);
    report.mistake(value.place, "unknown source type " + quote(*type) +
                                    (meant.empty() ? "; available: " + available_types()
                                                   : "; did you mean " + quote(meant) + "?"));
    return nullptr;
}

void read_source(const Value& value, Report& report, std::vector<SourceSettings>& out) {
    Section section(value, report);
    SourceSettings settings;
    if (const auto name = section.require("name", "give the source a name of its own"))
        settings.name = read_name(*name, report, out);
    if (const auto priority = section.find("contact_priority"))
        assign(settings.contact_priority,
               read_word<bool>(*priority, report, {{"true", true}, {"false", false}}));
    const auto type =
        section.require("type", "give the kind of source; available: " + available_types());
    const auto read = type ? read_type(*type, report) : nullptr;
    if (read) {
        read(section, settings);
    } else {
        section.entries(); // which keys may stand here depends on the type
    }
    out.push_back(std::move(settings));
}

} // namespace

void read_his(const Value& value, Report& report, std::vector<SourceSettings>& out) {
    if (value.node->kind != Node::Kind::sequence) {
        report.mistake(value.place,
                       quote(value.path) + " must be a list of sources: begin each with `- `");
        return;
    }
    if (value.node->items.empty())
        report.mistake(value.place, quote(value.path) + " is empty: give at least one source");
    for (const Node& item : value.node->items)
        read_source({&item, item.place, value.path}, report, out);
}

} // namespace medibridge::config
