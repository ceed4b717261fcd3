#pragma once

#include "state/key_ring.hpp"
#include "state/records.hpp"
#include "state/row_seal.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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
    /// Older lines have their macs under the keys of their eras.
    explicit AuditSeal(const KeyRing& ring);

    /// The mac of a line, all members included, that follows the one whose mac is `previous`.
    Digest mac(const Digest& previous, const AuditEntry& entry) const;

    /// The mark as text that nobody without the key can write. `place` says where it is kept.
    std::string close(const AuditMark& mark, std::string_view place) const;
    /// Nothing if the text was made with another key or for another place, or was changed since.
    std::optional<AuditMark> open(std::string_view text, std::string_view place) const;

    /// For single rows, under a key of its own.
    const RowSeal& rows() const { return rows_; }

    /// Tells one key from another; kept in the state, and says nothing of the key.
    const std::string& key_check() const { return key_check_; }
    const KeyRing& ring() const { return ring_; }

  private:
    struct Key;
    struct Era {
        std::int64_t until_id;
        std::shared_ptr<const Key> key;
    };
    static std::shared_ptr<const Key> derived(const KeyBytes& its);
    const Key& key_of_line(std::int64_t id) const;

    KeyRing ring_;
    std::shared_ptr<const Key> key_;
    std::vector<Era> eras_;
    RowSeal rows_;
    std::string key_check_;
};

} // namespace medibridge::state
