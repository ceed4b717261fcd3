#include "sync/source_pass.hpp"

#include "sync/decision.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace medibridge::sync {

using reconcile::Assessed;
using runtime::Task;

namespace {

bool is_in_use(const Assessed& record) {
    if (!record.merged_into.empty()) return false;
    if (!record.hold) return true;
    return record.hold->reason != reconcile::HoldReason::inactive_in_his &&
           record.hold->reason != reconcile::HoldReason::deleted_in_his;
}

} // namespace

void ShownPatients::note(const Assessed& record) {
    const auto& id = record.patient.external_id();
    const bool used = is_in_use(record);
    const bool seen = !seen_.insert(id);
    const bool retired = retired_.contains(id);
    if (seen && used == retired) doubles_.insert(id);
    if (!used) retired_.insert(id);
}

Task<std::vector<Assessed>> SourcePass::next(const reconcile::IdentityPolicy& policy) {
    std::vector<Assessed> records;
    if (state_ != State::reading) co_return records;
    auto page = co_await reading_->next();
    if (!page) {
        state_ = State::failed;
        error_ = page.error();
        co_return records;
    }
    if (page->last) state_ = State::ended;
    if (std::exchange(first_page_, false)) result_.started_at = page->server_time;
    if (!page->records.empty()) ++result_.pages;
    result_.precision = std::max(result_.precision, page->precision);
    clock_ = std::max(clock_, page->server_time);
    records.reserve(page->records.size());
    for (auto& record : page->records) {
        auto assessed = reconcile::assess(std::move(record), policy, clock_);
        (assessed.second_hand ? claims_ : records).push_back(std::move(assessed));
    }
    note(records);
    co_return merge_duplicates(std::move(records));
}

void SourcePass::note(const std::vector<Assessed>& records) {
    repeated_.clear();
    for (const auto& record : records) {
        const auto& id = record.patient.external_id();
        result_.note(id, record.modified_at, clock_);
        if (!id.empty() && shown_->contains(id)) repeated_.insert(id);
    }
    // Twice within the page is merged there; only earlier pages count as "before".
    for (const auto& record : records)
        shown_->note(record);
}

std::vector<Assessed> merge_duplicates(std::vector<Assessed> records) {
    std::vector<Assessed> merged;
    merged.reserve(records.size());
    std::unordered_map<std::string, std::size_t> places;
    for (auto& record : records) {
        const auto& id = record.patient.external_id();
        if (id.empty()) {
            merged.push_back(std::move(record));
            continue;
        }
        const auto [place, is_new] = places.emplace(id, merged.size());
        if (is_new) {
            merged.push_back(std::move(record));
            continue;
        }
        auto& kept = merged[place->second];
        const bool same = same_person(kept, record);
        const bool older =
            record.modified_at && kept.modified_at && *record.modified_at < *kept.modified_at;
        // A closed double of somebody who is in use says nothing of them.
        if (is_in_use(kept) != is_in_use(record)) {
            if (is_in_use(record)) kept = std::move(record);
            continue;
        }
        const bool ambiguous =
            !same || (kept.hold && kept.hold->reason == reconcile::HoldReason::ambiguous_source);
        if (!older) kept = std::move(record);
        if (ambiguous) {
            kept.hold = reconcile::SelfHold{reconcile::HoldReason::ambiguous_source, {}};
        }
    }
    return merged;
}

} // namespace medibridge::sync
