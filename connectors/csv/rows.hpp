#pragma once

#include "connectors/csv/decoder.hpp"
#include "connectors/mapping/raw_value.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::connectors {

/// Limits beyond which a file is taken to be wrong.
struct CsvLimits {
    static constexpr std::size_t cell = 64 << 10; ///< bytes in UTF-8
    static constexpr std::size_t row = 1 << 20;   ///< likewise
    static constexpr std::size_t columns = 1000;
};

/// Why a file cannot be read.
struct CsvFault {
    std::size_t line = 0; ///< from 1; 0: the file as a whole
    std::string what;     ///< what is wrong and how to fix it; never a value
};

/// The cells of a row.
class CsvRow {
  public:
    std::size_t line = 0; ///< where it begins, from 1

    std::size_t size() const { return ends_.size(); }
    std::string_view operator[](std::size_t column) const;

    void clear();
    /// False, and nothing is added, if the row would be too large.
    bool add(std::string_view cell);

  private:
    std::string text_;
    std::vector<std::size_t> ends_;
};

/// Splits a file into rows (RFC 4180, with any delimiter and any line end), and never holds more
/// than a block and a row. Drops spaces around a cell that is not quoted, blank lines, and a Ctrl-Z
/// (0x1A) with its padding at the end of the file.
class CsvRows {
  public:
    /// Puts bytes into the buffer and says how many; 0 at the end. It may throw.
    using Read = std::function<std::size_t(char* buffer, std::size_t size)>;
    enum class Next { row, end, fault };

    /// Throws std::invalid_argument for an encoding that ICU does not know.
    CsvRows(Read read, char delimiter, const std::string& encoding);
    ~CsvRows();
    CsvRows(const CsvRows&) = delete;
    CsvRows& operator=(const CsvRows&) = delete;

    /// Do not call it after `end` or `fault`. Throws what `read` throws.
    Next next(CsvRow& row);
    /// After `fault`.
    const CsvFault& fault() const { return fault_; }
    /// Whether the last row that was given had a line end behind it.
    bool ended_by_line() const { return ended_by_line_; }
    /// Set if the bytes so far show that the file is in another encoding than configured.
    std::optional<CsvFault> encoding_fault() const;

  private:
    struct Parser;

    bool refill();
    void hold_end_mark();
    bool parse(std::string_view piece);
    Next finish(CsvRow& row);
    std::string_view take_line();
    Next fail(std::size_t line, std::string what);
    Next explain();

    Read read_;
    CsvDecoder decoder_;
    std::unique_ptr<Parser> parser_;
    std::string block_;
    std::string text_;     ///< decoded, from `at_` on not parsed yet
    std::string end_mark_; ///< decoded, if nothing follows it
    bool begun_ = false;   ///< a text has been decoded
    std::size_t at_ = 0;
    std::size_t line_ = 1; ///< of text_[at_]
    std::size_t row_line_ = 1;
    bool open_ = false; ///< a row has begun
    bool after_return_ = false;
    bool at_end_ = false;
    bool decoded_ = true;
    bool ended_by_line_ = true;
    CsvFault fault_;
};

/// Which columns of a file hold the places of a mapping, by the header.
class CsvColumns {
  public:
    CsvColumns() = default;

    /// Why the file cannot be read with this header, or nothing. `places` are headers of columns,
    /// without regard to spaces around them or to their order.
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
