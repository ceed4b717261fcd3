#pragma once

#include "reconcile/field_table.hpp"
#include "reconcile/identity.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

namespace medibridge::reconcile {

/// How a strict trait compares with the identity that was last confirmed.
enum class TraitState : std::uint8_t {
    confirmed, ///< as confirmed
    /// The same in another form: a compound name, a second first name. Or changed in Medicapp.
    respelt,
    replaced,
};

inline constexpr std::size_t trait_count = 4; ///< last name, first name, birth date, gender

/// What the known clocks show; nothing: not known. A single clock may be wrong, or may be set.
struct Clocks {
    std::optional<Instant> machine;
    std::optional<Instant> server;
    bool operator==(const Clocks&) const = default;
};

/// What changed in a linked patient's identity since it was last confirmed: at linking, by an
/// operator, or after `confirmation_period` without a challenge. An identity must not drift in
/// small steps either (RNIV: strict traits).
struct IdentityDrift {
    /// The confirmed digests of the traits that changed; unknown for the others.
    FieldDigests confirmed{};
    std::array<TraitState, trait_count> traits{};
    Clocks since; ///< when a trait was last changed

    bool empty() const { return traits == std::array<TraitState, trait_count>{}; }
    bool operator==(const IdentityDrift&) const = default;
};

inline constexpr std::chrono::days confirmation_period{90};

/// Strict traits that differ between two people; one may be a correction.
inline constexpr std::size_t traits_of_another = 2;

/// What a change of a linked patient would do to who the record describes.
struct IdentityVerdict {
    /// Two or more strict traits would be replaced, counted against the identity last confirmed and
    /// against what Medicapp shows now; or the first name by one that has nothing in common with
    /// it; or Medicapp's patient was made somebody else.
    bool divergence = false;
    FieldSet traits;     ///< those at fault, where it is a divergence
    IdentityDrift after; ///< what to store once the change is written
};

/// What the verdict needs to know about one patient.
struct IdentityCase {
    const IdentityDrift& before;
    const FieldSet& write; ///< the fields that would be written
    const SideView& his;   ///< what would be written, digested
    /// The record's other last name, digested as the one that would be written is; unknown: none.
    FieldDigest other_last_name;
    const FieldDigests& agreed;   ///< Medicapp when it and the HIS last agreed
    const SideView& medicapp;     ///< Medicapp now; what it does not show, as agreed
    const FieldDigests& shown;    ///< only what Medicapp shows now
    const IdentityTraits& ours;   ///< the HIS's traits, without placeholders
    const IdentityTraits& theirs; ///< Medicapp's traits now, without placeholders
    Clocks now;              ///< every clock that was known when a trait changed must have moved on
    bool challenged = false; ///< a divergence is held: standing still confirms nothing
    bool moved = false;      ///< a strict trait was changed in Medicapp since both agreed
};

IdentityVerdict judge_identity(const IdentityCase& identity);

} // namespace medibridge::reconcile
