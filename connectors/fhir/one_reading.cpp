#include "connectors/fhir/one_reading.hpp"

#include "connectors/fhir/history.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::connectors {

using Kind = SourceError::Kind;
using reconcile::SourceRecord;
using runtime::Task;

Task<SourceResult<SourcePage>> FhirOneReading::next() {
    if (list_) co_return co_await list_->next();
    auto found = co_await search();
    if (!found) co_return std::unexpected(std::move(found).error());
    if (*found == Found::answered) co_return co_await conclude();
    list_ = begin_list_();
    co_return co_await list_->next();
}

Task<SourceResult<FhirOneReading::Found>> FhirOneReading::search() {
    auto trail = server_->trail(server_->targets().holder(external_id_));
    for (std::int64_t number = 1;; ++number) {
        auto page =
            co_await server_->page(trail.target(), FhirBundleKind::search, number, number > 1);
        if (!page) co_return doubt(std::move(page).error());
        const auto& bundle = page->bundle;
        const bool all_his = std::ranges::all_of(
            bundle.patients, [this](const auto& patient) { return is_about_patient(patient); });
        if (!all_his || page->gone) {
            const std::string what = page->gone ? "its pages expire" : "it shows others";
            co_return doubt(SourceError(Kind::unreadable, what));
        }
        const bool is_last = bundle.next.empty() || bundle.entries == 0;
        std::optional<SourceError> failure;
        if (!is_last) failure = server_->follow(trail, bundle.next, number);
        if (failure) co_return doubt(std::move(*failure));
        take(std::move(*page));
        if (is_last) break;
    }
    server_->finds_by_identifier = true;
    co_return Found::answered;
}

/// An error of a server that may come back is one; any other server is read whole.
SourceResult<FhirOneReading::Found> FhirOneReading::doubt(SourceError error) {
    if (error.kind == Kind::cancelled || error.kind == Kind::unavailable)
        return std::unexpected(std::move(error));
    // If it is more than this search that is refused, the list's own pages tell.
    if (error.kind == Kind::unreadable) {
        server_->finds_by_identifier = false;
        server_->warn("the server does not search by `identifier` (" + error.what +
                      "): for one patient, the whole list is read");
    }
    return Found::unknown;
}

bool FhirOneReading::is_about_patient(const FhirPatient& patient) const {
    return patient.record.patient.external_id() == external_id_ ||
           std::ranges::find(patient.numbers, external_id_) != patient.numbers.end();
}

void FhirOneReading::take(FhirServer::Page page) {
    if (!page_.server_time) page_.server_time = page.server_time;
    reported_.write(page.bundle.faults, server_->name(), server_->log());
    for (auto& patient : page.bundle.patients) {
        page_.precision = std::max(page_.precision, patient.precision);
        // What they say of other identifiers is not asked for.
        std::erase_if(patient.former,
                      [this](const auto& number) { return number != external_id_; });
        if (patient.record.patient.external_id() == external_id_) patient.replaces.clear();
        patients_.push_back(std::move(patient));
    }
}

Task<SourceResult<SourcePage>> FhirOneReading::conclude() {
    FhirLinks links(*server_, false);
    for (auto& record : links.take(std::move(patients_)))
        add(std::move(record));
    PageFaults faults;
    auto settled = co_await links.settle(faults);
    if (!settled) co_return std::unexpected(std::move(settled).error());
    for (auto& record : *settled)
        add(std::move(record));
    reported_.write(faults, server_->name(), server_->log());
    if (!shows_him_) {
        auto failure = co_await add_deleted(links);
        if (failure) co_return std::unexpected(std::move(*failure));
    }
    page_.last = proven_ = true;
    co_return std::move(page_);
}

/// From what the readings before learned of deletions, and from what happened since.
Task<std::optional<SourceError>> FhirOneReading::add_deleted(const FhirLinks& links) {
    for (const auto& [id, deletion] : server_->deletions) {
        if (deletion.external_id == external_id_) add(record_of(deletion));
    }
    auto failure = co_await server_->learn_capability();
    if (failure) co_return failure;
    auto since = server_->history_read_at;
    if (!since && page_.server_time) since = *page_.server_time - server_->limits().look_back;
    if (shows_him_ || !since || !server_->capability().history_of_type) co_return std::nullopt;
    FhirHistory history(*server_, *since, links);
    auto deleted = co_await history.deleted();
    if (!deleted) co_return std::move(deleted).error();
    for (auto& record : *deleted) {
        if (record.patient.external_id() == external_id_) add(std::move(record));
    }
    co_return std::nullopt;
}

void FhirOneReading::add(SourceRecord record) {
    const auto& external_id = record.patient.external_id();
    shows_him_ = shows_him_ || external_id == external_id_;
    shown_.add(external_id);
    page_.records.push_back(std::move(record));
}

} // namespace medibridge::connectors
