#pragma once

#include "base/bytes/id_map.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace medibridge::base {

struct NoValue {};

/// A set of identifiers that keeps 60 bits of each: a million need 7 MiB. See IdMap.
class IdSet : private IdMap<NoValue> {
  public:
    /// False if it was there already.
    bool insert(std::string_view id) { return put(id).second; }
    /// Those of another set.
    void insert(const IdSet& others) {
        reserve(others.size());
        others.each_hash([this](std::uint64_t hash, Place) { put_hash(hash); });
    }
    using IdMap::contains;
    using IdMap::size;

  private:
    friend class IdMarks;
};

/// Which identifiers of a set have come, in a bit each. The set must stay as it is meanwhile.
class IdMarks {
  public:
    explicit IdMarks(const IdSet& set) : set_(&set) {
        for (const auto places : set.places())
            marks_.emplace_back(places, false);
    }

    bool contains(std::string_view id) const {
        const auto place = set_->place(id);
        return place && marks_[place->table][place->number];
    }
    /// Marks one of the set. False: it was marked before.
    bool insert(std::string_view id) {
        const auto place = set_->place(id);
        if (!place || marks_[place->table][place->number]) return false;
        marks_[place->table][place->number] = true;
        ++size_;
        return true;
    }
    std::size_t size() const { return size_; }

    /// Those that are marked, as a set.
    IdSet marked() const {
        IdSet found;
        found.reserve(size_);
        set_->each_hash([&](std::uint64_t hash, IdSet::Place place) {
            if (marks_[place.table][place.number]) found.put_hash(hash);
        });
        return found;
    }

  private:
    const IdSet* set_;
    std::vector<std::vector<bool>> marks_; ///< by table and place
    std::size_t size_ = 0;
};

} // namespace medibridge::base
