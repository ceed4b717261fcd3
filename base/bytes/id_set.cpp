#include "base/bytes/id_set.hpp"

#include "base/bytes/hash.hpp"

namespace medibridge::base {

/// 0 stands for a free slot, so no hash is 0.
std::uint64_t IdSet::hash(std::string_view id) {
    const auto hash = text_hash(id);
    return hash == 0 ? 1 : hash;
}

std::size_t IdSet::slot_of(std::uint64_t hash) const {
    const auto mask = slots_.size() - 1;
    auto slot = static_cast<std::size_t>(hash) & mask;
    while (slots_[slot] != 0 && slots_[slot] != hash)
        slot = (slot + 1) & mask;
    return slot;
}

void IdSet::grow() {
    std::vector<std::uint64_t> old(slots_.empty() ? 64 : slots_.size() * 2);
    old.swap(slots_);
    for (const auto hash : old) {
        if (hash != 0) slots_[slot_of(hash)] = hash;
    }
}

bool IdSet::insert(std::string_view id) {
    if (size_ * 10 >= slots_.size() * 8) grow();
    const auto its_hash = hash(id);
    auto& slot = slots_[slot_of(its_hash)];
    if (slot != 0) return false;
    slot = its_hash;
    ++size_;
    return true;
}

bool IdSet::contains(std::string_view id) const {
    return !slots_.empty() && slots_[slot_of(hash(id))] != 0;
}

} // namespace medibridge::base
