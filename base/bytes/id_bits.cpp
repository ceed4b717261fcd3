#include "base/bytes/id_bits.hpp"

#include "base/bytes/hash.hpp"

namespace medibridge::base {

/// 0 stands for a free slot, so no hash is 0.
std::uint64_t IdBits::hash(std::string_view id) {
    const auto hash = text_hash(id);
    return hash == 0 ? 1 : hash;
}

std::size_t IdBits::place_of(std::uint64_t hash) const {
    const auto mask = slots_.size() - 1;
    auto place = static_cast<std::size_t>(hash) & mask;
    while (slots_[place].hash != 0 && slots_[place].hash != hash)
        place = (place + 1) & mask;
    return place;
}

void IdBits::grow() {
    std::vector<Slot> old(slots_.empty() ? 64 : slots_.size() * 2);
    old.swap(slots_);
    for (const auto& slot : old) {
        if (slot.hash != 0) slots_[place_of(slot.hash)] = slot;
    }
}

std::uint64_t IdBits::add(std::string_view id, std::uint64_t bits) {
    if (size_ * 10 >= slots_.size() * 8) grow();
    const auto hashed = hash(id);
    auto& slot = slots_[place_of(hashed)];
    if (slot.hash == 0) {
        slot.hash = hashed;
        ++size_;
    }
    const auto added = bits & ~slot.bits;
    slot.bits |= bits;
    return added;
}

bool IdBits::contains(std::string_view id) const {
    return !slots_.empty() && slots_[place_of(hash(id))].hash != 0;
}

} // namespace medibridge::base
