#pragma once

#include "state/row_seal.hpp"
#include "state/sqlite/file.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace medibridge::state {

/// This machine's clock, as Unix time.
std::int64_t machine_now_ms();

/// A state file in the hands of its one owner, and what one owner vouches for to the next: that the
/// file was found whole, and each of its rows as medibridge wrote it, and that nobody has written
/// to it since. Then the next one need not read all of it again before it does anything.
///
/// The word of it stands in the lock file. It holds for a day, as disks lose bits by themselves,
/// and only as long as the file is the same one, of the same size and with the same times; an owner
/// takes it away as it begins, so that none is left by one that is killed. Who does not have the
/// state's key cannot give it.
class Ownership {
  public:
    static constexpr std::int64_t holds_for_ms = 24L * 60 * 60 * 1000;

    /// Takes the lock, and makes the file if it is missing: throws StoreError as Lock and
    /// prepare_file do.
    explicit Ownership(std::filesystem::path path);
    Ownership(const Ownership&) = delete;
    Ownership& operator=(const Ownership&) = delete;
    /// Once the database is closed: leaves the word, if there is one to give.
    ~Ownership();

    const std::filesystem::path& path() const { return path_; }
    /// False: somebody moved or removed the file.
    bool is_in_place() const { return FileIdentity(path_) == identity_; }

    /// To be called before the file is opened: when it was found whole, by the former owner's word;
    /// nothing: that cannot be relied on.
    std::optional<std::int64_t> former_word(const RowSeal& seal, std::int64_t now_ms) const;
    /// The word to leave at the end: the file was found whole then.
    void vouch(std::int64_t whole_at_ms, const RowSeal& seal) { word_ = {whole_at_ms, seal}; }

  private:
    struct Word {
        std::int64_t whole_at_ms;
        RowSeal seal;
    };

    Lock lock_;
    std::filesystem::path path_;
    std::string former_;
    FileIdentity identity_;
    std::optional<Word> word_;
};

} // namespace medibridge::state
