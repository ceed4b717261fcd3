#pragma once

#include "connectors/csv/rows.hpp"
#include "connectors/mapping/raw_value.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace medibridge::connectors {

/// In which columns of a file the places of a mapping stand, as its header says.
class CsvColumns {
  public:
    CsvColumns() = default;

    /// Why the file cannot be read by this header, or nothing. `places` are headers of columns,
    /// spaces around which do not count; their order in the file does not matter.
    std::optional<CsvFault> find(const CsvRow& header, std::span<const std::string> places);

    /// How many columns each row must have.
    std::size_t width() const { return width_; }
    /// For each place, its column.
    std::span<const std::size_t> columns() const { return columns_; }

  private:
    std::vector<std::size_t> columns_;
    std::size_t width_ = 0;
};

/// A cell without the spaces around it.
std::string_view trimmed_cell(std::string_view cell);

} // namespace medibridge::connectors
