#include "sync/core/changes.hpp"

#include "base/bytes/hash.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::sync {

using reconcile::HoldReason;

namespace {

/// Everything by which one change differs from another.
std::string text_of(const Change& change) {
    return std::string(name(change.kind)) + ' ' + change.record + ' ' + names(change.fields) + ' ' +
           change.detail + ' ' + change.external_id;
}

Change change_of_kind(Change::Kind kind, std::string external_id) {
    Change change;
    change.kind = kind;
    change.external_id = std::move(external_id);
    return change;
}

/// What is counted of a patient, a bit each.
constexpr std::uint64_t bit(std::size_t number) {
    return std::uint64_t{1} << number;
}

constexpr std::uint64_t fact_of(reconcile::Field field) {
    return bit(static_cast<std::size_t>(field));
}

constexpr std::uint64_t fact_of(Change::Kind kind) {
    return bit(reconcile::field_count + static_cast<std::size_t>(kind));
}

/// 0: it is no hold.
std::uint64_t reason_fact_of(const Change& change) {
    if (change.kind != Change::Kind::hold) return 0;
    const auto reason = reconcile::hold_reason_named(change.detail);
    if (!reason) return 0;
    return bit(reconcile::field_count + Change::all_kinds.size() +
               static_cast<std::size_t>(*reason));
}
static_assert(reconcile::field_count + Change::all_kinds.size() +
                  static_cast<std::size_t>(HoldReason::altered_in_state) <
              64);

std::uint64_t facts_of(const Change& change) {
    auto facts = fact_of(change.kind) | reason_fact_of(change);
    for (const auto field : reconcile::all_fields())
        if (change.fields.has(field)) facts |= fact_of(field);
    return facts;
}

} // namespace

Change Change::update(std::string external_id, const reconcile::FieldSet& fields,
                      const reconcile::Digest& record) {
    auto change = reassertion(std::move(external_id), fields);
    change.record = reconcile::hex(record);
    return change;
}

Change Change::reassertion(std::string external_id, const reconcile::FieldSet& fields) {
    auto change = change_of_kind(Kind::update, std::move(external_id));
    change.fields = fields;
    return change;
}

Change Change::hold(std::string external_id, reconcile::HoldReason reason,
                    const reconcile::Digest& record) {
    auto change = change_of_kind(Kind::hold, std::move(external_id));
    change.detail = reconcile::name(reason);
    change.record = reconcile::hex(record);
    return change;
}

Change Change::merge(std::string external_id, const std::string& survivor, bool only_renamed,
                     const reconcile::Digest& record) {
    auto change = change_of_kind(only_renamed ? Kind::rename : Kind::merge, std::move(external_id));
    change.detail = survivor;
    change.record = reconcile::hex(record);
    return change;
}

Change Change::missing(std::string external_id) {
    return change_of_kind(Kind::missing, std::move(external_id));
}

std::string_view name(Change::Kind kind) {
    switch (kind) {
    case Change::Kind::update:
        return "update";
    case Change::Kind::hold:
        return "hold";
    case Change::Kind::merge:
        return "merge";
    case Change::Kind::rename:
        return "rename";
    case Change::Kind::missing:
        return "missing";
    }
    return "update";
}

void Changes::note(const Change& change) {
    fingerprint_ += base::text_hash(text_of(change));
    const bool is_new = !covers(change.external_id);
    auto& facts = patients_[change.external_id];
    const auto counted = facts_of(change) & ~facts;
    facts |= counted;
    for (const auto field : reconcile::all_fields())
        by_field_[static_cast<std::size_t>(field)] += (counted & fact_of(field)) != 0 ? 1 : 0;
    if ((counted & fact_of(change.kind)) != 0) ++by_kind_[static_cast<std::size_t>(change.kind)];
    if ((counted & reason_fact_of(change)) != 0) ++holds_[change.detail];
    if (is_new) ++count_;
    show(change, is_new);
}

void Changes::take_back(const Change& merge) {
    if (!covers(merge.external_id)) return;
    fingerprint_ -= base::text_hash(text_of(merge));
    auto& facts = patients_[merge.external_id];
    if ((facts & fact_of(merge.kind)) != 0) --by_kind_[static_cast<std::size_t>(merge.kind)];
    facts &= ~fact_of(merge.kind);
    if (facts == 0) --count_;
    const auto shown = std::ranges::find(examples_, merge.external_id, &Change::external_id);
    if (shown == examples_.end()) return;
    if (facts == 0)
        examples_.erase(shown);
    else if (shown->kind == merge.kind)
        *shown = Change::reassertion(merge.external_id, shown->fields);
}

void Changes::show(const Change& change, bool is_new) {
    if (is_new) {
        if (examples_.size() < most_examples) examples_.push_back(change);
        return;
    }
    const auto shown = std::ranges::find(examples_, change.external_id, &Change::external_id);
    if (shown == examples_.end()) return;
    const auto fields = shown->fields | change.fields;
    if (shown->kind == Change::Kind::update) *shown = change;
    shown->fields = fields;
}

void Changes::note_more(Change::Kind kind, std::int64_t patients) {
    count_ += patients;
    by_kind_[static_cast<std::size_t>(kind)] += patients;
}

void ChangeCounter::note(const Change& change) {
    all_.note(change);
    if (change.kind != Change::Kind::update) lasting_.note(change);
}

void ChangeCounter::take_back(const Change& merge) {
    all_.take_back(merge);
    lasting_.take_back(merge);
}

void ChangeCounter::Counted::take_back(const Change& merge) {
    const auto text = text_of(merge);
    if (!noted.contains(text) || !std::exchange(noted[text], false)) return;
    changes.take_back(merge);
}

void ChangeCounter::Counted::note(const Change& change) {
    if (std::exchange(noted[text_of(change)], true)) return;
    const bool merges = change.kind == Change::Kind::merge || change.kind == Change::Kind::rename;
    if (merges) patients.insert(change.detail);
    patients.insert(change.external_id);
    changes.note(change);
}

} // namespace medibridge::sync
