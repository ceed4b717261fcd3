#include "connectors/inbox/effect.hpp"

#include "connectors/inbox/record_merge.hpp"
#include "reconcile/identity.hpp"

#include <map>
#include <utility>

namespace medibridge::connectors {

using reconcile::Fact;
using reconcile::Field;
using reconcile::Instant;
using reconcile::SourceRecord;

namespace {

/// The work on one arrival.
class InboxEffect {
  public:
    InboxEffect(const std::vector<SourceRecord>& records, Instant now,
                const reconcile::IdentityPolicy& policy, base::IdSet& described,
                InboxEntries& entries)
        : now_(now),
          policy_(policy),
          described_(described),
          entries_(entries) {
        for (const auto& record : records)
            if (reconcile::says_who_it_is(record.patient))
                own_records_.emplace(record.patient.external_id(), &record);
    }

    void take(SourceRecord record);
    std::vector<std::string> implausible;

  private:
    std::optional<SourceRecord> known_of(const std::string& external_id);
    void merge(SourceRecord record);
    void note_prior(const SourceRecord& retiring);
    bool is_contested(const InboxEntries::Known& known, const SourceRecord& record, bool again);
    void make_ambiguous(SourceRecord known, const SourceRecord& record);
    bool speaks_for_survivor(const SourceRecord& retiring, const SourceRecord& survivor);
    void retire(const SourceRecord& retiring, const std::optional<SourceRecord>& former);
    void carry_over(const SourceRecord& retiring, SourceRecord former,
                    const std::optional<SourceRecord>& survivor);

    Instant now_;
    const reconcile::IdentityPolicy& policy_;
    /// Who is described in full, where that was not taken yet.
    std::map<std::string, const SourceRecord*> own_records_;
    base::IdSet& described_;
    InboxEntries& entries_;
    /// What the arrival says of prior numbers, by the survivors', who may be described later in it.
    std::map<std::string, std::vector<std::string>> prior_ids_;
    /// For the patients that the arrival has described: what was known before.
    std::map<std::string, std::optional<SourceRecord>> before_;
};

/// What a merge or a change of identifier says about the surviving patient.
SourceRecord in_use(const SourceRecord& retiring) {
    SourceRecord record;
    record.patient.set_external_id(retiring.merged_into);
    record.prior_ids = {retiring.patient.external_id()};
    record.said.add(Fact::merge);
    record.modified_at = retiring.modified_at;
    record.recorded = retiring.recorded;
    record.sent = retiring.sent;
    record.place = retiring.place;
    return record;
}

void InboxEffect::take(SourceRecord record) {
    own_records_.erase(record.patient.external_id());
    if (!judge_times(record, now_)) implausible.push_back(record.patient.external_id());
    if (record.patient.external_id().empty()) return entries_.put(std::move(record));
    if (record.merged_into.empty() || record.merged_into == record.patient.external_id())
        return merge(std::move(record));
    const auto former = known_of(record.patient.external_id());
    note_prior(record);
    merge(record);
    retire(record, former);
}

/// Whatever else becomes of the statement: numbers that are given again make it unclear whom it is
/// about.
void InboxEffect::note_prior(const SourceRecord& retiring) {
    auto& priors = prior_ids_[retiring.merged_into];
    if (priors.size() < reconcile::most_prior_ids) priors.push_back(retiring.patient.external_id());
    auto survivor = entries_.find(retiring.merged_into);
    if (!survivor || survivor->taken) return; // decided already, with what was known then
    auto& record = survivor->record;
    const auto before = record.prior_ids.size();
    add_prior_ids(priors, record);
    if (record.prior_ids.size() > before) entries_.put(std::move(record));
}

std::optional<SourceRecord> InboxEffect::known_of(const std::string& external_id) {
    auto known = entries_.find(external_id);
    return known ? std::optional(std::move(known->record)) : std::nullopt;
}

/// Whether the patient of this number goes on under another one. Whoever comes under the number
/// before a cycle has followed comes too early; after that it is free.
bool was_left(const InboxEntries::Known& known) {
    return !known.record.merged_into.empty() && known.record.renamed;
}
bool was_just_left(const InboxEntries::Known& known) {
    return was_left(known) && !known.taken;
}

/// Whether the record contradicts what is known, so that it is unclear who the patient is. `again`:
/// the arrival has described the patient before.
bool InboxEffect::is_contested(const InboxEntries::Known& known, const SourceRecord& record,
                               bool again) {
    if (was_just_left(known) && record.merged_into != known.record.merged_into) {
        const auto merged = merged_record(known.record, record, policy_);
        if (merged.merged_into != known.record.merged_into) return true; // not proven to be older
    }
    if (again) return known.record.ambiguous || contradict(known.record, record);
    if (known.taken) return false;
    return known.record.ambiguous || describe_two(known.record, record, policy_);
}

void InboxEffect::merge(SourceRecord record) {
    const auto& id = record.patient.external_id();
    if (const auto priors = prior_ids_.find(id); priors != prior_ids_.end())
        add_prior_ids(priors->second, record);
    const bool again = !described_.insert(id);
    auto known = entries_.find(id);
    if (!known) {
        before_.emplace(id, std::nullopt);
        return entries_.put(std::move(record));
    }
    judge_times(known->record, now_);
    if (!again) before_.emplace(id, known->record);
    if (is_contested(*known, record, again))
        return make_ambiguous(std::move(known->record), record);
    entries_.put(merged_record(known->record, std::move(record), policy_));
}

/// What was known before the arrival stays; of two new people, one record stands for both, with
/// where both were.
void InboxEffect::make_ambiguous(SourceRecord known, const SourceRecord& record) {
    auto fields = known.contradicting_fields;
    auto places = known.contradicting_places;
    if (fields.empty()) {
        fields = names(contradicting_fields(known, record));
        const bool told = !fields.empty() && !known.place.empty() && !record.place.empty() &&
                          known.place != record.place;
        if (told) places = known.place + " and " + record.place;
    }
    const auto before = before_.find(record.patient.external_id());
    if (before != before_.end() && before->second) known = *before->second;
    known.ambiguous = true;
    known.contradicting_fields = std::move(fields);
    known.contradicting_places = std::move(places);
    known.place = record.place;
    entries_.put(std::move(known));
}

/// Whether the merge says that its survivor is in use, whatever was known of them. A message about
/// a merge (HL7 A40) is about the survivor. A patient's own record that says into whom they were
/// merged (a row) says nothing of that one, who may have been merged in turn, unless they go on as
/// each other: then the later word counts.
bool InboxEffect::speaks_for_survivor(const SourceRecord& retiring, const SourceRecord& survivor) {
    constexpr int longest_chain = 8;
    if (!retiring.said.has(Fact::merge)) return true;
    const auto& retired = retiring.patient.external_id();
    auto next = survivor.merged_into;
    for (int i = 0; i < longest_chain && !next.empty() && next != retired; ++i) {
        const auto known = known_of(next);
        next = known ? known->merged_into : std::string();
    }
    return next == retired;
}

void InboxEffect::retire(const SourceRecord& retiring, const std::optional<SourceRecord>& former) {
    const auto now_known = known_of(retiring.patient.external_id());
    auto known = entries_.find(retiring.merged_into);
    if (!now_known || now_known->merged_into != retiring.merged_into) {
        // A later record had the number in use; or it is unclear who goes on, but somebody does.
        if (!known && now_known && now_known->ambiguous) entries_.put(in_use(retiring));
        return;
    }
    const bool returns = former && !former->ambiguous &&
                         reconcile::says_who_it_is(former->patient) && known &&
                         reconcile::says_who_it_is(known->record.patient) &&
                         !describe_two(*former, known->record, policy_);
    if (known && was_just_left(*known) && !returns)
        return make_ambiguous(std::move(known->record), in_use(retiring));
    // What is known there is of the one who left.
    if (known && was_left(*known) && !returns) {
        known.reset();
        entries_.put(in_use(retiring));
    }
    auto survivor = known ? std::optional(std::move(known->record)) : std::nullopt;
    if (survivor) {
        judge_times(*survivor, now_);
        if (!survivor->merged_into.empty() && speaks_for_survivor(retiring, *survivor)) {
            survivor = merged_record(*survivor, in_use(retiring), policy_);
            entries_.put(*survivor);
        }
    }
    const auto own = own_records_.find(retiring.merged_into);
    const bool unknown = !survivor && own == own_records_.end();
    const bool goes_on = retiring.renamed || unknown;
    if (!former || !goes_on || !former->merged_into.empty()) return;
    const bool another =
        (survivor && describe_two(*former, *survivor, policy_)) ||
        (own != own_records_.end() && describe_two(*former, *own->second, policy_));
    if (!another) carry_over(retiring, *former, survivor);
}

void InboxEffect::carry_over(const SourceRecord& retiring, SourceRecord former,
                             const std::optional<SourceRecord>& survivor) {
    if (!former.patient[Field::last_name].is_known() || former.ambiguous) return;
    auto known = survivor.value_or(in_use(retiring));
    // Whether or not it was deleted under that number, the patient exists here.
    former.deleted = false;
    former.recorded.reset();
    former.sent.reset();
    former.modified_at.reset();
    entries_.put(merged_record(former, std::move(known), policy_));
}

} // namespace

std::vector<std::string> take_records(std::vector<SourceRecord> records, bool continues,
                                      Instant now, const reconcile::IdentityPolicy& policy,
                                      base::IdSet& described, InboxEntries& entries) {
    if (!continues) described = base::IdSet();
    InboxEffect effect(records, now, policy, described, entries);
    for (auto& record : records)
        effect.take(std::move(record));
    return std::move(effect.implausible);
}

} // namespace medibridge::connectors
