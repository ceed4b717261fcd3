#pragma once

#include "reconcile/hold.hpp"
#include "reconcile/patient.hpp"
#include "reconcile/policy.hpp"
#include "reconcile/text.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace medibridge::reconcile {

/// A field and what is wrong with it, in words that hold no value.
struct Defect {
    std::string field; ///< the canonical name, `externalId` included
    std::string reason;
};

/// A hold that the record itself calls for.
struct SelfHold {
    HoldReason reason;
    /// Of `invalid`: what is wrong. Of `identity_status`: its reason is the status that the
    /// operator holds. Of `ambiguous_source`: the fields in which the records differ,
    /// comma-separated, and where they are; a reason stands only if the source itself says that
    /// they contradict each other. Else empty.
    Defect defect;
};

/// A source's record after normalisation and checks.
class Assessed {
  public:
    Assessed() = default;

    /// Normalised; fields that failed are unknown, and so is an externalId that may not be used
    /// (empty).
    Patient patient;
    std::optional<Instant> modified_at; ///< if it is plausible
    /// The last moment that `modified_at` can mean, which is the first: a text may name no second.
    std::optional<Instant> modified_by;
    /// Whether a time is known, to the second at least.
    bool names_moment() const {
        return modified_at &&
               modified_by.value_or(*modified_at) - *modified_at < std::chrono::seconds(1);
    }
    /// The stated time if it is not plausible: later than every known clock.
    std::optional<Instant> unbelieved_at;
    FieldSet placeholders;       ///< names that are placeholders
    bool second_hand = false;    ///< see SourceRecord
    std::string other_last_name; ///< normalised birth or usual name that was not chosen
    /// The survivor's externalId; empty: not merged, or into itself. A merged record carries no
    /// hold but `invalid`: what happens to it depends on what is known about both.
    std::string merged_into;
    /// Whether anybody has `merged_into`, as far as all sources and the state tell; nothing: it is
    /// not known. Set by whoever compares records.
    std::optional<bool> survivor_exists;
    bool renamed = false; ///< with `merged_into`: the same patient under that externalId
    std::vector<std::string> prior_ids; ///< see SourceRecord; those that are usable
    /// Of a merged record: the hold that it calls for if the merge is not believed.
    std::optional<SelfHold> hold_unmerged;
    std::vector<Defect> dropped;  ///< optional fields, usualLastName too, that are left out
    std::optional<SelfHold> hold; ///< set: nothing of this record may be sent
    std::string place;
    std::string kept_as;    ///< see SourceRecord; empty where the externalId is usable
    bool made_good = false; ///< see SourceRecord
    /// It was sent, and says how its patient was at its time: not how the HIS is now, as what a
    /// list shows. Set by whoever reads the source.
    bool arrived = false;

    /// What the source can be asked for it by: the externalId, or, where an inbox keeps it without
    /// a usable one, its key there; empty: nothing.
    const std::string& name_in_source() const {
        return patient.external_id().empty() ? kept_as : patient.external_id();
    }
};

/// Normalises and checks one record. Pure; throws nothing but std::bad_alloc for any input.
///
/// Phones become E.164 with the policy's region; names NFC, trimmed, inner spaces folded, control
/// characters refused; e-mail trimmed and checked; birth date a real calendar date that is not in
/// the future; gender M, F or O; address lines as names, but with line breaks folded, and left out
/// together where their town is missing or a part cannot be used. Blank means
/// unknown. docs/identity.md has the rules.
///
/// `latest_clock` is the latest known clock: times more than a day later are not plausible. Without
/// one, any time is, and a birth date is judged by the record's own modification.
///
/// If several holds apply, the first of these counts: no usable externalId, deleted, deceased,
/// inactive, identity status, different people under one externalId, a required field that fails.
Assessed assess(SourceRecord record, const IdentityPolicy& policy,
                std::optional<Instant> latest_clock = std::nullopt);

/// The same without the fields, which stay unknown: who the record is about, when it was modified,
/// whether it is closed or merged. For a reading that is only counted, in a fifth of the time.
Assessed assess_identity(SourceRecord record, const IdentityPolicy& policy,
                         std::optional<Instant> latest_clock = std::nullopt);

/// A merged record as it is if nobody believes the merge.
Assessed unmerged(Assessed record);

/// A value that a source gives, in its normal form, or why it is refused: it is not valid, or,
/// unlike what Medicapp holds, a conversion garbled it on its way here. `region` (ISO 3166-1):
/// where phone numbers without country code are dialled from.
Normal source_value(Field field, std::string_view text, std::string_view region);

/// The form in which a field of the HIS or of Medicapp is compared and digested: what `assess`
/// makes of a known value, without refusing anything (a value that cannot be normalised stays as it
/// is, a blank one becomes empty). The canonical form of a canonical form is itself.
std::string canonical(Field field, std::string_view text, const IdentityPolicy& policy);

} // namespace medibridge::reconcile
