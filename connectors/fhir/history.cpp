#include "connectors/fhir/history.hpp"

#include "base/bytes/hash.hpp"

#include <algorithm>

namespace medibridge::connectors {

using Kind = SourceError::Kind;
using reconcile::SourceRecord;
using runtime::Task;

FhirHistory::FhirHistory(FhirServer& server, reconcile::Instant since, const FhirLinks& links)
    : server_(server),
      since_(since),
      links_(links) {}

std::optional<SourceError> FhirHistory::take(const FhirVersion& version) {
    const auto [at, is_new] = patients_.try_emplace(version.id);
    auto& last = at->second;
    if (is_new && patients_.size() > server_.limits().history)
        return SourceError(Kind::unreadable, "the history has more than " +
                                                 std::to_string(server_.limits().history) +
                                                 " patients");
    if (last.external_id.empty()) last.external_id = version.external_id;
    // The newest comes first; times tell where a server does it otherwise.
    const bool newer = version.at && last.at && *version.at > *last.at;
    if (is_new || newer) {
        last.at = version.at;
        last.deleted = version.deleted;
    }
    return std::nullopt;
}

Task<SourceResult<FhirHistory::Read>> FhirHistory::read() {
    patients_.clear();
    auto trail = server_.trail(server_.targets().history(since_));
    for (std::int64_t number = 1;; ++number) {
        auto page =
            co_await server_.page(trail.target(), FhirBundleKind::history, number, number > 1);
        if (!page) co_return std::unexpected(std::move(page).error());
        if (page->gone) co_return Read::gone;
        for (const auto& version : page->bundle.versions) {
            auto failure = take(version);
            if (failure) co_return std::unexpected(std::move(*failure));
        }
        if (page->bundle.next.empty() || page->bundle.entries == 0) co_return Read::whole;
        auto failure = server_.follow(trail, page->bundle.next, number);
        if (failure) co_return std::unexpected(std::move(*failure));
    }
}

Task<SourceResult<std::vector<SourceRecord>>> FhirHistory::deleted() {
    for (int attempt = 0;; ++attempt) {
        auto done = co_await read();
        if (!done) {
            const auto kind = done.error().kind;
            if (kind == Kind::cancelled || kind == Kind::unavailable)
                co_return std::unexpected(std::move(done).error());
            server_.warn(
                "the history of patients cannot be read, so that deletions are not seen: " +
                done.error().what);
            co_return std::vector<SourceRecord>();
        }
        if (*done == Read::whole) co_return co_await records();
        if (attempt >= server_.limits().restarts)
            co_return std::unexpected(SourceError(
                Kind::unavailable, "the history's pages expired each time before they were read"));
    }
}

/// The identifier of a deleted patient that nobody has in use now; without one: somebody has, or
/// it cannot be known.
Task<SourceResult<FhirServer::Deletion>> FhirHistory::deletion(std::string id, Last last) {
    const FhirServer::Deletion nobody;
    FhirServer::Deletion deletion;
    const auto known = server_.deletions.find(id);
    const bool is_known = known != server_.deletions.end() && known->second.at == last.at;
    if (is_known) last.external_id = known->second.external_id;
    if (last.external_id.empty() && may_look_up()) {
        auto found = co_await server_.former_external_id(id);
        if (!found) co_return std::unexpected(std::move(found).error());
        last.external_id = std::move(*found);
    }
    if (last.external_id.empty()) {
        server_.warn("a deleted patient's identifier cannot be known: the server does not show the "
                     "version before");
        co_return nobody;
    }
    // Who was shown in this pass lives, perhaps under another resource; from now on, too.
    if (std::ranges::binary_search(links_.in_use(), base::text_hash(last.external_id))) {
        server_.deletions.erase(id);
        co_return nobody;
    }
    if (is_known) co_return known->second;
    if (!may_look_up()) co_return nobody;
    auto look = co_await server_.look(last.external_id, std::nullopt);
    if (!look) co_return std::unexpected(std::move(look).error());
    if (look->in_use) co_return nobody;
    const auto said = links_.merged().find(last.external_id);
    deletion.survivor = said != links_.merged().end() ? said->second : std::move(look->survivor);
    deletion.at = last.at;
    deletion.external_id = std::move(last.external_id);
    if (server_.deletions.size() >= server_.limits().deletions) server_.deletions.clear();
    server_.deletions.insert_or_assign(std::move(id), deletion);
    co_return deletion;
}

SourceRecord record_of(const FhirServer::Deletion& deletion) {
    SourceRecord record;
    record.patient.set_external_id(deletion.external_id);
    record.merged_into = deletion.survivor;
    record.deleted = record.merged_into.empty();
    record.place = "history";
    return record;
}

Task<SourceResult<std::vector<SourceRecord>>> FhirHistory::records() {
    std::vector<SourceRecord> records;
    for (const auto& [id, last] : patients_) {
        if (!last.deleted) continue;
        auto gone = co_await deletion(id, last);
        if (!gone) {
            // That one cannot be looked at must not hide the others.
            const auto kind = gone.error().kind;
            if (kind == Kind::cancelled || kind == Kind::unavailable)
                co_return std::unexpected(std::move(gone).error());
            continue;
        }
        if (gone->external_id.empty()) continue;
        records.push_back(record_of(*gone));
    }
    co_return records;
}

} // namespace medibridge::connectors
