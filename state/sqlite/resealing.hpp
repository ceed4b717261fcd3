#pragma once

#include "state/key_ring.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace SQLite {
class Database;
}

namespace medibridge::state {

/// Seals what a former key sealed with the newest one, some rows at a time: rows with a mac, and
/// what senders handed over. What it has done need not be kept: a row that is done is passed over.
class Resealing {
  public:
    explicit Resealing(SQLite::Database& database) : database_(&database) {}

    /// Goes on by about so many rows, inside the caller's transaction. False: all is done. Throws
    /// SQLite's own exceptions.
    bool some(const KeyRing& ring, std::size_t rows);

  private:
    void rows_with_mac(std::size_t rows);
    void sealed_texts(const KeyRing& ring, bool receipts, std::size_t rows);
    void go_to_next_table();

    SQLite::Database* database_;
    std::size_t table_ = 0;
    std::string last_key_;
    std::int64_t last_id_ = 0;
};

} // namespace medibridge::state
