#pragma once

#include "connectors/hl7v2/message.hpp"
#include "connectors/hl7v2/time.hpp"
#include "connectors/mapping/choice.hpp"
#include "reconcile/patient.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::connectors::hl7 {

/// What the fields of a person are read with.
struct FieldRules {
    const Leaves& leaves;
    const MessageClock& clock;
    reconcile::Instant now;    ///< by which periods are judged
    const std::string& region; ///< from which phone numbers are dialled (ISO 3166-1)
};

/// One repetition of a field.
class Repetition {
  public:
    Repetition(std::string_view whole, const FieldRules& rules) : whole_(whole), rules_(&rules) {}

    /// A component, or one of its subcomponents, unescaped and trimmed; empty for `""`, too. If it
    /// holds an HTML entity (`l&#39;Île`), the `&` separates nothing, and all of it is the first
    /// subcomponent.
    std::string text(std::size_t component, std::size_t subcomponent = 1) const;
    /// Whether `""` stands there.
    bool is_emptied(std::size_t component, std::size_t subcomponent = 1) const;
    /// Unknown, cleared or known.
    reconcile::FieldValue value(std::size_t component, std::size_t subcomponent = 1) const;
    /// A component as it stands.
    std::string_view raw(std::size_t component) const;
    /// From a range (DR, its two ends as subcomponents), or from two components of their own; 0:
    /// the type has none of that.
    Period period(std::size_t range, std::size_t effective, std::size_t expiration) const;

  private:
    std::string_view leaf(std::size_t component, std::size_t subcomponent) const;

    std::string_view whole_;
    const FieldRules* rules_;
};

/// The repetitions that are not empty. None: the field was not sent and says nothing.
std::vector<Repetition> repetitions(std::string_view field, const FieldRules& rules);

/// A preference order as senders write it, 1 first; a missing or invalid one is last.
int preference(std::string_view text);
inline constexpr int last_preference = 99;

/// One that may be chosen, and what it would give.
struct Offer {
    Repetition repetition;
    Candidate candidate;
};

/// The result of connectors::choose(). Nothing: none holds now.
std::optional<Repetition> chosen(const std::vector<Offer>& offers, const FieldRules& rules,
                                 const std::function<bool(const Repetition&)>& is_usable);

} // namespace medibridge::connectors::hl7
