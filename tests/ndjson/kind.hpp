#pragma once

#include "config/source_kind.hpp"
#include "connectors/source/kind.hpp"

#include <string>

namespace medibridge::connectors {

/// A source of type `ndjson`, as it is configured: a file with a JSON object a line.
struct NdjsonSettings final : config::KindSettings {
    std::string file;
    std::string timezone = "Europe/Paris"; ///< of times without an offset
    config::FieldPlaces fields;

    config::Mapping mapping() const override;
    const config::FieldPlaces* mapped_fields() const override { return &fields; }
};

void read_settings(config::Section& section, NdjsonSettings& out);

/// `type: ndjson`: a file with a JSON object a line. No part of the program: it shows what a new
/// kind takes (docs/adding-a-source.md).
const SourceKind& ndjson_kind();

} // namespace medibridge::connectors
