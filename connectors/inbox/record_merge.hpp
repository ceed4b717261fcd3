#pragma once

#include "reconcile/instant.hpp"
#include "reconcile/patient.hpp"
#include "reconcile/policy.hpp"

/// How the messages about one patient become what is known of them. Pure.
namespace medibridge::connectors {

/// How far past this machine's clock a time may lie and be believed: senders' clocks go wrong by
/// hours and time zones, not by days.
inline constexpr reconcile::Instant::duration believed_ahead = std::chrono::days(1);
/// Clocks that differ by less count as the same.
inline constexpr reconcile::Instant::duration same_clock = std::chrono::minutes(1);

/// Judges the record's own times by this machine's clock, `now`: those that are not believed are
/// gone afterwards, others say whether they lay ahead, and `modified_at` is the one that counts.
/// False: a time lay further ahead than may be believed. Times before 1981 are what programs write
/// for none at all, and are gone without a word.
bool judge_times(reconcile::SourceRecord& record, reconcile::Instant now);

/// Whether the record describes somebody: last name, first name and birth date are known.
bool says_who_it_is(const reconcile::SourceRecord& record);
/// Whether both describe people, and not the same: sync holds such records as `ambiguous_source`.
bool contradict(const reconcile::SourceRecord& a, const reconcile::SourceRecord& b);
/// Whether one of them cannot be a correction of the other: two or more of last name, first name,
/// birth date and gender differ, or first names that have nothing in common. Whose name is not
/// known, or stands for none, may be anybody.
bool describe_two(const reconcile::SourceRecord& a, const reconcile::SourceRecord& b,
                  const reconcile::IdentityPolicy& policy);

/// What is known of a patient once `later` has arrived after `earlier`, both judged.
///
/// What the newer of the two does not speak of stays as the other said; an address is one value.
/// What `earlier` has from messages before it counts as its own: it has one time only. `later` is
/// the newer, unless its own times prove it to be older: a time of the same kind of each, and
/// neither of them from a clock that goes ahead of the other's. So an hour that comes twice, a
/// planned time or none at all leave the order of arrival.
///
/// Contact data are never handed on where they describe two people; and nothing is where `earlier`
/// is ambiguous and `later` contradicts it.
reconcile::SourceRecord merged_record(const reconcile::SourceRecord& earlier,
                                      reconcile::SourceRecord later,
                                      const reconcile::IdentityPolicy& policy);

} // namespace medibridge::connectors
