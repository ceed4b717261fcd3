#pragma once

#include "sandbox/his_store.hpp"
#include "sandbox/times.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>

namespace medibridge::sandbox {

/// A HIS that drops its patients into a folder as CSV files (UTF-8, `;`, CR LF): everybody at
/// first, then whoever changed since.
class CsvDrop {
  public:
    /// `store` must outlive it. Makes the folder where it is missing; throws
    /// std::filesystem::filesystem_error where that fails.
    CsvDrop(const HisStore& store, std::filesystem::path directory);

    /// Drops a file, which is renamed into its place, if anybody changed; returns how many rows it
    /// has. A change that is dated before the last one dropped is not seen. Throws
    /// std::runtime_error where the file cannot be written.
    std::uint64_t drop();

  private:
    void append_row(std::string& out, const HisPatient& patient) const;
    std::filesystem::path free_name();

    const HisStore& store_;
    std::filesystem::path directory_;
    std::optional<Millis> last_;                    ///< of the modifications that were dropped
    std::unordered_map<Slot, std::string> at_last_; ///< the rows of that very second
    std::uint64_t files_ = 0;
};

} // namespace medibridge::sandbox
