#include "samples.hpp"

#include <array>

namespace medibridge::state::test {

AuditSeal audit_seal() {
    constexpr std::array<std::uint8_t, AuditSeal::key_size> key{5, 6, 7};
    return AuditSeal(key);
}

Instant at(std::int64_t milliseconds) {
    return Instant{Instant::duration{milliseconds}};
}

Digest digest(std::uint8_t seed) {
    Digest made{};
    for (std::size_t i = 0; i < made.size(); ++i)
        made[i] = static_cast<std::uint8_t>(seed + i);
    return made;
}

FieldDigest field_digest(std::uint8_t seed) {
    FieldDigest made{};
    for (std::size_t i = 0; i < made.size(); ++i)
        made[i] = static_cast<std::uint8_t>(seed + i);
    return made;
}

FieldDigests digests(std::uint8_t seed) {
    FieldDigests made{};
    for (std::size_t i = 0; i < made.size(); ++i)
        made[i] = field_digest(static_cast<std::uint8_t>(seed + 17 * i));
    return made;
}

Link link(const std::string& external_id, const std::string& medicapp_id, std::uint8_t seed) {
    Link made;
    made.external_id = external_id;
    made.medicapp_id = medicapp_id;
    made.source = "dpi";
    made.baselines.his = {digests(seed), at(1'700'000'000'001)};
    made.baselines.medicapp = {digests(seed), at(1'700'000'000'002)};
    made.baselines.medicapp.fields[4] = field_digest(static_cast<std::uint8_t>(seed + 99));
    return made;
}

Unlinked unlinked(const std::string& medicapp_id, const std::string& external_id) {
    return {medicapp_id, external_id, at(1'600'000'000'000), {}};
}

Intent intent(const std::string& external_id, Intent::Kind kind) {
    Intent made;
    made.external_id = external_id;
    made.kind = kind;
    made.medicapp_id = kind == Intent::Kind::update ? "m-" + external_id : "";
    made.sent[0] = field_digest(7);
    made.sent[9] = reconcile::cleared_digest;
    return made;
}

Held held(const std::string& key, std::int64_t held_at_ms) {
    Held made;
    made.key = key;
    made.source = "dpi";
    made.reason = reconcile::HoldReason::rejected;
    made.field = "address.postalCode";
    made.detail = "INVALID_FIELD";
    made.medicapp_id = "m-9";
    made.request_id = "req-1";
    made.record = digest(42);
    made.attempts = 3;
    made.held_at_ms = held_at_ms;
    made.looked_at_ms = held_at_ms + 1;
    return made;
}

Watermark watermark(const std::string& side) {
    Watermark made;
    made.side = side;
    made.stamp = at(1'700'000'000'123);
    made.anchor = "P0042";
    made.pending = at(1'700'000'000'124);
    made.reached_at = at(1'700'000'000'456);
    made.clock = at(1'700'000'000'457);
    made.settled = true;
    made.precision = reconcile::Precision::milliseconds;
    return made;
}

OperatorDecision decision(const std::string& key, std::int64_t at_ms) {
    OperatorDecision made;
    made.external_id = key;
    made.kind = OperatorDecision::Kind::link;
    made.medicapp_id = "m-" + key;
    made.record = digest(43);
    made.medicapp = digest(44);
    made.reason = "called the ward";
    made.actor = {"alice", 1001};
    made.at_ms = at_ms;
    return made;
}

AuditEntry audit_entry(const std::string& external_id, std::int64_t at_ms) {
    return {external_id, "m-" + external_id, "updated", "phone,email", "req-2",
            at_ms,       {"bob", 1002}};
}

} // namespace medibridge::state::test
