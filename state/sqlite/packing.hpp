#pragma once

#include "state/records.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace medibridge::state {

/// Digests as stored in a column: a little-endian 32-bit mask that says which are known, then
/// those and no others, in the order of the fields.
class PackedDigests {
  public:
    /// Both digests of a link. Three bits a field: the HIS's is known, Medicapp's is known, both
    /// are equal (the usual case, kept once).
    PackedDigests(const FieldDigests& his, const FieldDigests& medicapp);
    /// One set of digests. One bit a field.
    explicit PackedDigests(const FieldDigests& digests);

    std::span<const std::uint8_t> bytes() const { return {bytes_.data(), size_}; }

  private:
    static constexpr std::size_t mask_size = 4;
    static constexpr std::size_t digest_size = sizeof(Digest);

    void append(const Digest& digest);
    void set_mask(std::uint32_t mask);

    std::array<std::uint8_t, mask_size + 2 * reconcile::field_count * digest_size> bytes_{};
    std::size_t size_ = mask_size;
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
