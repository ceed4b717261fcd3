#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace medibridge::base {

/// A set of identifiers that keeps 8 bytes of each: a million need 16 MiB. Two different
/// identifiers collide once in 2^64 pairs.
class IdSet {
  public:
    /// False if it was there already.
    bool insert(std::string_view id);
    bool contains(std::string_view id) const;
    std::size_t size() const { return size_; }

  private:
    static std::uint64_t hash(std::string_view id);
    std::size_t slot_of(std::uint64_t hash) const;
    void grow();

    std::vector<std::uint64_t> slots_; ///< their number is a power of two; 0: free
    std::size_t size_ = 0;
};

} // namespace medibridge::base
