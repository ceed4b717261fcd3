#pragma once

#include "reconcile/instant.hpp"
#include "reconcile/patient.hpp"
#include "reconcile/policy.hpp"

/// How the messages about one patient become what is known of them. Pure.
namespace medibridge::connectors {

/// A time that is further ahead of this machine's clock is not believed: senders' clocks are wrong
/// by hours and time zones, not by days.
inline constexpr reconcile::Instant::duration believed_ahead = std::chrono::days(1);
/// Clocks that differ by less count as the same.
inline constexpr reconcile::Instant::duration same_clock = std::chrono::minutes(1);

/// Judges the record's times by this machine's clock, `now`. Removes those that are not believed,
/// marks those that are ahead, and sets `modified_at` to the one that counts. False: a time was too
/// far ahead to be believed. Times before 1981 are what programs write for no time; they are
/// removed silently.
bool judge_times(reconcile::SourceRecord& record, reconcile::Instant now);

/// Whether both identify a person, and not the same one: sync holds such records as
/// `ambiguous_source`.
bool contradict(const reconcile::SourceRecord& a, const reconcile::SourceRecord& b);
/// The fields in which they contradict each other; empty: they do not.
reconcile::FieldSet contradicting_fields(const reconcile::SourceRecord& a,
                                         const reconcile::SourceRecord& b);
/// Whether neither can be a correction of the other: two or more of last name, first name, birth
/// date and gender differ, or the first names have nothing in common. A missing name, or a
/// placeholder for one, matches anybody.
bool describe_two(const reconcile::SourceRecord& a, const reconcile::SourceRecord& b,
                  const reconcile::IdentityPolicy& policy);

/// Adds those that the record does not give yet, as many as are kept.
void add_prior_ids(const std::vector<std::string>& prior_ids, reconcile::SourceRecord& record);

/// What is known of a patient once `later` has arrived after `earlier`, both judged.
///
/// Fields that the newer record does not give keep the older record's values; an address is one
/// value. `earlier` has one time only, also for values from messages before it. `later` is the
/// newer, unless times prove the opposite: both have a time of the same kind, and neither comes
/// from a clock that is ahead of the other. So for an hour that comes twice, a planned time or no
/// time, the order of arrival decides.
///
/// If the two describe different people, contact data is not kept. If `earlier` is ambiguous and
/// `later` contradicts it, nothing but the prior numbers is kept; nor if its patient goes on under
/// another number and `later` does not say who it is about.
reconcile::SourceRecord merged_record(const reconcile::SourceRecord& earlier,
                                      reconcile::SourceRecord later,
                                      const reconcile::IdentityPolicy& policy);

} // namespace medibridge::connectors
