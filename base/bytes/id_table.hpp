#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace medibridge::base {

/// Of the 16 bits that hold a hash's marks, the n-th mark.
constexpr std::uint16_t id_mark(unsigned n) {
    return static_cast<std::uint16_t>(0x8000U >> n);
}

/// A value, and `marks` marks, for each of many hashes of `bits` bits, together in `parts` times 16
/// bits. Grows by a half while that is little, then by an eighth, and is at least three quarters
/// full then. A table with marks forgets the hashes without any as it grows.
template <std::size_t parts, unsigned bits, unsigned marks, typename Value>
class IdTable {
    static_assert(bits >= 32 && bits + marks <= 16 * parts && marks < 16);

  public:
    struct Slot {
        std::uint64_t key() const {
            std::uint64_t all = 0;
            for (std::size_t i = parts; i-- > 0;)
                all = all << 16U | kept[i];
            return all & all_keys;
        }
        void set(std::uint64_t key) {
            for (std::size_t i = 0; i < parts; ++i)
                kept[i] = static_cast<std::uint16_t>(key >> (16 * i));
        }
        auto& marked(this auto& self) { return self.kept.back(); } ///< by id_mark(); and the key's
        bool is_used() const { return marks == 0 || (kept.back() >> (16 - marks)) != 0; }

        std::array<std::uint16_t, parts> kept{};
        [[no_unique_address]] Value value{};
    };

    /// The slot of the hash, valid until the next one is added, and whether it is new: `Value()`
    /// and no marks.
    std::pair<Slot&, bool> put(std::uint64_t hash) {
        if (size_ * 8 >= slots_.size() * 7) grow();
        auto& slot = slots_[place_of(key_of(hash))];
        const bool is_new = slot.key() == free;
        if (is_new) {
            slot.set(key_of(hash));
            ++size_;
        }
        return {slot, is_new};
    }
    /// Null: it is not there.
    const Slot* find(std::uint64_t hash) const {
        if (slots_.empty()) return nullptr;
        const auto& slot = slots_[place_of(key_of(hash))];
        return slot.key() == free ? nullptr : &slot;
    }
    std::size_t size() const { return size_; }
    std::size_t room() const { return slots_.size(); }
    /// Room for so many in all.
    void reserve(std::size_t size) {
        const auto slots = std::max(least, size * 8 / 7 + 1);
        if (slots > slots_.size()) resize(slots);
    }

    /// Calls `visit` with each slot, in the order of the hashes: whoever puts them into another
    /// table reserves room first, or all crowd together.
    template <typename Self, typename Visit>
    void each(this Self& self, Visit visit) {
        for (auto& slot : self.slots_)
            if (slot.key() != free) visit(slot);
    }

  private:
    using Key = std::uint64_t;

    static constexpr Key free = 0;
    /// With fewer slots, none might stay free, and whoever is not there be looked for without end.
    static constexpr std::size_t least = 16;
    static constexpr Key all_keys = ~Key{0} >> (64 - bits);

    static Key key_of(std::uint64_t hash) { return std::max<Key>(hash & all_keys, free + 1); }

    /// Where the key is, or would be: its first 32 bits spread the keys.
    std::size_t place_of(Key key) const {
        auto place = static_cast<std::size_t>((key >> (bits - 32)) * slots_.size() >> 32U);
        for (;;) {
            const auto there = slots_[place].key();
            if (there == free || there == key) return place;
            place = place + 1 == slots_.size() ? 0 : place + 1;
        }
    }

    void grow() {
        constexpr std::size_t large = std::size_t{1} << 17U;
        const auto now = slots_.size();
        const bool of_many = parts < 4; // tables, of which none is a large part of the whole
        const auto used = std::ranges::count_if(
            slots_, [](const Slot& slot) { return slot.key() != free && slot.is_used(); });
        if (static_cast<std::size_t>(used) < size_ * 3 / 4) return resize(now);
        resize(std::max(least, now >= large || of_many ? now * 9 / 8 : now * 3 / 2));
    }

    void resize(std::size_t slots) {
        std::vector<Slot> old(slots);
        old.swap(slots_);
        size_ = 0;
        for (const auto& slot : old) {
            if (slot.key() == free || !slot.is_used()) continue;
            slots_[place_of(slot.key())] = slot;
            ++size_;
        }
    }

    std::vector<Slot> slots_;
    std::size_t size_ = 0;
};

} // namespace medibridge::base
