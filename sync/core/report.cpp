#include "sync/core/report.hpp"

namespace medibridge::sync {

std::string_view name(Outcome outcome) {
    switch (outcome) {
    case Outcome::complete:
        return "complete";
    case Outcome::incomplete:
        return "incomplete";
    case Outcome::guarded:
        return "guarded";
    case Outcome::unauthorized:
        return "unauthorized";
    }
    return "incomplete";
}

std::optional<Outcome> outcome_named(std::string_view name) {
    for (const auto outcome :
         {Outcome::complete, Outcome::incomplete, Outcome::guarded, Outcome::unauthorized}) {
        if (name == sync::name(outcome)) return outcome;
    }
    return std::nullopt;
}

Tally& Tally::operator+=(const Tally& more) {
    created += more.created;
    updated += more.updated;
    linked += more.linked;
    unchanged += more.unchanged;
    held += more.held;
    deferred += more.deferred;
    return *this;
}

Tally Tally::operator-(const Tally& earlier) const {
    Tally grown = *this;
    grown.created -= earlier.created;
    grown.updated -= earlier.updated;
    grown.linked -= earlier.linked;
    grown.unchanged -= earlier.unchanged;
    grown.held -= earlier.held;
    grown.deferred -= earlier.deferred;
    return grown;
}

std::string_view name(Action action) {
    switch (action) {
    case Action::created:
        return "created";
    case Action::updated:
        return "updated";
    case Action::linked:
        return "linked";
    case Action::held:
        return "held";
    }
    return "held";
}

} // namespace medibridge::sync
