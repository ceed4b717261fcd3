#include "state/sqlite/packing.hpp"

#include <algorithm>
#include <limits>

namespace medibridge::state {
namespace {

using reconcile::field_count;

constexpr std::size_t bits_of_pair = 3;
static_assert(field_count * bits_of_pair <= 32, "more fields need a wider mask and a migration");

constexpr std::uint32_t his_known = 1;
constexpr std::uint32_t medicapp_known = 2;
constexpr std::uint32_t both_equal = 4;

/// Reads the mask and the digests from the front of a column's bytes.
class Unpacker {
  public:
    explicit Unpacker(std::span<const std::uint8_t> bytes) : rest_(bytes) {}

    bool mask(std::uint32_t& mask) {
        if (rest_.size() < 4) return false;
        mask = 0;
        for (std::size_t i = 4; i-- > 0;)
            mask = mask << 8U | rest_[i];
        rest_ = rest_.subspan(4);
        return true;
    }

    bool digest(Digest& digest) {
        if (rest_.size() < digest.size()) return false;
        std::copy_n(rest_.begin(), digest.size(), digest.begin());
        rest_ = rest_.subspan(digest.size());
        return true;
    }

    bool at_end() const { return rest_.empty(); }

  private:
    std::span<const std::uint8_t> rest_;
};

} // namespace

PackedDigests::PackedDigests(const FieldDigests& his, const FieldDigests& medicapp) {
    std::uint32_t mask = 0;
    for (std::size_t i = 0; i < field_count; ++i) {
        std::uint32_t bits = 0;
        if (his[i] != Digest{}) {
            bits |= his_known;
            append(his[i]);
        }
        if (medicapp[i] != Digest{}) {
            bits |= medicapp_known;
            if (medicapp[i] == his[i])
                bits |= both_equal;
            else
                append(medicapp[i]);
        }
        mask |= bits << (i * bits_of_pair);
    }
    set_mask(mask);
}

PackedDigests::PackedDigests(const FieldDigests& digests) {
    std::uint32_t mask = 0;
    for (std::size_t i = 0; i < field_count; ++i) {
        if (digests[i] == Digest{}) continue;
        mask |= std::uint32_t{1} << i;
        append(digests[i]);
    }
    set_mask(mask);
}

void PackedDigests::append(const Digest& digest) {
    std::copy(digest.begin(), digest.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += digest_size;
}

void PackedDigests::set_mask(std::uint32_t mask) {
    for (std::size_t i = 0; i < mask_size; ++i)
        bytes_[i] = static_cast<std::uint8_t>(mask >> (8 * i));
}

bool unpack(std::span<const std::uint8_t> bytes, FieldDigests& his, FieldDigests& medicapp) {
    Unpacker unpacker(bytes);
    std::uint32_t mask = 0;
    if (!unpacker.mask(mask) || mask >> (field_count * bits_of_pair) != 0) return false;
    for (std::size_t i = 0; i < field_count; ++i) {
        const std::uint32_t bits = mask >> (i * bits_of_pair) & 7U;
        if ((bits & both_equal) != 0 && bits != 7U) return false;
        his[i] = medicapp[i] = {};
        if ((bits & his_known) != 0 && !unpacker.digest(his[i])) return false;
        if ((bits & both_equal) != 0)
            medicapp[i] = his[i];
        else if ((bits & medicapp_known) != 0 && !unpacker.digest(medicapp[i]))
            return false;
    }
    return unpacker.at_end();
}

namespace {

constexpr std::size_t bits_of_state = 2;
constexpr std::size_t time_size = 8;
constexpr std::int64_t no_time = std::numeric_limits<std::int64_t>::min();

} // namespace

PackedDrift::PackedDrift(const reconcile::IdentityDrift& drift) {
    if (drift.empty()) return;
    std::uint8_t states = 0;
    for (std::size_t i = 0; i < reconcile::trait_count; ++i)
        states |= static_cast<std::uint8_t>(static_cast<unsigned>(drift.traits[i])
                                            << (i * bits_of_state));
    bytes_.push_back(states);
    for (const auto& time : {drift.since.machine, drift.since.server}) {
        const auto since =
            static_cast<std::uint64_t>(time ? time->time_since_epoch().count() : no_time);
        for (std::size_t i = 0; i < time_size; ++i)
            bytes_.push_back(static_cast<std::uint8_t>(since >> (8 * i)));
    }
    const PackedDigests confirmed(drift.confirmed);
    bytes_.insert(bytes_.end(), confirmed.bytes().begin(), confirmed.bytes().end());
}

bool unpack(std::span<const std::uint8_t> bytes, reconcile::IdentityDrift& drift) {
    drift = {};
    if (bytes.empty()) return true;
    if (bytes.size() < 1 + 2 * time_size) return false;
    for (std::size_t i = 0; i < reconcile::trait_count; ++i) {
        const unsigned state = bytes[0] >> (i * bits_of_state) & 3U;
        if (state > static_cast<unsigned>(reconcile::TraitState::replaced)) return false;
        drift.traits[i] = static_cast<reconcile::TraitState>(state);
    }
    bytes = bytes.subspan(1);
    for (auto* time : {&drift.since.machine, &drift.since.server}) {
        std::uint64_t since = 0;
        for (std::size_t i = time_size; i-- > 0;)
            since = since << 8U | bytes[i];
        if (static_cast<std::int64_t>(since) != no_time)
            *time = Instant(Instant::duration(static_cast<std::int64_t>(since)));
        bytes = bytes.subspan(time_size);
    }
    return unpack(bytes, drift.confirmed);
}

bool unpack(std::span<const std::uint8_t> bytes, FieldDigests& digests) {
    Unpacker unpacker(bytes);
    std::uint32_t mask = 0;
    if (!unpacker.mask(mask) || mask >> field_count != 0) return false;
    for (std::size_t i = 0; i < field_count; ++i) {
        digests[i] = {};
        if ((mask >> i & 1U) != 0 && !unpacker.digest(digests[i])) return false;
    }
    return unpacker.at_end();
}

} // namespace medibridge::state
