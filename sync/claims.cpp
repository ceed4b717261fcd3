#include "sync/claims.hpp"

#include <algorithm>
#include <iterator>
#include <unordered_set>
#include <utility>

namespace medibridge::sync {

using reconcile::Assessed;
using runtime::Task;

namespace {

std::string key_of(const std::string& source, const Assessed& claim) {
    return source + '\n' + claim.patient.external_id() + '\n' + claim.merged_into;
}

/// Whether anything in Medicapp hangs on the claim, and it is not known already.
bool matters(const Assessed& claim, const state::Known& known) {
    const bool held_for_it =
        known.held && known.held->reason == reconcile::HoldReason::merged_in_his;
    if (known.redirect == claim.merged_into && held_for_it) return false;
    return known.link || known.unlinked;
}

} // namespace

Task<void> Claims::set_aside(Context& context, const std::string& source,
                             std::vector<Assessed> claims, std::vector<Assessed>& records) {
    std::erase_if(claims, [&](const Assessed& claim) {
        return claim.patient.external_id().empty() || claim.merged_into.empty() ||
               refuted_->contains(key_of(source, claim));
    });
    if (claims.empty()) co_return;
    std::vector<std::string> ids;
    for (const auto& claim : claims)
        ids.push_back(claim.patient.external_id());
    const auto known = co_await context.env.database.look_up(std::move(ids));
    std::unordered_set<std::string> survivors;
    for (std::size_t i = 0; i < claims.size(); ++i) {
        if (!matters(claims[i], known[i])) continue;
        if (claims_.size() >= limits::claims_set_aside) {
            context.leave_for_later("source " + source +
                                    ": too many patients are said to be merged");
            break;
        }
        survivors.insert(claims[i].merged_into);
        claims_.push_back({std::move(claims[i]), known[i].link.has_value()});
    }
    std::erase_if(records, [&](Assessed& record) {
        if (!survivors.contains(record.patient.external_id())) return false;
        survivors_.push_back(std::move(record));
        return true;
    });
}

void Claims::refute_shown(const SourcePass& pass) {
    const auto& source = pass.source().name();
    std::erase_if(claims_, [&](const Claim& claim) {
        if (!pass.showed_in_use(claim.record.patient.external_id())) return false;
        if (refuted_->size() < limits::claims_set_aside)
            refuted_->insert(key_of(source, claim.record));
        return true;
    });
}

/// Reads the source whole, to see whether the patients have records of their own. Where that cannot
/// be proven of somebody, they and the survivor wait for another cycle.
Task<void> Claims::look(Context& context, connectors::Source& source) {
    std::optional<std::uint64_t> before;
    for (int attempt = 1; attempt <= limits::reading_passes && context.going(); ++attempt) {
        SourcePass pass(source, std::nullopt, machine_clock(context.request));
        while (context.going() && pass.state() == SourcePass::State::reading)
            co_await pass.next(context.env.settings.identity);
        if (pass.state() != SourcePass::State::ended) break;
        refute_shown(pass);
        const auto fingerprint = pass.fingerprint();
        const bool repeated = before == fingerprint && pass.contradiction().empty();
        if (pass.proven() || repeated) co_return;
        before = fingerprint;
    }
    context.leave_for_later("source " + source.name() +
                            ": it could not be read completely, to see who is merged");
    context.report.deferred += static_cast<std::int64_t>(claims_.size());
    std::unordered_set<std::string> waiting;
    for (const auto& claim : claims_)
        waiting.insert(claim.record.merged_into);
    std::erase_if(survivors_, [&](const Assessed& record) {
        return waiting.contains(record.patient.external_id());
    });
    claims_.clear();
}

Task<std::vector<Assessed>> Claims::settle(Context& context, const SourcePass& pass) {
    refute_shown(pass);
    const bool linked =
        std::ranges::any_of(claims_, [](const Claim& claim) { return claim.linked; });
    if (linked && !(pass.whole() && pass.proven())) co_await look(context, pass.source());
    std::vector<Assessed> records;
    for (auto& claim : claims_)
        records.push_back(std::move(claim.record));
    records.insert(records.end(), std::make_move_iterator(survivors_.begin()),
                   std::make_move_iterator(survivors_.end()));
    claims_.clear();
    survivors_.clear();
    co_return records;
}

} // namespace medibridge::sync
