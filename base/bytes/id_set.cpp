#include "base/bytes/id_set.hpp"

namespace medibridge::base {

std::uint64_t IdSet::hash(std::string_view id) {
    // FNV-1a with a final mix: the identifiers come from two trusted servers, so collisions are
    // accidents, not attacks.
    std::uint64_t hash = 0xcbf29ce484222325u;
    for (const unsigned char byte : id)
        hash = (hash ^ byte) * 0x100000001b3u;
    hash ^= hash >> 32;
    hash *= 0xd6e8feb86659fd93u;
    hash ^= hash >> 32;
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
    auto& slot = slots_[slot_of(hash(id))];
    if (slot != 0) return false;
    slot = hash(id);
    ++size_;
    return true;
}

bool IdSet::contains(std::string_view id) const {
    return !slots_.empty() && slots_[slot_of(hash(id))] != 0;
}

} // namespace medibridge::base
