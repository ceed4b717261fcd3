#pragma once

#include "state/records.hpp"
#include "state/row_seal.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace medibridge::state {

/// A place in the audit: a line, and its mac, which vouches for that line and all before it.
struct AuditMark {
    std::int64_t id = 0;
    Digest mac{};
};

/// Chains the lines of the audit: each has a mac, a keyed BLAKE2b-128 of itself and of the mac
/// before it, under a key derived from the state's key. Whoever does not have the key cannot
/// change, insert, remove or exchange lines without breaking the chain. Cheap to copy; the key is
/// wiped when the last copy goes.
class AuditSeal {
  public:
    static constexpr std::size_t key_size = 32;

    /// Throws std::invalid_argument unless the key has `key_size` bytes.
    explicit AuditSeal(std::span<const std::uint8_t> state_key);

    /// The mac of a line, all members included, that follows the one whose mac is `previous`.
    Digest mac(const Digest& previous, const AuditEntry& entry) const;

    /// The mark as text that nobody without the key can write. `place` says where it is kept.
    std::string close(const AuditMark& mark, std::string_view place) const;
    /// Nothing if the text was made with another key or for another place, or was changed since.
    std::optional<AuditMark> open(std::string_view text, std::string_view place) const;

    /// For single rows, under a key of its own.
    const RowSeal& rows() const { return rows_; }

    /// Tells one state's key from another; kept in the state, and says nothing of the key.
    const std::string& key_check() const { return key_check_; }

  private:
    struct Key;
    std::shared_ptr<const Key> key_;
    RowSeal rows_;
    std::string key_check_;
};

} // namespace medibridge::state
