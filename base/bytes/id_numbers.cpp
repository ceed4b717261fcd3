#include "base/bytes/id_numbers.hpp"

#include "base/bytes/hash.hpp"

#include <algorithm>

namespace medibridge::base {

namespace {

/// 0 stands for a free slot, so no hash is 0.
std::uint64_t slot_hash(std::string_view id) {
    return std::max<std::uint64_t>(text_hash(id), 1);
}

} // namespace

std::size_t IdNumbers::slot_of(std::uint64_t hash) const {
    const auto mask = slots_.size() - 1;
    auto slot = static_cast<std::size_t>(hash) & mask;
    while (slots_[slot].hash != 0 && slots_[slot].hash != hash)
        slot = (slot + 1) & mask;
    return slot;
}

void IdNumbers::grow() {
    std::vector<Slot> old(slots_.empty() ? 64 : slots_.size() * 2);
    old.swap(slots_);
    for (const auto& slot : old)
        if (slot.hash != 0) slots_[slot_of(slot.hash)] = slot;
}

void IdNumbers::raise(std::string_view id, std::int64_t number) {
    if (size_ * 10 >= slots_.size() * 8) grow();
    const auto hash = slot_hash(id);
    auto& slot = slots_[slot_of(hash)];
    if (slot.hash == 0) {
        slot = {hash, number};
        ++size_;
    }
    slot.number = std::max(slot.number, number);
}

std::optional<std::int64_t> IdNumbers::find(std::string_view id) const {
    if (slots_.empty()) return std::nullopt;
    const auto& slot = slots_[slot_of(slot_hash(id))];
    return slot.hash == 0 ? std::nullopt : std::optional(slot.number);
}

} // namespace medibridge::base
