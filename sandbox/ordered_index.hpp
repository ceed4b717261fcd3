#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <ext/pb_ds/assoc_container.hpp>
#include <ext/pb_ds/tree_policy.hpp>
#include <utility>
#include <vector>

namespace medibridge::sandbox {

using Slot = std::uint32_t;

/// The position of a patient in a list.
struct Place {
    std::int64_t key;
    Slot slot;
};

/// Ties are broken by slot.
struct BySlot {
    bool operator()(const Place& a, const Place& b) const {
        return std::pair(a.key, a.slot) < std::pair(b.key, b.slot);
    }
};

/// Patients in the order of a key, where the n-th is found in logarithmic time: a page far down a
/// long list costs no more than the first. `Less` orders places totally.
template <class Less>
class OrderedIndex {
  public:
    explicit OrderedIndex(Less less = Less()) : tree_(less) {}

    void insert(Place place) { tree_.insert(place); }
    void erase(Place place) { tree_.erase(place); }
    void clear() { tree_.clear(); }
    std::size_t size() const { return tree_.size(); }
    /// How many places come before this one.
    std::size_t rank(Place place) const { return tree_.order_of_key(place); }
    /// At most `count` slots from the n-th on.
    std::vector<Slot> slice(std::size_t from, std::size_t count) const {
        std::vector<Slot> slots;
        if (from >= size()) return slots;
        slots.reserve(std::min(count, size() - from));
        for (auto at = tree_.find_by_order(from); at != tree_.end() && slots.size() < count; ++at)
            slots.push_back(at->slot);
        return slots;
    }

  private:
    __gnu_pbds::tree<Place, __gnu_pbds::null_type, Less, __gnu_pbds::rb_tree_tag,
                     __gnu_pbds::tree_order_statistics_node_update>
        tree_;
};

} // namespace medibridge::sandbox
