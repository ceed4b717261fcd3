#pragma once

#include "reconcile/instant.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace medibridge::connectors {

/// What one pass over a list has shown, in 8 bytes a record: enough to see whether an identifier
/// came twice, and whether another pass showed the same identifiers.
class PassProof {
  public:
    PassProof() = default;

    void add(std::string_view external_id);

    std::size_t records() const { return records_; }

    /// Whether no identifier came twice; records without one do not count. Sorts what is kept.
    bool distinct();
    /// How many different identifiers came. Sorts what is kept.
    std::size_t different();
    /// How often an identifier came again. Sorts what is kept.
    std::size_t repeated();
    /// Those that came again, as base::text_hash, at most so many. Sorts what is kept.
    std::vector<std::uint64_t> identifiers_repeated(std::size_t most);
    /// Whether that identifier came.
    bool holds(std::string_view external_id) const;

    /// Equal for passes that showed the same identifiers, each as often, in any order. It does not
    /// depend on the other fields, so an edit does not change it.
    std::uint64_t fingerprint() const;

    /// Whether this pass has all identifiers of the other one. Both must be distinct().
    bool includes(const PassProof& other) const;

    /// Memory of the kept hashes, in bytes.
    std::size_t bytes() const;

  private:
    // Spread over many short lists, so that a list that grows copies little and wastes little.
    static constexpr std::size_t lists = 256;

    std::array<std::vector<std::uint64_t>, lists> hashes_;
    std::uint64_t sum_ = 0;
    std::uint64_t mix_ = 0;
    std::size_t records_ = 0;
};

/// Compares a pass with the one before, to prove that a list of several pages was shown completely
/// although it may change meanwhile.
///
/// When a patient leaves the list during a pass, those behind move forward, and the reader may miss
/// one of them. But the patient who left was shown before and is missing from the next pass. So if
/// the next pass shows all of them again, nobody left; and if none comes twice, nobody moved to
/// another page. An equal total proves neither: one may have left and another arrived.
class PassMemory {
  public:
    PassMemory() = default;

    /// Whether this pass and the one before, with the same `since`, prove that the list was shown
    /// completely: both showed the same, or this one showed all of them again, each once. Remembers
    /// the pass.
    bool confirms(std::optional<reconcile::Instant> since, PassProof proof);

  private:
    struct Pass {
        std::optional<reconcile::Instant> since;
        PassProof proof;
        bool distinct = false;
    };
    std::optional<Pass> before_;
};

} // namespace medibridge::connectors
