#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace medibridge::base {

/// A value for each of many hashes, of which it keeps the last `parts` times 16 bits. Grows by a
/// half while that is little, then by an eighth, and is at least three quarters full then.
template <std::size_t parts, typename Value>
class IdTable {
  public:
    /// The value of the hash, `Value()` if it was not there, and whether it is new. Valid until the
    /// next one is added.
    std::pair<Value&, bool> put(std::uint64_t hash) {
        if (size_ * 8 >= slots_.size() * 7) grow();
        auto& slot = slots_[place_of(key_of(hash))];
        const bool is_new = slot.key() == free;
        if (is_new) {
            slot.set(key_of(hash));
            ++size_;
        }
        return {slot.value, is_new};
    }
    /// Null: it is not there.
    const Value* find(std::uint64_t hash) const {
        if (slots_.empty()) return nullptr;
        const auto& slot = slots_[place_of(key_of(hash))];
        return slot.key() == free ? nullptr : &slot.value;
    }
    std::size_t size() const { return size_; }
    /// Room for so many in all.
    void reserve(std::size_t size) {
        const auto slots = size * 8 / 7 + 1;
        if (slots > slots_.size()) resize(slots);
    }

    /// The number of the hash's place, until another one is added.
    std::optional<std::size_t> place(std::uint64_t hash) const {
        if (slots_.empty()) return std::nullopt;
        const auto place = place_of(key_of(hash));
        return slots_[place].key() == free ? std::nullopt : std::optional(place);
    }
    std::size_t places() const { return slots_.size(); } ///< all their numbers are below it

    /// Calls `visit` with what is kept of each hash, its value and its place, in the order of the
    /// hashes: whoever puts them into another table reserves room first, or all crowd together.
    template <typename Visit>
    void each(Visit visit) const {
        for (std::size_t i = 0; i < slots_.size(); ++i)
            if (slots_[i].key() != free) visit(slots_[i].key(), slots_[i].value, i);
    }

  private:
    using Key = std::uint64_t;

    static constexpr Key free = 0;
    static constexpr unsigned bits = 16 * parts;

    struct Slot {
        std::array<std::uint16_t, parts> kept{};
        [[no_unique_address]] Value value{};

        Key key() const {
            Key all = 0;
            for (std::size_t i = parts; i-- > 0;)
                all = all << 16U | kept[i];
            return all;
        }
        void set(Key key) {
            for (std::size_t i = 0; i < parts; ++i)
                kept[i] = static_cast<std::uint16_t>(key >> (16 * i));
        }
    };

    static Key key_of(std::uint64_t hash) {
        constexpr auto all = ~Key{0} >> (64 - bits);
        return std::max<Key>(hash & all, free + 1);
    }

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
        constexpr std::size_t least = 16;
        constexpr std::size_t large = std::size_t{1} << 17U;
        const auto now = slots_.size();
        const bool of_many = parts < 4; // tables, of which none is a large part of the whole
        resize(std::max(least, now >= large || of_many ? now * 9 / 8 : now * 3 / 2));
    }

    void resize(std::size_t slots) {
        std::vector<Slot> old(slots);
        old.swap(slots_);
        for (const auto& slot : old)
            if (slot.key() != free) slots_[place_of(slot.key())] = slot;
    }

    std::vector<Slot> slots_;
    std::size_t size_ = 0;
};

} // namespace medibridge::base
