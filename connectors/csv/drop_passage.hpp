#pragma once

#include "connectors/csv/check.hpp"
#include "connectors/csv/drop_folder.hpp"
#include "connectors/csv/records.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace medibridge::connectors {

struct DropFolder::Passage {
    Passage(DroppedFile its_file, runtime::TimePoint now) : file(std::move(its_file)), since(now) {}

    /// Reads the file from its beginning. The passage must outlive it.
    CsvRows::Read reader() const;
    /// Looks at so many rows for who they say somebody is; false at the end of the file.
    bool compare(std::size_t rows);
    /// The records of so many rows of the last pass; nothing if the file is not what the first
    /// pass saw.
    std::optional<std::vector<reconcile::SourceRecord>> next(std::size_t rows);

    DroppedFile file;
    runtime::TimePoint since;
    base::Descriptor descriptor;
    std::unique_ptr<CsvCheck> check;
    std::unique_ptr<CsvRecords> records;
};

} // namespace medibridge::connectors
