#include "connectors/inbox/record_merge.hpp"

#include "reconcile/identity.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace medibridge::connectors {

using reconcile::Fact;
using reconcile::Field;
using reconcile::FieldSet;
using reconcile::IdentityTraits;
using reconcile::Instant;
using reconcile::SourceRecord;
using reconcile::StatedTime;

namespace {

/// Databases, languages and file systems write 0001, 1601, 1753, 1899, 1900, 1970 or 1980 where
/// they have no time.
constexpr Instant first_believed{std::chrono::sys_days{std::chrono::year_month_day{
    std::chrono::year(1981), std::chrono::January, std::chrono::day(1)}}};

/// False: it is too far ahead.
bool judge(std::optional<StatedTime>& moment, Instant now) {
    if (!moment) return true;
    const bool absurd = moment->earliest > now + believed_ahead;
    if (absurd || moment->latest < first_believed) {
        moment.reset();
        return !absurd;
    }
    moment->ahead = moment->ahead || moment->earliest > now + same_clock;
    return true;
}

enum class Order { older, newer, unknown };

Order order_of(const std::optional<StatedTime>& later, const std::optional<StatedTime>& earlier) {
    if (!later || !earlier) return Order::unknown;
    // The sender's clock was corrected, or it is another sender.
    if (earlier->ahead && !later->ahead) return Order::unknown;
    if (later->latest < earlier->earliest) return Order::older;
    return earlier->latest < later->earliest ? Order::newer : Order::unknown;
}

bool is_older(const SourceRecord& later, const SourceRecord& earlier) {
    const auto order = order_of(later.recorded, earlier.recorded);
    if (order != Order::unknown) return order == Order::older;
    return order_of(later.sent, earlier.sent) == Order::older;
}

IdentityTraits traits_of(const SourceRecord& record) {
    return IdentityTraits(record.patient, record.usual_last_name);
}

void fill_fields(const SourceRecord& base, SourceRecord& top,
                 const reconcile::IdentityPolicy& policy) {
    const auto all = reconcile::all_fields();
    const bool has_address = std::ranges::any_of(all, [&top](Field field) {
        return reconcile::is_address(field) && !top.patient[field].is_unknown();
    });
    std::optional<bool> another;
    for (const auto field : all) {
        const bool half_an_address = reconcile::is_address(field) && has_address;
        if (!top.patient[field].is_unknown() || half_an_address) continue;
        if (base.patient[field].is_unknown()) continue;
        // Another person's phone or address is worse than none.
        if (reconcile::is_contact(field) && !another) another = describe_two(base, top, policy);
        if (!reconcile::is_contact(field) || !*another) top.patient[field] = base.patient[field];
    }
}

void fill_text(const SourceRecord& base, SourceRecord& top, Fact fact,
               std::string SourceRecord::* text) {
    if ((top.*text).empty() && !top.said.has(fact)) top.*text = base.*text;
}

void fill_facts(const SourceRecord& base, SourceRecord& top) {
    if (!top.active && !top.said.has(Fact::active)) top.active = base.active;
    // A message that does not repeat the death must not make the patient alive again.
    const bool speaks_of_death = top.deceased || top.alive || top.said.has(Fact::death);
    if (!speaks_of_death) {
        top.deceased = base.deceased;
        top.alive = base.alive;
    }
    if (top.merged_into.empty() && !top.said.has(Fact::merge)) {
        top.merged_into = base.merged_into;
        top.renamed = base.renamed;
        top.second_hand = base.second_hand;
    }
    fill_text(base, top, Fact::identity_status, &SourceRecord::identity_status);
    fill_text(base, top, Fact::usual_last_name, &SourceRecord::usual_last_name);
    top.said.add(base.said);
}

/// The values of `top`; those of `base` where `top` has none.
SourceRecord laid_over(const SourceRecord& base, SourceRecord top,
                       const reconcile::IdentityPolicy& policy) {
    fill_fields(base, top, policy);
    fill_facts(base, top);
    add_prior_ids(base.prior_ids, top);
    if (top.recorded || top.sent) return top;
    top.recorded = base.recorded;
    top.sent = base.sent;
    top.modified_at = base.modified_at;
    return top;
}

} // namespace

bool judge_times(SourceRecord& record, Instant now) {
    if (!record.recorded && !record.sent && record.modified_at)
        record.recorded = StatedTime{*record.modified_at, *record.modified_at, false};
    const bool recorded = judge(record.recorded, now);
    const bool sent = judge(record.sent, now);
    const auto& counts = record.recorded ? record.recorded : record.sent;
    record.modified_at = counts ? std::optional(counts->earliest) : std::nullopt;
    return recorded && sent;
}

void add_prior_ids(const std::vector<std::string>& prior_ids, SourceRecord& record) {
    auto& known = record.prior_ids;
    for (const auto& prior : prior_ids)
        if (known.size() < reconcile::most_prior_ids && prior != record.patient.external_id() &&
            std::ranges::find(known, prior) == known.end())
            known.push_back(prior);
}

bool contradict(const SourceRecord& a, const SourceRecord& b) {
    return says_who_it_is(a.patient) && says_who_it_is(b.patient) &&
           !agree(traits_of(a), traits_of(b));
}

FieldSet contradicting_fields(const SourceRecord& a, const SourceRecord& b) {
    if (!says_who_it_is(a.patient) || !says_who_it_is(b.patient)) return {};
    return contradicting_traits(traits_of(a), traits_of(b));
}

bool describe_two(const SourceRecord& a, const SourceRecord& b,
                  const reconcile::IdentityPolicy& policy) {
    const IdentityTraits ours(a.patient, a.usual_last_name, policy);
    const IdentityTraits theirs(b.patient, b.usual_last_name, policy);
    return ours.names_somebody() && theirs.names_somebody() &&
           reconcile::describe_two(ours, theirs);
}

SourceRecord merged_record(const SourceRecord& earlier, SourceRecord later,
                           const reconcile::IdentityPolicy& policy) {
    if (earlier.ambiguous) {
        // Whoever was known here has another number now: a nameless record may be anybody's.
        const bool has_left = earlier.renamed && !earlier.merged_into.empty();
        const bool another =
            contradict(earlier, later) || (has_left && !says_who_it_is(later.patient));
        if (!another) return laid_over(earlier, later, policy);
        // Whose they were is as unclear.
        add_prior_ids(earlier.prior_ids, later);
        return later;
    }
    return is_older(later, earlier) ? laid_over(later, earlier, policy)
                                    : laid_over(earlier, std::move(later), policy);
}

} // namespace medibridge::connectors
