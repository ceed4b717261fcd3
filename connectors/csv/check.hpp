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

/// The first of the two passes over a file: whether it is whole and fits the mapping, before any
/// of its rows is taken.
class CsvCheck {
  public:
    /// `mapping` must outlive it.
    CsvCheck(CsvRows::Read read, const CsvSettings& settings, const RecordMapping& mapping);

    /// Looks at up to so many rows; false when the pass has come to its end.
    bool advance(std::size_t rows);

    /// At the end: why nothing of the file can be taken, if it cannot.
    const std::optional<CsvFault>& fault() const { return fault_; }
    /// At the end of a file without fault: of all its bytes.
    const ContentDigest& content() const { return content_; }
    std::size_t rows() const { return rows_; } ///< without the header
    /// Whether each row says when it was modified.
    bool dated() const { return dated_; }
    /// What its rows say of who somebody is.
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
    std::optional<std::size_t> time_place_;
    std::vector<std::size_t> identity_places_;
    CsvIdentities identities_;
    std::string identity_; ///< kept for its room
    CsvColumns columns_;
    CsvRow row_;
    bool has_header_ = false;
    std::size_t rows_ = 0;
    std::size_t fitting_ = 0;    ///< rows with as many columns as the header
    std::size_t identified_ = 0; ///< of these, with something in the column of the externalId
    bool dated_ = true;
    std::optional<CsvFault> fault_;
    ContentDigest content_{};
};

} // namespace medibridge::connectors
