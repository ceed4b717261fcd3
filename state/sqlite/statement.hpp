#pragma once

#include "state/records.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

struct sqlite3_stmt;

namespace SQLite {
class Database;
} // namespace SQLite

namespace medibridge::state {

/// A statement that is compiled once and used many times. Spoken to without SQLiteCpp, which counts
/// an owner more of the statement for each column that is read.
class Prepared {
  public:
    Prepared(SQLite::Database& database, const char* sql);
    Prepared(Prepared&&) noexcept;
    ~Prepared();

  private:
    friend class Use;
    struct Finalise {
        void operator()(sqlite3_stmt* statement) const;
    };
    /// What is made of texts that are bound, so that it need not be made anew.
    struct Packed {
        std::map<int, std::vector<std::uint8_t>> ids; ///< by the place that they are bound to
        std::string fields;                           ///< a list of fields, often the last one
        std::optional<std::int64_t> fields_as_number; ///< nothing: it is another text
    };

    std::unique_ptr<sqlite3_stmt, Finalise> statement_;
    Packed packed_;
};

/// One use of a prepared statement: bind in order, then run() or row() by row. However it ends,
/// the statement is reset: a SELECT that is left open would pin a snapshot and block checkpoints.
///
/// Text and blobs are not copied: they must live until the use ends. Two uses of one statement must
/// not overlap.
class Use {
  public:
    explicit Use(Prepared& prepared);
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use();

    Use& bind(const std::string& text);
    Use& bind(std::int64_t number);
    Use& bind(std::optional<Instant> instant);
    Use& bind(std::span<const std::uint8_t> blob);
    Use& bind_id(const std::string& id);         ///< in the form of packed_text.hpp
    Use& bind_fields(const std::string& fields); ///< a list of fields, or any other text; likewise

    /// Runs a statement that answers no rows; how many rows it changed.
    int run();
    /// Goes to the next row; false after the last.
    bool row();

    // The current row's columns, from 0.
    std::string text(int column) const;
    std::int64_t number(int column) const;
    std::optional<Instant> instant(int column) const;
    std::span<const std::uint8_t> blob(int column) const; ///< valid until the next row
    bool is_null(int column) const;
    std::string id(int column) const;     ///< of bind_id, or of a text
    std::string fields(int column) const; ///< of bind_fields, or of a text

  private:
    /// Throws SQLite::Exception for a result that is not SQLITE_OK.
    void check(int result) const;
    /// Throws likewise unless the statement has stepped to a row or to its end.
    int step();

    sqlite3_stmt* statement_;
    Prepared::Packed& packed_;
    int bound_ = 0;
    bool stepped_ = false;
};

} // namespace medibridge::state
