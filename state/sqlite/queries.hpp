#pragma once

#include "state/facts.hpp"
#include "state/sqlite/statement.hpp"
#include "state/store.hpp"

namespace medibridge::state {

/// Everything that is read. Throws StoreError for rows that this program cannot have written, and
/// SQLite's own exceptions.
class Queries {
  public:
    explicit Queries(SQLite::Database& database);

    /// Everything known of each, in their order: to be called within one transaction.
    std::vector<Known> known(const std::vector<std::string>& external_ids);
    std::optional<Link> link_to(const std::string& medicapp_id);
    std::vector<Link> links_modified_last(std::size_t limit);
    bool has_links_from(const std::string& source);
    /// Unlinked patients without externalId, each once.
    std::vector<Unlinked> matching(const std::vector<Digest>& keys);
    std::vector<std::string> related(const std::string& external_id); ///< Store::related()
    std::vector<Intent> intents();
    std::vector<Held> held();
    std::vector<std::optional<Unlinked>> unlinked(const std::vector<std::string>& medicapp_ids);
    std::vector<Held> held_about(const std::vector<std::string>& medicapp_ids);
    std::vector<Tombstone> tombstones_of(const std::vector<std::string>& medicapp_ids);
    Watermark watermark(const std::string& side);
    std::string meta(const std::string& key);
    Waiting waiting();
    std::vector<OperatorDecision> decisions();
    /// The links that follow the one of `external_id` in the order of the table, at most `limit`.
    std::vector<Link> links_after(const std::string& external_id, std::size_t limit);
    /// Medicapp's ids that follow this one among those of all links, at most `limit`.
    std::vector<std::string> linked_ids_after(const std::string& medicapp_id, std::size_t limit);
    /// Checks every row that has a mac.
    AlteredRows find_altered(std::size_t limit);
    /// All tombstones, redirects and prior identifiers.
    std::vector<Fact> facts();

  private:
    Known known(const std::string& external_id, std::int64_t filled);
    Unlinked unlinked_row(Use& use);

    Prepared filled_;
    Prepared known_;
    Prepared link_;
    Prepared link_to_;
    Prepared links_after_;
    Prepared linked_ids_after_;
    Prepared links_modified_last_;
    Prepared has_links_from_;
    Prepared intent_;
    Prepared intents_;
    Prepared held_;
    Prepared all_held_;
    Prepared ignored_;
    Prepared divergence_;
    Prepared unlinked_with_id_;
    Prepared held_about_;
    Prepared tombstone_;
    Prepared tombstones_;
    Prepared refusal_;
    Prepared redirect_;
    Prepared related_;
    Prepared unlinked_;
    Prepared unlinked_with_key_;
    Prepared unlinked_keys_;
    Prepared watermark_;
    Prepared meta_;
    Prepared waiting_;
    Prepared decision_;
    Prepared decisions_;
    Prepared taken_;
    Prepared told_apart_;
    Prepared facts_;
    std::vector<Prepared> altered_;
};

} // namespace medibridge::state
