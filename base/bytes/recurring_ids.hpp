#pragma once

#include "base/bytes/id_set.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace medibridge::base {

/// The identifiers of one pass, of which most are taken to be those of a pass before: each of these
/// takes a bit, and only the others 7 bytes.
class RecurringIds {
  public:
    RecurringIds() : RecurringIds(nullptr) {}
    /// `before` must stay as it is meanwhile; null: there is none.
    explicit RecurringIds(std::shared_ptr<IdSet> before)
        : before_(std::move(before)),
          new_(std::make_shared<IdSet>()) {
        if (before_) again_.emplace(*before_);
    }
    RecurringIds(RecurringIds&&) = default; // a copy would add to the same set
    RecurringIds& operator=(RecurringIds&&) = default;

    /// False if it was there already.
    bool insert(std::string_view id) {
        return before_ && before_->contains(id) ? again_->insert(id) : new_->insert(id);
    }
    bool contains(std::string_view id) const {
        return (again_ && again_->contains(id)) || new_->contains(id);
    }
    std::size_t size() const { return new_->size() + (again_ ? again_->size() : 0); }
    /// Whether all of the pass before have come.
    bool has_all_before() const { return !before_ || again_->size() == before_->size(); }

    /// What a further pass is taken to show: nothing may come here any more.
    std::shared_ptr<IdSet> expected() const { return before_ ? before_ : new_; }
    /// All of them. If nobody else has the set of the pass before, its memory is used again.
    std::shared_ptr<IdSet> take() {
        if (!before_) return std::exchange(new_, nullptr);
        const bool unshared = before_.use_count() == 1;
        auto all = has_all_before() && (unshared || new_->size() == 0)
                       ? before_
                       : std::make_shared<IdSet>(again_->marked());
        if (new_->size() > 0) all->insert(*new_);
        return all;
    }

  private:
    std::shared_ptr<IdSet> before_;
    std::optional<IdMarks> again_; ///< of those before
    std::shared_ptr<IdSet> new_;
};

} // namespace medibridge::base
