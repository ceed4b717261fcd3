#include "connectors/hl7v2/event.hpp"

#include "base/bytes/ascii.hpp"

#include <algorithm>
#include <array>

namespace medibridge::connectors::hl7 {

namespace {

template <std::size_t size>
bool stands_in(const std::array<std::string_view, size>& events, std::string_view event) {
    return std::ranges::find(events, event) != events.end();
}

constexpr std::array<std::string_view, 6> merges{"A18", "A30", "A34", "A36", "A39", "A40"};
constexpr std::array<std::string_view, 2> renames{"A46", "A47"};

/// What was reported before did not happen.
constexpr std::array<std::string_view, 18> cancellations{"A11", "A12", "A13", "A25", "A26", "A27",
                                                         "A32", "A33", "A38", "A52", "A53", "A55",
                                                         "A62", "Z81", "Z83", "Z85", "Z87", "Z89"};

/// A20: a bed. A23: a visit. A35, A41, A42, A44, A45: accounts and visits. A43: identifiers that
/// stood with the wrong patient. A48 to A51: identifiers that are not ours.
constexpr std::array<std::string_view, 12> other_events{"A20", "A23", "A35", "A41", "A42", "A43",
                                                        "A44", "A45", "A48", "A49", "A50", "A51"};

/// Pre-admission; pending admission, transfer and discharge.
constexpr std::array<std::string_view, 4> planned{"A05", "A14", "A15", "A16"};

} // namespace

Action action_of(std::string_view event) {
    if (stands_in(merges, event)) return Action::merge;
    if (stands_in(renames, event)) return Action::rename;
    if (stands_in(cancellations, event) || stands_in(other_events, event))
        return Action::acknowledge;
    if (event == "A24") return Action::link;
    if (event == "A37") return Action::unlink;
    if (event == "A29") return Action::removal;
    if (event.size() != 3 || !base::is_ascii_digit(event[1]) || !base::is_ascii_digit(event[2]))
        return Action::unknown;
    if (event[0] == 'Z') return Action::snapshot;
    // A19 is a query; the standard has no event behind A62.
    const bool listed = event[0] == 'A' && event >= "A01" && event <= "A62" && event != "A19";
    return listed ? Action::snapshot : Action::unknown;
}

bool is_planned(std::string_view event) {
    return stands_in(planned, event);
}

} // namespace medibridge::connectors::hl7
