#include "sync/core/arrivals.hpp"

#include "sync/core/observations.hpp"

namespace medibridge::sync {

bool may_be_rewound(const Item& item, const std::vector<connectors::MedicappPatient>& details) {
    const auto& link = item.known.link;
    if (!link) return false;
    if (details.empty()) return true;
    const auto& known_at = link->baselines.medicapp.modified_at;
    const auto& shown_at = details.front().modified_at;
    return known_at && shown_at && *shown_at + list_time_grain < *known_at;
}

bool speaks_of_new_patient(const Item& item) {
    const auto kind = item.decision.kind;
    const bool says_nothing = kind == Decision::Kind::nothing ||
                              kind == Decision::Kind::still_held ||
                              kind == Decision::Kind::untouched;
    return !item.known.link && (!says_nothing || item.calls_for_all);
}

const ChangeCounter& Burst::at(std::chrono::milliseconds now) {
    if (!exceeded_ && now >= lasting_until_) {
        forget();
        lasting_until_ = now + lasting_length;
    }
    const bool counts = exceeded_ || (is_open_ && now < until_);
    if (!counts) {
        end();
        is_open_ = true;
        until_ = now + length;
    }
    return changes_;
}

void Burst::end() {
    is_open_ = false;
    exceeded_ = false;
    changes_.forget_updates();
    new_links_ = base::IdSet();
}

} // namespace medibridge::sync
