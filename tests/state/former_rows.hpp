#pragma once

#include "state/records.hpp"
#include "state/sqlite/schema.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

/// Rows as they were before schema version 9: ids as text, sixteen bytes a digest, of which the
/// fronts are those of a record today.
namespace medibridge::state::test {

/// Of both sides of a link, behind a mask of three bits a field.
std::vector<std::uint8_t> former_pair(const FieldDigests& his, const FieldDigests& medicapp);

/// Makes a state of that version, to put such rows in. They are sealed with the key of all states
/// of these tests.
class FormerState {
  public:
    FormerState(const std::filesystem::path& path, std::size_t version);
    ~FormerState();
    FormerState(const FormerState&) = delete;
    FormerState& operator=(const FormerState&) = delete;

    void put(const Link& link);
    void put(const Intent& intent);
    /// `entry.id` and `entry.at_ms` count.
    void put(const AuditEntry& entry);
    void run(const std::string& sql);
    void seal_audit(); ///< once all lines are there

  private:
    std::unique_ptr<SQLite::Database> database_;
};

} // namespace medibridge::state::test
