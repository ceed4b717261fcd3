#pragma once

#include "sync/core/settings.hpp"

#include <cstdint>
#include <string>

namespace medibridge::sync {

/// What an operator has accepted of what guards stop, until a cycle is complete: of two guards that
/// stand at once the second one shows only when the first is accepted, and an answer to it must not
/// take that back. It holds for a day at most, and for one configuration.
class Acceptance {
  public:
    Acceptance() = default;
    /// As text() gave it; anything else is none.
    explicit Acceptance(const std::string& text);

    /// Empty: nothing is accepted.
    std::string text() const;
    bool any() const { return mapping_ || rewind_ || space_; }

    /// Adds it to the request, if it holds for this cycle.
    void lend_to(Request& request, const std::string& configuration) const;
    /// What holds after the cycle of that request. `ended`: it was complete.
    Acceptance after(const Request& request, const std::string& configuration, bool ended) const;

    bool operator==(const Acceptance&) const = default;

  private:
    bool mapping_ = false;
    bool rewind_ = false;
    bool space_ = false;
    std::int64_t at_ms_ = 0; ///< when it was given first
    std::string configuration_;
};

/// Meta key: Acceptance::text().
inline constexpr const char* accepted_key = "accepted";

/// A digest of all that a mapping or a space can be accepted of. `source_names` of the rules: all
/// that are configured.
std::string accepted_configuration(const Rules& rules);

} // namespace medibridge::sync
