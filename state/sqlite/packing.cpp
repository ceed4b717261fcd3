#include "state/sqlite/packing.hpp"

#include <algorithm>
#include <limits>

namespace medibridge::state {

/// What is said of a field on one side.
enum class Sight : std::uint8_t {
    unknown = 0,
    empty = 1,  ///< cleared_digest
    digest = 2, ///< which follows
    same = 3,   ///< as the HIS has it, whose digest is there
};

namespace {

using reconcile::cleared_digest;
using reconcile::field_count;

constexpr unsigned bits_of_sight = 2;

Sight sight_of(const FieldDigest& digest) {
    if (digest == FieldDigest{}) return Sight::unknown;
    return digest == cleared_digest ? Sight::empty : Sight::digest;
}

/// Reads sights, and the digests behind them, from a column's bytes.
class Unpacker {
  public:
    Unpacker(std::span<const std::uint8_t> bytes, std::size_t sights)
        : sights_(bytes.first(std::min(bytes.size(), bytes_of(sights)))),
          rest_(bytes.subspan(sights_.size())),
          complete_(sights_.size() == bytes_of(sights)) {
        for (std::size_t i = sights; complete_ && i < sights_.size() * sights_in_byte; ++i)
            complete_ = sight(i) == Sight::unknown;
    }

    static std::size_t bytes_of(std::size_t sights) {
        return (sights + sights_in_byte - 1) / sights_in_byte;
    }

    bool complete() const { return complete_; } ///< all sights are there, and no others
    bool at_end() const { return rest_.empty(); }

    /// False: not what was written. `same`: as the HIS has it; null: it is the HIS's.
    bool read(std::size_t i, FieldDigest& digest, const FieldDigest* same) {
        digest = {};
        switch (sight(i)) {
        case Sight::unknown:
            return true;
        case Sight::empty:
            digest = cleared_digest;
            return true;
        case Sight::digest:
            if (rest_.size() < digest.size()) return false;
            std::copy_n(rest_.begin(), digest.size(), digest.begin());
            rest_ = rest_.subspan(digest.size());
            return true;
        case Sight::same:
            if (!same || sight_of(*same) != Sight::digest) return false;
            digest = *same;
            return true;
        }
        return false;
    }

  private:
    static constexpr std::size_t sights_in_byte = 8 / bits_of_sight;

    Sight sight(std::size_t i) const {
        const unsigned shift = i % sights_in_byte * bits_of_sight;
        return static_cast<Sight>(sights_[i / sights_in_byte] >> shift & 3U);
    }

    std::span<const std::uint8_t> sights_;
    std::span<const std::uint8_t> rest_;
    bool complete_;
};

} // namespace

PackedDigests::PackedDigests(const FieldDigests& his, const FieldDigests& medicapp)
    : size_(Unpacker::bytes_of(2 * field_count)) {
    for (std::size_t i = 0; i < field_count; ++i) {
        add(2 * i, his[i], sight_of(his[i]));
        const auto sight = sight_of(medicapp[i]);
        const bool same = sight == Sight::digest && medicapp[i] == his[i];
        add(2 * i + 1, medicapp[i], same ? Sight::same : sight);
    }
}

PackedDigests::PackedDigests(const FieldDigests& digests) : size_(Unpacker::bytes_of(field_count)) {
    for (std::size_t i = 0; i < field_count; ++i)
        add(i, digests[i], sight_of(digests[i]));
}

void PackedDigests::add(std::size_t place, const FieldDigest& digest, Sight sight) {
    const std::size_t bit = place * bits_of_sight;
    bytes_[bit / 8] |= static_cast<std::uint8_t>(static_cast<unsigned>(sight) << bit % 8);
    if (sight != Sight::digest) return;
    std::copy(digest.begin(), digest.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += digest.size();
}

bool unpack(std::span<const std::uint8_t> bytes, FieldDigests& his, FieldDigests& medicapp) {
    Unpacker unpacker(bytes, 2 * field_count);
    if (!unpacker.complete()) return false;
    for (std::size_t i = 0; i < field_count; ++i) {
        if (!unpacker.read(2 * i, his[i], nullptr)) return false;
        if (!unpacker.read(2 * i + 1, medicapp[i], &his[i])) return false;
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
    Unpacker unpacker(bytes, field_count);
    if (!unpacker.complete()) return false;
    for (std::size_t i = 0; i < field_count; ++i)
        if (!unpacker.read(i, digests[i], nullptr)) return false;
    return unpacker.at_end();
}

} // namespace medibridge::state
