#pragma once

#include "connectors/csv/identities.hpp"
#include "connectors/csv/kind.hpp"
#include "connectors/csv/rows.hpp"
#include "connectors/inbox/inbox.hpp"
#include "connectors/mapping/record_mapping.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace medibridge::connectors {

/// The first of two passes over a file: checks that it is complete and fits the mapping, before any
/// of its rows is used.
class CsvCheck {
  public:
    /// `mapping` must outlive it.
    CsvCheck(CsvRows::Read read, const CsvSettings& settings, const RecordMapping& mapping);

    /// Checks up to `rows` rows; false at the end of the pass.
    bool advance(std::size_t rows);

    /// At the end: why the file cannot be used, if it cannot.
    const std::optional<CsvFault>& fault() const { return fault_; }
    /// At the end of a file without fault: the digest of all its bytes.
    const ContentDigest& content() const { return content_; }
    std::size_t rows() const { return rows_; } ///< without the header
    /// What its rows say about the identity of patients.
    CsvIdentities& identities() { return identities_; }

  private:
    bool end(std::optional<CsvFault> fault);
    bool conclude();
    void look_at(const CsvRow& row);

    const RecordMapping& mapping_;
    std::string null_text_;
    ContentHash hash_;
    CsvRows reader_;
    std::optional<std::size_t> id_place_;
    std::vector<std::size_t> identity_places_;
    CsvIdentities identities_;
    std::string identity_; ///< kept for its room
    CsvColumns columns_;
    CsvRow row_;
    bool has_header_ = false;
    std::size_t rows_ = 0;
    std::size_t fitting_ = 0;    ///< rows with as many columns as the header
    std::size_t identified_ = 0; ///< of these, with something in the column of the externalId
    std::optional<CsvFault> fault_;
    ContentDigest content_{};
};

} // namespace medibridge::connectors
