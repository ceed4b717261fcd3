#pragma once

#include "sync/core/settings.hpp"

#include <cstdint>
#include <string>

namespace medibridge::sync {

/// What an operator has accepted of what guards stop, until a cycle is complete: of two guards that
/// stand at once one is answered first, and neither the other one nor a cycle that does not come to
/// its end must take that back. It holds for what they were shown (see Consent), for a day at most,
/// and for one configuration.
class Acceptance {
  public:
    Acceptance() = default;
    /// As text() gave it; anything else is none.
    explicit Acceptance(const std::string& text);

    /// Empty: nothing is accepted.
    std::string text() const;
    bool any() const { return mapping_.given() || rewind_.given() || space_.given(); }

    /// Adds it to the request, if it holds for this cycle.
    void lend_to(Request& request, const std::string& configuration) const;
    /// What holds after the cycle of that request. `ended`: it was complete.
    Acceptance after(const Request& request, const std::string& configuration, bool ended) const;

    bool operator==(const Acceptance&) const = default;

  private:
    Consent mapping_;
    Consent rewind_;
    Consent space_;
    std::int64_t at_ms_ = 0; ///< when it was given first
    std::string configuration_;
};

/// Meta key: Acceptance::text().
inline constexpr const char* accepted_key = "accepted";

/// A digest of all that a mapping or a space can be accepted of. `source_names` of the rules: all
/// that are configured.
std::string accepted_configuration(const Rules& rules);

} // namespace medibridge::sync
