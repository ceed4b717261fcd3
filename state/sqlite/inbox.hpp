#pragma once

#include "state/batch.hpp"
#include "state/sqlite/statement.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace medibridge::state {

/// What is written of the inbox; as Changes.
class InboxWrites {
  public:
    explicit InboxWrites(SQLite::Database& database);

    void apply(const Batch::PutInbox& change);
    void apply(const Batch::PutReceipt& change);
    void apply(const Batch::TakeInbox& change);
    /// Of every source.
    void forget(const std::string& key, bool only_taken);

  private:
    Prepared put_;
    Prepared put_receipt_;
    Prepared last_receipt_;
    Prepared trim_receipts_;
    Prepared take_;
    Prepared trim_nameless_;
    Prepared forget_;
};

/// What is read of the inbox; as Queries.
class InboxQueries {
  public:
    explicit InboxQueries(SQLite::Database& database);

    std::optional<InboxEntry> entry(const std::string& source, const std::string& key);
    std::int64_t newest(const std::string& source);
    std::vector<InboxEntry> after(const std::string& source, bool only_new, std::int64_t after,
                                  std::size_t limit);
    std::vector<InboxEntry> nameless(const std::string& source, std::size_t limit);
    InboxLoad load(const std::string& source);
    std::map<std::string, InboxLoad> waiting();
    std::optional<InboxReceipt> receipt(const std::string& source, const Digest& content);

  private:
    Prepared entry_;
    Prepared newest_;
    Prepared after_;
    Prepared new_after_;
    Prepared nameless_;
    Prepared load_;
    Prepared sources_;
    Prepared receipt_;
};

} // namespace medibridge::state
