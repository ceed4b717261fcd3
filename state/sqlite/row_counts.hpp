#pragma once

#include "state/sqlite/statement.hpp"
#include "state/store.hpp"

namespace medibridge::state {

/// How many rows there are, kept in the commits that change it: counting a million links at every
/// cycle would cost more than the rest of a cycle in which nothing happens. Throws SQLite's own
/// exceptions.
class RowCounts {
  public:
    /// As the last commit kept them; counted if there is nothing usable.
    explicit RowCounts(SQLite::Database& database);

    const Counts& now() const { return now_; } ///< as of the last commit

    /// To be called as a transaction begins: what an earlier one that failed has noted is
    /// forgotten.
    void begin() { next_ = now_; }
    /// What the transaction makes of them.
    Counts& next() { return next_; }
    /// To be called before the transaction is committed.
    void finish();
    /// To be called after it.
    void commit() { now_ = next_; }

    /// The truth. Reads an index of each table.
    Counts count();

  private:
    Prepared count_;
    Prepared put_;
    Counts now_;
    Counts next_;
};

/// Makes the first ones, for a schema in which they are kept.
void start_row_counts(SQLite::Database& database);

} // namespace medibridge::state
