#pragma once

#include "state/sqlite/statement.hpp"

#include <cstdint>
#include <limits>

namespace medibridge::state {

/// Makes the file as small as its rows allow once they have become many: a page that rows were put
/// into one by one is a fifth empty, so that a first load leaves the file a tenth larger than it
/// need be.
class Compaction {
  public:
    /// Fewer links are not worth it.
    static constexpr std::int64_t few_links = 1'000;
    static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

    Compaction(SQLite::Database& database, std::int64_t from_links);

    /// Whether there are twice as many links as when it was last done, or tried by this process,
    /// and the file is not so large that whoever needs the state meanwhile would wait too long.
    bool is_due(std::int64_t links);
    /// Takes about three seconds for a million links, and twice the file's room on the disk. False:
    /// there was no room, or the disk failed, and the file is as it was. Throws SQLite's own
    /// exceptions for anything else. No transaction may be open.
    bool run(std::int64_t links);

  private:
    std::int64_t bytes();

    SQLite::Database* database_;
    Prepared put_;
    std::int64_t from_links_;
    std::int64_t done_at_links_ = 0;
};

} // namespace medibridge::state
