#pragma once

#include "state/audit_seal.hpp"
#include "state/store.hpp"

#include <cstdint>
#include <string>
#include <utility>

/// Records with every member set, told apart by a number.
namespace medibridge::state::test {

/// Of the key of all states of these tests.
AuditSeal audit_seal();

Instant at(std::int64_t milliseconds);
Digest digest(std::uint8_t seed);
FieldDigest field_digest(std::uint8_t seed);
/// Digests of all fields.
FieldDigests digests(std::uint8_t seed);

Link link(const std::string& external_id, const std::string& medicapp_id, std::uint8_t seed = 1);
Unlinked unlinked(const std::string& medicapp_id, const std::string& external_id = {});
Intent intent(const std::string& external_id, Intent::Kind kind = Intent::Kind::create);
Held held(const std::string& key, std::int64_t held_at_ms = 1000);
Watermark watermark(const std::string& side);
OperatorDecision decision(const std::string& key, std::int64_t at_ms = 1000);
AuditEntry audit_entry(const std::string& external_id, std::int64_t at_ms);

template <class... Changes>
Batch batch(Changes... changes) {
    Batch made;
    (made.add(std::move(changes)), ...);
    return made;
}

} // namespace medibridge::state::test
