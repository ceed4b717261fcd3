#pragma once

#include "base/bytes/id_map.hpp"

namespace medibridge::base {

/// A set of identifiers that keeps 8 bytes of each: a million need 16 MiB. Two different
/// identifiers collide once in 2^64 pairs.
class IdSet {
  public:
    /// False if it was there already.
    bool insert(std::string_view id) {
        const auto before = ids_.size();
        ids_[id];
        return ids_.size() > before;
    }
    bool contains(std::string_view id) const { return ids_.contains(id); }
    std::size_t size() const { return ids_.size(); }

  private:
    struct Nothing {};
    IdMap<Nothing> ids_;
};

} // namespace medibridge::base
