#include "sync/shell/claims.hpp"

#include <algorithm>
#include <iterator>
#include <unordered_set>
#include <utility>

namespace medibridge::sync {

using connectors::Source;
using reconcile::Assessed;
using runtime::Task;

namespace {

std::string key_of(const std::string& source, const Assessed& claim) {
    return source + '\n' + claim.patient.external_id() + '\n' + claim.merged_into;
}

bool is_merge(const Assessed& record) {
    return !record.merged_into.empty() && !record.patient.external_id().empty();
}

/// Whether anything in Medicapp hangs on the claim, and it is not known already.
bool matters(const Assessed& claim, const state::Known& known) {
    const bool held_for_it =
        known.held && known.held->reason == reconcile::HoldReason::merged_in_his;
    if (known.redirect == claim.merged_into && held_for_it) return false;
    return known.link || known.unlinked;
}

/// Adds the merges that records state of their own patients, and takes them out of the records.
void take_own(std::vector<Assessed>& records, std::vector<Assessed>& claims) {
    std::erase_if(records, [&claims](Assessed& record) {
        if (!is_merge(record)) return false;
        claims.push_back(std::move(record));
        return true;
    });
}

} // namespace

void Claims::take_witness(const SourcePass& pass) {
    if (pass.state() != SourcePass::State::ended) return;
    witnesses_[pass.source().name()] = Witness{pass.shown(), pass.whole() && pass.proven()};
}

bool Claims::is_refuted(const std::string& source, const Assessed& claim) const {
    const auto& id = claim.patient.external_id();
    return context_->memory.refuted.contains(key_of(source, claim)) ||
           std::ranges::any_of(witnesses_, [&](const auto& witness) {
               return witness.first != source && witness.second.shown->in_use(id);
           });
}

Task<void> Claims::set_aside(const std::string& source, std::vector<Assessed> claims,
                             std::vector<Assessed>& records) {
    take_own(records, claims);
    std::erase_if(claims, [&](const Assessed& claim) {
        return !is_merge(claim) || is_refuted(source, claim);
    });
    if (claims.empty()) co_return;
    std::vector<std::string> ids;
    for (const auto& claim : claims)
        ids.push_back(claim.patient.external_id());
    const auto known = co_await context_->env.database.look_up(std::move(ids));
    std::vector<Assessed> settled; // nothing is to be found out
    for (std::size_t i = 0; i < claims.size(); ++i) {
        if (!matters(claims[i], known[i])) {
            if (!claims[i].second_hand) settled.push_back(std::move(claims[i]));
            continue;
        }
        if (claims_.size() >= limits::claims_set_aside) {
            context_->leave_for_later("source " + source + ": it claims too many merges");
            break;
        }
        waited_for_.insert(claims[i].merged_into);
        claims_.push_back({std::move(claims[i]), known[i].link != nullptr});
    }
    keep_chains(settled);
    std::erase_if(records, [&](Assessed& record) {
        if (!waited_for_.contains(record.patient.external_id())) return false;
        survivors_.push_back(std::move(record));
        return true;
    });
    records.insert(records.end(), std::make_move_iterator(settled.begin()),
                   std::make_move_iterator(settled.end()));
}

/// A survivor who was merged on, into somebody else, waits with the first.
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

void Claims::begin_pass() {
    claims_.clear();
    survivors_.clear();
    waited_for_.clear();
}

void Claims::refute(const std::string& source, const ShownPatients& shown) {
    std::erase_if(claims_, [&](const Claim& claim) {
        if (!shown.in_use(claim.record.patient.external_id())) return false;
        if (context_->memory.refuted.size() < limits::claims_set_aside)
            context_->memory.refuted.insert(key_of(source, claim.record));
        return true;
    });
}

/// Whether a look at the source may show a record in use that `pass`, which made the claims, and
/// the other sources did not show.
bool Claims::is_to_be_asked(const Source& source, const SourcePass& pass) const {
    const bool own = &source == &pass.source();
    if (own && pass.whole() && pass.proven()) return false;
    const auto witness = witnesses_.find(source.name());
    if (!own && witness != witnesses_.end() && witness->second.whole) return false;
    return std::ranges::any_of(claims_, [&](const Claim& claim) {
        return claim.linked && !(own && source.knows_doubles() && !claim.record.second_hand);
    });
}

/// Reads `asked` whole, to see whether the patients of whom `source` claims something have records
/// in use. False: that could not be seen.
Task<bool> Claims::look(Source& asked, const std::string& source) {
    std::optional<std::uint64_t> before;
    for (int attempt = 1; attempt <= limits::reading_passes && context_->going(); ++attempt) {
        SourcePass pass(asked, Scope::everything(), machine_clock(context_->request));
        while (context_->going() && pass.state() == SourcePass::State::reading)
            co_await pass.next(context_->env.settings.identity);
        if (pass.state() != SourcePass::State::ended) break;
        refute(source, *pass.shown());
        const auto fingerprint = pass.fingerprint();
        const bool repeated = before == fingerprint && pass.contradiction().empty();
        if (pass.proven() || repeated) co_return true;
        before = fingerprint;
    }
    context_->leave_for_later("source " + asked.name() +
                              ": it could not be read completely, to see who is merged");
    co_return false;
}

/// Without a look at everybody's records nothing is believed: the patients and their survivors wait
/// for another cycle.
Effects Claims::leave_all_for_later() {
    Effects effects;
    effects.counts.deferred = static_cast<std::int64_t>(claims_.size());
    std::unordered_set<std::string> waiting;
    for (const auto& claim : claims_)
        waiting.insert(claim.record.merged_into);
    std::erase_if(survivors_, [&](const Assessed& record) {
        return waiting.contains(record.patient.external_id());
    });
    claims_.clear();
    return effects;
}

Task<std::vector<Assessed>> Claims::settle(const SourcePass& pass) {
    const auto& source = pass.source().name();
    refute(source, *pass.shown());
    for (auto* asked : sources_) {
        if (!is_to_be_asked(*asked, pass)) continue;
        if (!co_await look(*asked, source)) co_await context_->apply(leave_all_for_later());
    }
    std::vector<Assessed> records;
    for (auto& claim : claims_)
        records.push_back(std::move(claim.record));
    records.insert(records.end(), std::make_move_iterator(survivors_.begin()),
                   std::make_move_iterator(survivors_.end()));
    begin_pass();
    co_return records;
}

} // namespace medibridge::sync
