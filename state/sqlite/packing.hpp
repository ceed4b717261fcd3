#pragma once

#include "state/records.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace medibridge::state {

enum class Sight : std::uint8_t;

/// Digests as stored in a column: two bits a field and side say whether it is unknown, empty, has
/// a digest, or has the same one as the other side; then the digests, field by field.
class PackedDigests {
  public:
    /// Both digests of a link, the HIS's before Medicapp's. Where they are equal, the usual case,
    /// the digest is kept once.
    PackedDigests(const FieldDigests& his, const FieldDigests& medicapp);
    /// One set of digests.
    explicit PackedDigests(const FieldDigests& digests);

    std::span<const std::uint8_t> bytes() const { return {bytes_.data(), size_}; }

  private:
    void add(std::size_t place, const FieldDigest& digest, Sight sight);

    /// Five bytes say what is known of two sides.
    static constexpr std::size_t longest = 5 + 2 * reconcile::field_count * sizeof(FieldDigest);
    static_assert(reconcile::field_count <= 10, "more fields need more bytes and a migration");

    std::array<std::uint8_t, longest> bytes_{};
    std::size_t size_;
};

/// What changed of an identity since it was confirmed, as stored in a column: nothing where
/// nothing did. Else two bits a trait, two little-endian times (the smallest: none), and
/// PackedDigests.
class PackedDrift {
  public:
    explicit PackedDrift(const reconcile::IdentityDrift& drift);
    std::span<const std::uint8_t> bytes() const { return bytes_; }

  private:
    std::vector<std::uint8_t> bytes_;
};

/// Reads what PackedDrift wrote; false if the bytes cannot be that.
[[nodiscard]] bool unpack(std::span<const std::uint8_t> bytes, reconcile::IdentityDrift& drift);

/// Reads what PackedDigests wrote; false if the bytes cannot be that.
[[nodiscard]] bool unpack(std::span<const std::uint8_t> bytes, FieldDigests& his,
                          FieldDigests& medicapp);
[[nodiscard]] bool unpack(std::span<const std::uint8_t> bytes, FieldDigests& digests);

} // namespace medibridge::state
