#pragma once

#include "connectors/csv/identities.hpp"
#include "connectors/csv/kind.hpp"
#include "connectors/csv/rows.hpp"
#include "connectors/inbox/inbox.hpp"
#include "connectors/mapping/record_mapping.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace medibridge::connectors {

/// The second pass over a file: its rows as records.
class CsvRecords {
  public:
    /// `label` stands in the places of the records: `LABEL, line 12`. `identities` say whose
    /// records are ambiguous. It and `mapping` must outlive it.
    CsvRecords(CsvRows::Read read, const CsvSettings& settings, const RecordMapping& mapping,
               std::string label, const CsvIdentities& identities);

    /// The records of up to `rows` rows; fewer only at the end of the file. A row with more or
    /// fewer columns than the header becomes an unreadable record. Throws std::runtime_error for a
    /// file that cannot be read at all, which the first pass finds.
    std::vector<reconcile::SourceRecord> next(std::size_t rows);

    /// What the mapping could not use: the first of each field, and where it stood.
    const std::vector<std::pair<MappingFault, std::string>>& faults() const { return faults_; }
    /// At the end: of all bytes.
    ContentDigest content() { return hash_.finish(); }

  private:
    reconcile::SourceRecord record_of(const CsvRow& row);
    reconcile::SourceRecord misshapen(const CsvRow& row, std::string place) const;
    reconcile::FactSet said_by(const MappedRecord& mapped) const;
    bool read_row();

    const RecordMapping& mapping_;
    const CsvIdentities& identities_;
    std::vector<std::pair<std::string_view, reconcile::Fact>> facts_; ///< that have a column
    std::string null_text_;
    std::string label_;
    ContentHash hash_;
    CsvRows reader_;
    CsvColumns columns_;
    bool id_leads_ = false; ///< the first column is the externalId's
    CsvRow row_;
    std::vector<RawValue> values_;
    std::vector<std::pair<MappingFault, std::string>> faults_;
};

} // namespace medibridge::connectors
