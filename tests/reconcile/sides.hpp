#pragma once

#include "reconcile/digest.hpp"
#include "reconcile/field_table.hpp"

#include <vector>

/// What the tests of plans show to the decision.
namespace medibridge::reconcile {

inline const Digester& digester() {
    static const std::vector<std::uint8_t> key(Digester::key_size, 7);
    static const Digester made(key);
    return made;
}

inline SideView view(const Patient& patient, int modified_at = -1) {
    SideView side;
    side.fields = digester().fields(patient);
    if (modified_at >= 0) side.modified_at = Instant(std::chrono::milliseconds(modified_at));
    return side;
}

inline FieldSet cleared_in(const Patient& patient) {
    FieldSet fields;
    for (const Field field : all_fields()) {
        if (patient[field].state() == FieldValue::State::cleared) fields.add(field);
    }
    return fields;
}

inline Policy with_authority(Authority authority) {
    Policy policy;
    policy.authority.fill(authority);
    return policy;
}

} // namespace medibridge::reconcile
