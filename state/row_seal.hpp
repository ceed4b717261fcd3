#pragma once

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

    /// The mac of a row, spelled so that no two rows are spelled alike.
    std::int64_t mac(std::string_view row) const;

  private:
    struct Key;
    std::shared_ptr<const Key> key_;
};

} // namespace medibridge::state
