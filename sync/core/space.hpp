#pragma once

#include "sync/core/changes.hpp"
#include "sync/core/effects.hpp"
#include "sync/core/settings.hpp"

#include <optional>
#include <string>

/// The links are ids of one Medicapp space: elsewhere the same ids are other people.
namespace medibridge::sync {

/// The state's key for the space that the links are of.
inline constexpr const char* space_key = "medicapp:space";

/// Whether Medicapp is the one that the links are of. What cannot be told from its address and the
/// API key is found out by a look at some linked patients.
class SpaceCheck {
  public:
    /// `kept`: what the state says; empty: nothing yet.
    SpaceCheck(const Rules& rules, const std::string& kept, std::int64_t linked);

    const Evidence& evidence() const { return evidence_; }
    bool is_accepted() const { return is_accepted_; }
    /// Whether linked patients are to be read before effects().
    bool needs_look() const { return needs_look_; }
    /// Nothing: they are not in Medicapp.
    void note(const state::Link& link, const std::optional<connectors::MedicappPatient>& now);
    /// An alarm; or the state belongs to this space from now on.
    Effects effects() const;

  private:
    Effects bind(std::string doubt) const;
    Alarm alarm() const;
    std::string answers() const;
    bool is_confirmed() const;

    const Rules* rules_;
    std::string kept_address_; ///< empty: nothing is kept, or what is was changed
    bool is_kept_ = false;
    bool is_as_kept_ = false;
    bool needs_look_ = false;
    bool is_accepted_ = false; ///< by an operator who was shown just this change
    bool moved_ = false;       ///< to another address, or it cannot be told from which
    int themselves_ = 0;
    int others_ = 0;
    int missing_ = 0;
    std::int64_t linked_ = 0;
    Evidence evidence_; ///< from which Medicapp to which
    Changes astray_;    ///< those read who are not themselves there
};

} // namespace medibridge::sync
