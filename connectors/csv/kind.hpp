#pragma once

#include "config/source_kind.hpp"
#include "config/value_types.hpp"
#include "connectors/source/kind.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace medibridge::connectors {

/// A source of type `csv`, as it is configured.
struct CsvSettings final : config::KindSettings {
    std::filesystem::path directory;
    std::string pattern = "*.csv";
    char delimiter = ';';
    std::string encoding = "UTF-8"; ///< ICU's name; a byte order mark in the file goes before it
    config::Duration settle{5'000}; ///< a file unchanged for so long is complete
    config::Duration keep{std::chrono::hours(168)}; ///< files in done/; 0: none is kept
    std::uint64_t max_size = 256u << 20;            ///< bytes of one file
    std::string null_text;                 ///< a cell with this text says nothing; empty: none
    std::string timezone = "Europe/Paris"; ///< of times without an offset
    config::FieldPlaces fields;

    config::Mapping mapping() const override;
    const config::FieldPlaces* mapped_fields() const override { return &fields; }
    std::filesystem::path rejected_folder() const override { return directory / "rejected"; }
};

void read_settings(config::Section& section, CsvSettings& out);

/// `type: csv`: files with a row for each patient that are dropped into a folder.
const SourceKind& csv_kind();

} // namespace medibridge::connectors
