#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace medibridge::base {

/// A number for each of many identifiers, in 16 bytes each: a million need 32 MiB. Two different
/// identifiers collide once in 2^64 pairs.
class IdNumbers {
  public:
    /// Keeps the number, or the larger one if the identifier has one already.
    void raise(std::string_view id, std::int64_t number);
    /// Nothing: the identifier has none.
    std::optional<std::int64_t> find(std::string_view id) const;

  private:
    struct Slot {
        std::uint64_t hash = 0; ///< 0: free
        std::int64_t number = 0;
    };

    std::size_t slot_of(std::uint64_t hash) const;
    void grow();

    std::vector<Slot> slots_; ///< their number is a power of two
    std::size_t size_ = 0;
};

} // namespace medibridge::base
