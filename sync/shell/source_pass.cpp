#include "sync/shell/source_pass.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::sync {

using reconcile::Assessed;
using runtime::Task;

SourceTrouble trouble_of(const connectors::SourceError& error) {
    switch (error.kind) {
    case connectors::SourceError::Kind::unauthorized:
        return SourceTrouble::unauthorized;
    case connectors::SourceError::Kind::unreadable:
        return SourceTrouble::unreadable;
    case connectors::SourceError::Kind::unavailable:
    case connectors::SourceError::Kind::cancelled:
        break;
    }
    return SourceTrouble::unavailable;
}

Task<std::vector<Assessed>> SourcePass::next(const reconcile::IdentityPolicy& policy, Depth depth) {
    const auto assess = depth == Depth::whole ? reconcile::assess : reconcile::assess_identity;
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
        auto assessed = assess(std::move(record), policy, clock_);
        assessed.arrived = source_->keeps_cursor();
        (assessed.second_hand ? claims_ : records).push_back(std::move(assessed));
    }
    note(records);
    for (auto& record : page->later)
        shown_->note(reconcile::assess_identity(std::move(record), policy, clock_));
    nameless_.bound(source_->name(), records);
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

} // namespace medibridge::sync
