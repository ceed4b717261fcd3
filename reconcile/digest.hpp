#pragma once

#include "reconcile/patient.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace medibridge::reconcile {

/// A keyed BLAKE2b-128. All zero is reserved: it means "unknown".
using Digest = std::array<std::uint8_t, 16>;

/// The front of such a digest, of one field of one patient. It is only compared with the one of the
/// same field of the same patient before, so that 48 bits are enough: of a changed value, one in
/// 3e14 would look unchanged. Three values are reserved: all zero means "unknown", `cleared_digest`
/// and `unseen_digest`.
using FieldDigest = std::array<std::uint8_t, 6>;

/// The digest of a field that is known to be empty, the same for every patient: without the key, so
/// that the decision tables can tell filling in a value from replacing one.
inline constexpr FieldDigest cleared_digest = {0, 0, 0, 0, 0, 1};

/// Of a field whose value cannot be seen, though there may be one: it differs from every value.
/// Only for comparing, never remembered.
inline constexpr FieldDigest unseen_digest = {0, 0, 0, 0, 0, 2};

/// A digest as hexadecimal digits.
std::string hex(const Digest& digest);
std::string hex(const FieldDigest& digest);

/// The key under which the state knows a record without an externalId: `record:HEX`.
std::string nameless_key(const Digest& digest);
bool is_nameless_key(std::string_view key);

/// One digest a field; unknown fields are all zero, empty ones `cleared_digest`.
using FieldDigests = std::array<FieldDigest, field_count>;

/// Makes the digests that stand for personal data in the state file. Cheap to copy; the key is
/// wiped when the last copy goes.
class Digester {
  public:
    static constexpr std::size_t key_size = 32;

    /// Throws std::invalid_argument unless the key has `key_size` bytes.
    explicit Digester(std::span<const std::uint8_t> key);

    /// Digests of a patient's fields. The externalId goes into each, so that equal values of two
    /// patients do not look equal. A cleared field and a known empty text are both empty;
    /// unreadable counts as unknown.
    FieldDigests fields(const Patient& patient) const;

    /// A digest of `text` in a domain of its own, such as "payload" or "matching key".
    Digest text(std::string_view domain, std::string_view text) const;

    /// 12 hexadecimal digits that stand for an externalId in logs.
    std::string pseudonym(std::string_view external_id) const;

  private:
    struct Key;
    std::shared_ptr<const Key> key_;
};

} // namespace medibridge::reconcile
