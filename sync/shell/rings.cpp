#include "sync/shell/rings.hpp"

#include "sync/core/claims.hpp"
#include "sync/core/rings.hpp"

#include <unordered_map>
#include <utility>

namespace medibridge::sync {

using reconcile::Assessed;
using reconcile::HoldReason;
using runtime::Task;

namespace {

constexpr int longest_ring = 8;

/// The merges among some records.
class Merges {
  public:
    explicit Merges(const std::vector<Assessed>& records) : records_(&records) {
        for (std::size_t i = 0; i < records.size(); ++i)
            if (is_merge(records[i])) places_.emplace(records[i].patient.external_id(), i);
    }
    bool empty() const { return places_.empty(); }
    bool contains(const std::string& external_id) const { return places_.contains(external_id); }
    std::size_t place_of(const std::string& external_id) const { return places_.at(external_id); }
    const Assessed& of(const std::string& external_id) const {
        return (*records_)[place_of(external_id)];
    }

  private:
    const std::vector<Assessed>* records_;
    std::unordered_map<std::string, std::size_t> places_;
};

/// Whether the merge that is kept of that patient is how it is. A linked one is held for it.
bool is_in_force(const state::Known& known) {
    const bool held_for_it = known.held && (known.held->reason == HoldReason::merged_in_his ||
                                            known.held->reason == HoldReason::external_id_taken);
    return !known.redirect.empty() && (!known.link || held_for_it);
}

/// The merges from the record's back to its patient; empty: they do not lead there.
Task<std::vector<RingMerge>> ring_of(Context& context, const ShownPatients& shown,
                                     const Merges& merges, const Assessed& record) {
    const auto& id = record.patient.external_id();
    std::vector<RingMerge> ring{{record.modified_at, false, merges.place_of(id)}};
    auto next = record.merged_into;
    for (int i = 0; i < longest_ring; ++i) {
        if (shown.in_use(next)) break;
        if (merges.contains(next)) {
            const auto& other = merges.of(next);
            ring.push_back({other.modified_at, false, merges.place_of(next)});
            next = other.merged_into;
        } else {
            const auto known = (co_await context.env.database.look_up({next})).front();
            if (!is_in_force(known)) break;
            ring.push_back({known.merged_at, true, 0});
            next = known.redirect;
        }
        if (next == id) co_return ring;
    }
    co_return std::vector<RingMerge>();
}

} // namespace

Task<void> leave_overtaken(Context& context, const ShownPatients& shown,
                           std::vector<Assessed>& records) {
    const Merges merges(records);
    if (merges.empty()) co_return;
    std::vector<std::string> survivors;
    for (const auto& record : records)
        if (is_merge(record)) survivors.push_back(record.merged_into);
    const auto known = co_await context.env.database.look_up(survivors);
    std::vector<std::size_t> overtaken;
    std::size_t nth = 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (!is_merge(records[i])) continue;
        const bool may_go_on = merges.contains(survivors[nth]) || is_in_force(known[nth]);
        ++nth;
        if (!may_go_on) continue;
        const auto ring = co_await ring_of(context, shown, merges, records[i]);
        if (is_overtaken(ring)) overtaken.push_back(i);
    }
    for (const auto i : overtaken)
        records[i] = reconcile::unmerged(std::move(records[i]));
    std::erase_if(records, [](const Assessed& record) {
        return record.second_hand && record.merged_into.empty();
    });
}

Task<bool> closes_ring(Context& context, const Assessed& merge) {
    auto next = merge.merged_into;
    for (int i = 0; i < longest_ring && !next.empty(); ++i) {
        if (next == merge.patient.external_id()) co_return true;
        next = (co_await context.env.database.look_up({next})).front().redirect;
    }
    co_return false;
}

} // namespace medibridge::sync
