#pragma once

#include "base/bytes/id_set.hpp"
#include "sync/core/decision.hpp"
#include "sync/core/observations.hpp"
#include "sync/core/settings.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace medibridge::sync {

/// The records of a survey for which there is nothing to do, because both sides are as agreed. A
/// delta that is too large to be kept is read again: records that come again as they were are then
/// not looked up and decided a second time.
///
/// Only records of which a second decision would say the same: of linked patients of whom nothing
/// else is known or wanted, and where no other source has a say. To leave one out writes nothing.
class AgreedRecords {
  public:
    /// Takes note of an item that the survey has decided, if it is such a one.
    void note(const Rules& rules, const Observations& observations, const Item& item);

    /// Something has become known of these patients since.
    void except(const std::vector<std::string>& external_ids) {
        excepted_.insert(external_ids.begin(), external_ids.end());
    }

    /// Takes out of `records` those that were noted, and says how many. `repeated`: patients whom
    /// the pass has shown before; their records stay.
    std::int64_t take_out(const Observations& observations,
                          const std::unordered_set<std::string>& repeated,
                          std::vector<reconcile::Assessed>& records) const;

  private:
    std::optional<reconcile::Digest> key_; ///< of the marks; nothing: none was made
    base::IdSet records_;                  ///< their marks
    std::unordered_set<std::string> excepted_;
};

} // namespace medibridge::sync
