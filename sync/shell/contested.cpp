#include "sync/shell/contested.hpp"

#include "base/bytes/hash.hpp"
#include "reconcile/identity.hpp"
#include "sync/core/shown_patients.hpp"
#include "sync/core/views.hpp"

#include <iterator>
#include <utility>

namespace medibridge::sync {

using reconcile::Assessed;
using reconcile::Field;
using reconcile::HoldReason;
using runtime::Task;

namespace {

/// Who is described, as one number: equal for two records that nobody would tell apart.
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

bool contradict_each_other(const std::map<std::string, Assessed>& records) {
    for (auto one = records.begin(); one != records.end(); ++one)
        for (auto other = std::next(one); other != records.end(); ++other)
            if (!same_person(one->second, other->second)) return true;
    return false;
}

bool is_ambiguous(const Assessed& record) {
    return record.hold && record.hold->reason == HoldReason::ambiguous_source;
}

} // namespace

void Contested::contest(const std::string& external_id) {
    if (contested_.size() < limits::records_set_aside) contested_.insert(external_id);
}

void Contested::note(const std::string& source, const Assessed& record) {
    const auto& id = record.patient.external_id();
    if (!several_sources() || id.empty() || !record.merged_into.empty()) return;
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
    if (several_sources() && ambiguous && !item.external_id().empty()) contest(item.external_id());
}

void Contested::set_aside(const std::string& source, std::vector<Assessed>& records) {
    if (contested_.empty()) return;
    std::erase_if(records, [&](Assessed& record) {
        const auto& id = record.patient.external_id();
        if (!contested_.contains(id)) return false;
        records_[id].insert_or_assign(source, std::move(record));
        return true;
    });
}

/// Marks the records of one patient that nobody may be created from.
void Contested::judge(BySource& records) {
    bool ambiguous = contradict_each_other(records);
    for (const auto& [source, record] : records)
        ambiguous = ambiguous || is_ambiguous(record);
    if (!ambiguous) return;
    for (auto& [source, record] : records)
        if (!record.hold) record.hold = reconcile::SelfHold{HoldReason::ambiguous_source, {}};
}

/// Who is held by what one source says, as the dead are, is held before another source is heard.
Task<void> Contested::settle(Pipeline& pipeline, Coverage coverage) {
    coverage.all_at_hand = coverage.all_whole;
    std::map<std::string, std::vector<Assessed>> held;
    std::map<std::string, std::vector<Assessed>> others;
    for (auto& [id, records] : records_) {
        judge(records);
        for (auto& [source, record] : records) {
            const auto digest = record_digest(record, context_->env.digester);
            context_->memory.asked.insert(source + ' ' + reconcile::hex(digest));
            auto& group = record.hold ? held : others;
            group[source].push_back(std::move(record));
        }
    }
    records_.clear();
    for (auto* group : {&held, &others}) {
        for (auto& [source, records] : *group) {
            co_await pipeline.feed(source, std::move(records), coverage);
            co_await pipeline.finish();
        }
    }
}

} // namespace medibridge::sync
