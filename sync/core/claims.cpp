#include "sync/core/claims.hpp"

#include "reconcile/identity.hpp"
#include "reconcile/instant.hpp"
#include "sync/core/events.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace medibridge::sync {

using reconcile::Assessed;

namespace {

std::string claim_key(const std::string& source, const Assessed& claim) {
    return source + '\n' + claim.patient.external_id() + '\n' + claim.merged_into;
}

/// Whether what refuted the claim does so still: it may be stated anew, later than a record that
/// arrived.
bool stands_against(const Refutation& known, const Assessed& claim) {
    return !known.at || !claim.modified_at || *known.at >= *claim.modified_at;
}

bool refutes(const std::string& witness, const ShownPatients& shown, const std::string& source,
             const Assessed& claim) {
    return witness == source ? shown.in_use(claim.patient.external_id())
                             : shown.stands_against(claim);
}

/// A source's own record in use refutes its claims whatever its time.
Refutation refutation(const std::string& source, const std::string& witness,
                      const ShownPatients& shown, const Assessed& claim) {
    if (witness == source) return {witness, std::nullopt};
    return {witness, shown.arrived_at(claim.patient.external_id())};
}

/// Whether a record that states its own patient's merge says besides that nothing of them may be
/// sent.
bool speaks_besides(const Assessed& claim) {
    return !claim.second_hand && claim.hold_unmerged;
}

std::string time_text(const std::optional<reconcile::Instant>& time) {
    if (!time) return {};
    return " of " + reconcile::format_rfc3339(*time, reconcile::Precision::milliseconds);
}

/// Whether the claim concerns a patient in Medicapp, or one who was erased there, and is not
/// settled already.
bool matters(const Assessed& claim, const state::Known& known) {
    const bool held_for_it =
        known.held && known.held->reason == reconcile::HoldReason::merged_in_his;
    if (known.redirect == claim.merged_into && held_for_it) return false;
    return known.link || known.unlinked || known.tombstone;
}

} // namespace

bool is_merge(const Assessed& record) {
    return !record.merged_into.empty() && !record.patient.external_id().empty();
}

void Claims::take_witness(const std::string& source, Witness witness) {
    witnesses_[source] = std::move(witness);
}

std::optional<bool> Claims::shows_survivor(const std::string& source,
                                           const Assessed& record) const {
    if (std::ranges::any_of(witnesses_, [&](const auto& witness) {
            return witness.second.shown->contains(record.merged_into);
        }))
        return true;
    const auto own = witnesses_.find(source);
    if (own == witnesses_.end()) return std::nullopt;
    // Whoever is in the list is known, also where a poll does not show them again. A message may be
    // about people whom this installation never had.
    const bool tells =
        own->second.whole || !record.arrived || reconcile::says_who_it_is(record.patient);
    return tells ? std::optional(false) : std::nullopt;
}

bool Claims::is_refuted(const std::string& source, const Assessed& claim) const {
    const auto known = memory_->refuted.find(claim_key(source, claim));
    return (known != memory_->refuted.end() && stands_against(known->second, claim)) ||
           refutation_by_another(source, claim);
}

std::optional<Refutation> Claims::refutation_by_another(const std::string& source,
                                                        const Assessed& claim) const {
    const auto known = memory_->refuted.find(claim_key(source, claim));
    if (known != memory_->refuted.end() && known->second.source != source &&
        stands_against(known->second, claim))
        return known->second;
    for (const auto& [name, witness] : witnesses_)
        if (name != source && refutes(name, *witness.shown, source, claim))
            return refutation(source, name, *witness.shown, claim);
    return std::nullopt;
}

std::optional<Assessed> Claims::left_of(const std::string& source, const Assessed& claim) const {
    if (!speaks_besides(claim) || !refutation_by_another(source, claim)) return std::nullopt;
    return reconcile::unmerged(claim);
}

Effects Claims::tell(const std::string& source, const Assessed& claim) {
    Effects effects;
    const bool full = memory_->told_refuted.size() >= limits::claims_set_aside;
    const auto by = refutation_by_another(source, claim);
    if (full || !by || !memory_->told_refuted.insert(claim_key(source, claim)).second)
        return effects;
    effects.events.push_back(log::Event(events::merge_refuted)
                                 .with(log::Key::source, source)
                                 .with(log::Key::patient, claim.patient.external_id())
                                 .with(log::Key::reason, "in use in source " + by->source));
    effects.changes.audit({claim.patient.external_id(),
                           {},
                           merge_refuted_action,
                           "into " + claim.merged_into + ", source " + source +
                               time_text(claim.modified_at) + ": in use in source " + by->source +
                               time_text(by->at),
                           {}});
    return effects;
}

std::vector<Assessed> Claims::open(const std::string& source, std::vector<Assessed> claims,
                                   std::vector<Assessed>& records) {
    std::erase_if(records, [&claims](Assessed& record) {
        if (!is_merge(record)) return false;
        claims.push_back(std::move(record));
        return true;
    });
    std::erase_if(claims, [&](const Assessed& claim) {
        if (!is_merge(claim)) return true;
        const bool refuted = is_refuted(source, claim);
        if (refuted) disputed_.emplace(claim.merged_into, claim);
        if (auto left = left_of(source, claim)) records.push_back(std::move(*left));
        return refuted;
    });
    return claims;
}

Effects Claims::set_aside(const std::string& source, std::vector<Assessed> open,
                          const std::vector<state::Known>& known, std::vector<Assessed>& records) {
    Effects effects;
    std::vector<Assessed> settled; // nothing is to be found out
    for (std::size_t i = 0; i < open.size(); ++i) {
        if (!matters(open[i], known[i])) {
            if (!open[i].second_hand) settled.push_back(std::move(open[i]));
            continue;
        }
        if (claims_.size() >= limits::claims_set_aside) {
            effects.notice.left = "source " + source + ": it claims too many merges";
            break;
        }
        waited_for_.insert(open[i].merged_into);
        claims_.push_back({std::move(open[i]), known[i].link != nullptr});
    }
    keep_chains(settled);
    const auto& expected = expected_[source];
    std::erase_if(records, [&](Assessed& record) {
        const auto& id = record.patient.external_id();
        // Who may be somebody of another number is compared once all that is said of those is kept.
        const bool has_prior = record.arrived && !record.prior_ids.empty() &&
                               survivors_.size() < limits::records_set_aside;
        if (!waited_for_.contains(id) && !expected.contains(id) && !has_prior) return false;
        survivors_.push_back(std::move(record));
        return true;
    });
    records.insert(records.end(), std::make_move_iterator(settled.begin()),
                   std::make_move_iterator(settled.end()));
    return effects;
}

/// A survivor who was merged into somebody else in turn waits with the first.
void Claims::keep_chains(std::vector<Assessed>& settled) {
    for (bool longer = true; longer;) {
        longer = std::erase_if(settled, [&](Assessed& claim) {
                     if (!waited_for_.contains(claim.patient.external_id())) return false;
                     waited_for_.insert(claim.merged_into);
                     claims_.push_back({std::move(claim), false});
                     return true;
                 }) > 0;
    }
}

void Claims::expect(const std::string& source, const std::string& survivor) {
    expected_[source].insert(survivor);
}

void Claims::begin_pass() {
    claims_.clear();
    survivors_.clear();
    left_.clear();
    waited_for_.clear();
    disputed_.clear();
    dropped_.clear();
}

void Claims::reconsider(const std::vector<Assessed>& claims) {
    begin_pass();
    for (const auto& claim : claims)
        claims_.push_back({claim, true});
}

void Claims::refute(const std::string& source, const std::string& witness,
                    const ShownPatients& shown) {
    std::erase_if(claims_, [&](const Claim& claim) {
        if (!refutes(witness, shown, source, claim.record)) return false;
        if (memory_->refuted.size() < limits::claims_set_aside)
            memory_->refuted.insert_or_assign(claim_key(source, claim.record),
                                              refutation(source, witness, shown, claim.record));
        disputed_.emplace(claim.record.merged_into, claim.record);
        if (witness != source && speaks_besides(claim.record))
            left_.push_back(reconcile::unmerged(claim.record));
        dropped_.push_back(claim.record);
        return true;
    });
}

bool Claims::calls_for_look(const Candidate& candidate) const {
    const bool own = candidate.made_claims;
    const auto witness = witnesses_.find(candidate.source);
    const bool seen_all =
        own ? candidate.complete : witness != witnesses_.end() && witness->second.complete;
    if (seen_all) return false;
    return std::ranges::any_of(claims_, [&](const Claim& claim) {
        return claim.linked && !(own && candidate.knows_doubles && !claim.record.second_hand);
    });
}

Effects Claims::leave_all_for_later(std::set<std::string>& left) {
    Effects effects;
    effects.counts.deferred = static_cast<std::int64_t>(claims_.size());
    for (const auto& claim : claims_)
        left.insert(claim.record.merged_into);
    std::erase_if(survivors_, [&](const Assessed& record) {
        return left.contains(record.patient.external_id());
    });
    claims_.clear();
    return effects;
}

std::vector<Assessed> Claims::take() {
    // Of two about one patient, or into each other, the later one counts.
    std::ranges::stable_sort(claims_, {},
                             [](const Claim& claim) { return claim.record.modified_at; });
    std::vector<Assessed> records;
    for (auto& claim : claims_)
        records.push_back(std::move(claim.record));
    records.insert(records.end(), std::make_move_iterator(left_.begin()),
                   std::make_move_iterator(left_.end()));
    records.insert(records.end(), std::make_move_iterator(survivors_.begin()),
                   std::make_move_iterator(survivors_.end()));
    begin_pass();
    return records;
}

} // namespace medibridge::sync
