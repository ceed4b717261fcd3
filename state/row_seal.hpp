#pragma once

#include "state/key_ring.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace medibridge::state {

/// Vouches for single rows of the state: a keyed SipHash-2-4 of everything that a row says, under a
/// key derived from the state's key. Whoever does not have the key cannot change a row, put another
/// patient's in its place, or make a new one. Cheap to copy; the key is wiped when the last copy
/// goes.
class RowSeal {
  public:
    static constexpr std::size_t key_size = 32;

    /// Throws std::invalid_argument unless the key has `key_size` bytes.
    explicit RowSeal(std::span<const std::uint8_t> state_key);
    /// Macs are under the newest key of the ring, and the former one's are right, too.
    explicit RowSeal(const KeyRing& ring);

    /// The mac of a row, spelled so that no two rows are spelled alike.
    std::int64_t mac(std::string_view row) const;
    /// Whether that row may have that mac.
    bool vouches(std::string_view row, std::int64_t mac) const;

  private:
    struct Key;
    static std::shared_ptr<const Key> derived(std::span<const std::uint8_t> state_key);

    std::shared_ptr<const Key> key_;
    std::shared_ptr<const Key> former_; ///< null: there is none
};

} // namespace medibridge::state
