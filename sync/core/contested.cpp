#include "sync/core/contested.hpp"

#include "base/bytes/hash.hpp"
#include "reconcile/identity.hpp"
#include "sync/core/shown_patients.hpp"
#include "sync/core/views.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

namespace medibridge::sync {

using reconcile::Assessed;
using reconcile::Field;
using reconcile::HoldReason;

namespace {

/// Identifies the person described by one number: equal for records that describe them alike.
std::uint64_t description_of(const Assessed& record) {
    if (record.hold) return base::text_hash(name(record.hold->reason));
    std::string text = record.patient[Field::birth_date].text();
    for (const auto field : {Field::last_name, Field::first_name}) {
        text += '\n';
        for (const auto& word : reconcile::name_words(record.patient[field].text()))
            text += word;
    }
    return base::text_hash(text);
}

bool is_ambiguous(const Assessed& record) {
    return record.hold && record.hold->reason == HoldReason::ambiguous_source;
}

/// Why nobody may be created from the records of one patient; nothing: somebody may.
std::optional<reconcile::SelfHold> ambiguity(const std::map<std::string, Assessed>& records) {
    for (const auto& [source, record] : records)
        if (is_ambiguous(record))
            return reconcile::SelfHold{HoldReason::ambiguous_source,
                                       {record.hold->defect.field, {}}};
    for (auto one = records.begin(); one != records.end(); ++one)
        for (auto other = std::next(one); other != records.end(); ++other)
            if (!same_person(one->second, other->second))
                return describes_two(one->second, other->second);
    return std::nullopt;
}

void hold_all(std::map<std::string, Assessed>& records, const reconcile::SelfHold& hold) {
    for (auto& [source, record] : records)
        if (!record.hold) record.hold = hold;
}

} // namespace

void Contested::contest(const std::string& external_id) {
    if (contested_.size() < limits::records_set_aside) contested_.insert(external_id);
}

void Contested::note(const std::string& source, const Assessed& record) {
    const auto& id = record.patient.external_id();
    if (!rules_->several_sources() || id.empty() || !record.merged_into.empty()) return;
    if (record.hold && record.hold->reason == HoldReason::invalid) return; // describes nobody
    const Noted noted{description_of(record), base::text_hash(source)};
    const auto [known, is_new] = noted_.emplace(base::text_hash(id), noted);
    if (is_new || known->second.source == noted.source) return;
    if (is_ambiguous(record) || known->second.description != noted.description) contest(id);
}

void Contested::note(const Item& item) {
    if (item.known.link) return;
    note(item.source, item.record);
    const auto& held = item.known.held;
    const bool ambiguous = held && held->reason == HoldReason::ambiguous_source;
    if (rules_->several_sources() && ambiguous && !item.external_id().empty())
        contest(item.external_id());
}

void Contested::expect(const std::string& source, const std::string& survivor) {
    if (rules_->several_sources()) expected_[survivor].insert(source);
}

void Contested::leave(const std::set<std::string>& survivors) {
    left_.insert(survivors.begin(), survivors.end());
}

bool Contested::waits(const std::string& source, const std::string& external_id) const {
    if (contested_.contains(external_id)) return true;
    const auto expected = expected_.find(external_id);
    return expected != expected_.end() && !expected->second.contains(source);
}

void Contested::set_aside(const std::string& source, std::vector<Assessed>& records) {
    if (contested_.empty() && expected_.empty()) return;
    std::erase_if(records, [&](Assessed& record) {
        const auto& id = record.patient.external_id();
        if (!waits(source, id)) return false;
        seen_[id].emplace(source, record_digest(record, rules_->digester));
        records_[id].insert_or_assign(source, std::move(record));
        return true;
    });
}

std::vector<Contested::Group> Contested::take(bool all_at_hand) {
    std::map<std::string, std::vector<Assessed>> held;
    std::map<std::string, std::vector<Assessed>> others;
    for (auto& [id, records] : records_) {
        if (left_.contains(id)) continue;
        if (const auto hold = ambiguity(records)) hold_all(records, *hold);
        for (auto& [source, record] : records) {
            auto& group = record.hold ? held : others;
            group[source].push_back(std::move(record));
        }
    }
    records_.clear();
    if (all_at_hand) {
        for (auto& [id, seen] : seen_)
            memory_->asked[id] = std::move(seen);
    }
    seen_.clear();
    std::vector<Group> groups;
    for (auto* part : {&held, &others}) {
        for (auto& [source, records] : *part)
            groups.push_back({source, std::move(records)});
    }
    return groups;
}

} // namespace medibridge::sync
