#include "kind.hpp"

#include "config/section.hpp"
#include "config/values.hpp"
#include "source.hpp"

namespace medibridge::connectors {

using config::assign;
using config::quote;

namespace {

std::unique_ptr<Source> make_ndjson_source(const NdjsonSettings& settings, SourceEnvironment its) {
    return std::make_unique<NdjsonSource>(std::move(its), settings);
}

} // namespace

void read_settings(config::Section& section, NdjsonSettings& out) {
    auto& report = section.report();
    if (const auto file = section.require("file", "give the file that the HIS writes")) {
        assign(out.file, read_text(*file, report));
        if (!out.file.empty() && !out.file.starts_with('/'))
            report.mistake(file->place, quote(file->path) + " must be an absolute path");
    }
    if (const auto zone = section.find("timezone"))
        assign(out.timezone, read_timezone(*zone, report));
    if (const auto fields = section.require("fields", "say where each field of a patient stands"))
        read_fields(*fields, report, out.fields);
}

config::Mapping NdjsonSettings::mapping() const {
    config::Mapping mapping{{"timezone", timezone}};
    config::add_fields(fields, mapping);
    return mapping;
}

const SourceKind& ndjson_kind() {
    static const KindOf<NdjsonSettings> kind("ndjson", read_settings, make_ndjson_source);
    return kind;
}

} // namespace medibridge::connectors
