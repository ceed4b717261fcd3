#pragma once

#include "reconcile/assess.hpp"
#include "sync/core/cycle_status.hpp"
#include "sync/core/decision.hpp"
#include "sync/core/settings.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace medibridge::sync {

/// New patients of whom one source's record cannot be decided before another source is written.
/// Two describe them in one cycle, and not alike: as different people, or one as dead or closed;
/// whichever came first would be created. Or another source gives their number to a linked patient,
/// whom they would stand beside a second time. Their records wait until every source was written,
/// and are decided together: different people are held as `ambiguous_source`.
///
/// With one source there are none, and nothing is kept.
class Contested {
  public:
    /// Both outlive it.
    Contested(const Rules& rules, Memory& memory) : rules_(&rules), memory_(&memory) {}

    /// Takes note of what the survey reads. Linked patients are not new; patients held as ambiguous
    /// are decided once all their records are known.
    void note(const Item& item);

    /// `source` says that a linked patient goes on as `survivor`: the records of others wait.
    void expect(const std::string& source, const std::string& survivor);

    /// Their other number could not be followed up: whoever is among `survivors` waits for another
    /// cycle.
    void leave(const std::set<std::string>& survivors);

    /// Moves the records of contested patients out of `records`.
    void set_aside(const std::string& source, std::vector<reconcile::Assessed>& records);

    /// Whether any records wait: they are not decided yet.
    bool holds_any() const { return !records_.empty(); }

    /// Records of one source, to be decided and written together.
    struct Group {
        std::string source;
        std::vector<reconcile::Assessed> records;
    };
    /// Once all sources are written: the records that were set aside, marked where nobody may be
    /// created from them. To be written in this order, one group after the other: who is held by
    /// what one source says, as the dead are, is held before another source is heard.
    /// `all_at_hand`: they are all that there are, so that only another record calls for more.
    std::vector<Group> take(bool all_at_hand);

  private:
    using BySource = std::map<std::string, reconcile::Assessed>;

    struct Noted {
        std::uint64_t description = 0;
        std::uint64_t source = 0;
    };

    void note(const std::string& source, const reconcile::Assessed& record);
    void contest(const std::string& external_id);
    bool waits(const std::string& source, const std::string& external_id) const;

    const Rules* rules_;
    Memory* memory_;
    std::unordered_map<std::uint64_t, Noted> noted_; ///< by the externalId's hash
    std::unordered_set<std::string> contested_;
    std::map<std::string, std::set<std::string>> expected_; ///< sources, by survivor
    std::set<std::string> left_;
    std::map<std::string, BySource> records_; ///< by externalId
    /// Those that were set aside, also where a later one of the source took their place.
    std::map<std::string, std::set<std::pair<std::string, reconcile::Digest>>> seen_;
};

} // namespace medibridge::sync
