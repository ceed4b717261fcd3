#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace medibridge::base {

/// Up to 64 yes-or-no facts of each identifier. Keeps 16 bytes of each: a million need 32 MiB. Two
/// different identifiers collide once in 2^64 pairs.
class IdBits {
  public:
    /// Sets these bits of the identifier, which is there from now on. Returns those that were not
    /// set before.
    std::uint64_t add(std::string_view id, std::uint64_t bits);
    bool contains(std::string_view id) const;
    std::size_t size() const { return size_; } ///< identifiers

  private:
    struct Slot {
        std::uint64_t hash = 0; ///< 0: free
        std::uint64_t bits = 0;
    };

    static std::uint64_t hash(std::string_view id);
    std::size_t place_of(std::uint64_t hash) const;
    void grow();

    std::vector<Slot> slots_; ///< their number is a power of two
    std::size_t size_ = 0;
};

} // namespace medibridge::base
