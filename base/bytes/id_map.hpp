#pragma once

#include "base/bytes/hash.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace medibridge::base {

/// A value for each of many identifiers, of which it keeps 8 bytes each: a million with a number of
/// 8 bytes need 32 MiB. Two different identifiers collide once in 2^64 pairs.
template <typename Value>
class IdMap {
  public:
    /// The identifier's value; `Value()` if it was not there. Valid until the next one is added.
    Value& operator[](std::string_view id) {
        if (size_ * 10 >= slots_.size() * 8) grow();
        const auto its_hash = hash(id);
        auto& slot = slots_[place_of(its_hash)];
        if (slot.hash == 0) {
            slot.hash = its_hash;
            ++size_;
        }
        return slot.value;
    }
    /// Null: it is not there.
    const Value* find(std::string_view id) const {
        if (slots_.empty()) return nullptr;
        const auto& slot = slots_[place_of(hash(id))];
        return slot.hash == 0 ? nullptr : &slot.value;
    }
    bool contains(std::string_view id) const { return find(id) != nullptr; }
    std::size_t size() const { return size_; }

  private:
    struct Slot {
        std::uint64_t hash = 0; ///< 0: free
        [[no_unique_address]] Value value{};
    };

    static std::uint64_t hash(std::string_view id) {
        return std::max<std::uint64_t>(text_hash(id), 1);
    }

    std::size_t place_of(std::uint64_t hash) const {
        const auto mask = slots_.size() - 1;
        auto place = static_cast<std::size_t>(hash) & mask;
        while (slots_[place].hash != 0 && slots_[place].hash != hash)
            place = (place + 1) & mask;
        return place;
    }

    void grow() {
        std::vector<Slot> old(slots_.empty() ? 64 : slots_.size() * 2);
        old.swap(slots_);
        for (const auto& slot : old)
            if (slot.hash != 0) slots_[place_of(slot.hash)] = slot;
    }

    std::vector<Slot> slots_; ///< their number is a power of two
    std::size_t size_ = 0;
};

} // namespace medibridge::base
