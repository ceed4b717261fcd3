#pragma once

#include "reconcile/digest.hpp"
#include "reconcile/identity_drift.hpp"
#include "reconcile/policy.hpp"
#include "sync/core/consent.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace medibridge::sync {

/// The keys of the configuration that decide how a source's records are read, with their values.
using Mapping = std::map<std::string, std::string>;

/// Which Medicapp the links are of, as far as that can be said from here.
struct Space {
    std::string address;     ///< `scheme://host:port/path`; empty: unknown, nothing is compared
    std::string credentials; ///< a keyed digest of the API key
    bool operator==(const Space&) const = default;
};

/// What the operator has chosen for every cycle.
struct Settings {
    std::chrono::milliseconds overlap{300'000};
    std::size_t concurrency = 8; ///< Medicapp requests in flight, 1 or more
    reconcile::Policy policy;
    reconcile::IdentityPolicy identity;
    /// A cycle that would change more than this share of the linked patients is stopped …
    double max_changes_ratio = 0.3;
    /// … unless it would change fewer patients than this.
    std::int64_t max_changes_at_least = 100;
    /// Sources whose contact data others do not replace.
    std::set<std::string> contact_priority;
    /// By source: what decides how its records are read.
    std::map<std::string, Mapping> mappings;
    Space space;
};

/// Writes that an operator has reviewed: by externalId, the digest of each. See write_digest().
using Plan = std::map<std::string, reconcile::Digest>;

/// The changes of linked patients that an operator saw and accepts, for one cycle: see Changes.
struct AcceptedChanges {
    std::int64_t count = 0;
    std::uint64_t fingerprint = 0;
    bool operator==(const AcceptedChanges&) const = default;
};

/// What is asked of one cycle.
struct Request {
    /// Reads both sides completely, whatever the watermarks say, and looks for erased patients.
    bool full = false;
    std::string only_source; ///< empty: all sources
    /// Takes what senders have pushed, and reads neither Medicapp's list nor any other source: what
    /// needs their word is left to a whole cycle. See Synchroniser::takes_arrivals().
    bool only_arrivals = false;
    /// What both sides show is right, although it is older than what was seen before. Needs `full`.
    Consent accept_rewind;
    /// The changed mapping of a source is intended. Needs `full` to reach records that did not
    /// change.
    Consent accept_mapping;
    /// Medicapp is at another address, and has the patients that are linked. Needs `full`.
    Consent accept_space;
    /// As many changes as `max_changes` would stop are right, if they are just these.
    std::optional<AcceptedChanges> accept_changes;
    /// How long the cycle waits for a source that does not answer, before it goes on with the
    /// others; nothing: as long as it takes.
    std::optional<std::chrono::milliseconds> patience;
    /// Nothing but these is written; null: whatever is due.
    std::shared_ptr<const Plan> plan;
    /// Nothing is sent or kept: a changed mapping is shown, not stopped …
    bool dry_run = false;
    /// … unless it is only to find out which guards would stop a cycle.
    bool looks_for_guards = false;
    /// Nobody asked for the cycle: where its end says nothing new, it is not logged at `info`.
    bool by_itself = false;
    /// The cycle's number in the log; 0: counted by whoever runs it.
    std::int64_t number = 0;
    /// Unix time of this machine in milliseconds, one of the known clocks; 0: unknown. It only
    /// decides whether a time in the data is believed.
    std::int64_t wall_clock_ms = 0;
};

/// This machine's clock; nothing: not known.
inline std::optional<reconcile::Instant> machine_clock(const Request& request) {
    if (request.wall_clock_ms == 0) return std::nullopt;
    return reconcile::Instant(std::chrono::milliseconds(request.wall_clock_ms));
}

/// What every decision of a cycle uses besides what both sides show: the operator's settings and
/// request, and the clocks. What it refers to must outlive it.
struct Rules {
    const reconcile::Digester& digester;
    const Settings& settings;
    const Request& request;
    const std::set<std::string>& source_names; ///< of all that are configured
    const reconcile::Clocks& clocks;           ///< this machine's, and Medicapp's as shown last

    bool several_sources() const { return source_names.size() > 1; }
};

/// Limits of a cycle, so that nothing grows with the number of patients.
namespace limits {
/// Records that are decided, made durable and sent together.
inline constexpr std::size_t chunk_records = 250;
/// Records of a source's delta that are kept in memory until the cycle is known to be plausible.
inline constexpr std::size_t surveyed_records = 2'000;
/// Records of a larger delta that the survey remembers to be as agreed: see AgreedRecords.
inline constexpr std::size_t agreed_records = 1'000'000;
/// What the service's own cycles wait for a source: see Request::patience.
inline constexpr std::chrono::milliseconds source_patience{2'000};
/// Patients changed in Medicapp that one cycle deals with; the rest follows in the next one.
inline constexpr std::size_t pending_drift = 50'000;
/// Writes without a clear outcome that one cycle resolves; the rest follows later.
inline constexpr std::size_t unresolved_writes = 1'000;
/// Passes over a list that moves while it is read.
inline constexpr int reading_passes = 3;
/// For a larger delta: externalIds that occur in it more than once, and their records, which are
/// kept until its end.
inline constexpr std::size_t records_set_aside = 10'000;
/// Records without a usable externalId that one pass holds one by one; further ones together.
inline constexpr std::size_t nameless_records = 1'000;
/// Patients who are older than they were seen or taken that a reading remembers one by one; further
/// ones are only counted.
inline constexpr std::size_t stale_patients = 100'000;
/// Patients of one source who are asked for one by one; for more it is read completely.
inline constexpr std::size_t single_readings = 50;
/// Linked patients that are read to see whether a side has gone back in time.
inline constexpr std::size_t rewind_samples = 5;
/// Patients of a Medicapp that went back that are read one by one to say which fields did: what its
/// list shows of further ones is enough.
inline constexpr std::size_t rewound_readings = 1'000;
/// Linked patients that are read to see whether Medicapp is the one that they were linked in.
inline constexpr std::size_t space_samples = 5;
/// Writes of one cycle whose answers may show another patient; more of them stop it.
inline constexpr int misdirected_writes = 3;
/// Rows of the state that are not as they were written, that one cycle sets aside. More are no
/// matter of single patients.
inline constexpr std::size_t altered_rows = 1'000;
/// Tries of one cycle to find out which optional field of a patient Medicapp refuses, those that
/// found one not counted. Who needs more waits for the next cycle.
inline constexpr int refused_field_probes = 100;
/// Patients that one cycle remembers because only their requests are refused.
inline constexpr std::size_t refused_patients = 1'000;
/// After so many refused writes and none accepted, the patients are not the cause.
inline constexpr std::size_t refused_in_a_row = 20;
/// Cycles in a row after which such a patient is held.
inline constexpr std::int64_t refused_cycles = 3;
/// Unbelieved times that are remembered, so that each is logged once.
inline constexpr std::size_t unbelieved_times = 10'000;
/// Causes of holds and of lost fields that a cycle compares; further ones are logged one by one.
inline constexpr std::size_t compared_faults = 100;
/// Patients with the same cause from which on it may be everybody's.
inline constexpr std::size_t common_fault = 20;
/// Claims of merges that one reading of a source may set aside.
inline constexpr std::size_t claims_set_aside = 10'000;
} // namespace limits

} // namespace medibridge::sync
