#pragma once

#include "reconcile/instant.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace medibridge::connectors {

/// What one pass over a list has shown, in 8 bytes a record: enough to tell whether an identifier
/// came twice, and whether another pass showed the same.
class PassProof {
  public:
    PassProof() = default;

    void add(std::string_view external_id);

    std::size_t records() const { return records_; }

    /// Whether no identifier came twice; records without one do not count. Sorts what is kept.
    bool distinct();
    /// How many different identifiers came. Sorts what is kept.
    std::size_t different();
    /// Whether that identifier came.
    bool holds(std::string_view external_id) const;

    /// Equal for passes that showed the same identifiers, each as often, however ordered. An edit
    /// changes nothing about it: whether a row was shown is asked, not what it said.
    std::uint64_t fingerprint() const;

    /// Whether everybody of the other pass is in this one. Both must be distinct().
    bool includes(const PassProof& other) const;

    /// The bytes that the kept hashes take.
    std::size_t bytes() const;

  private:
    // Spread over many short lists, so that one growing moves little and wastes little.
    static constexpr std::size_t lists = 256;

    std::array<std::vector<std::uint64_t>, lists> hashes_;
    std::uint64_t sum_ = 0;
    std::uint64_t mix_ = 0;
    std::size_t records_ = 0;
};

/// Tells from the pass before whether a list of several pages was shown whole, though it may move.
///
/// Who goes while a pass is under way draws others forward, past the reader; but he was shown
/// before, and is missing from the next pass. So if the next one shows everybody again, nobody had
/// gone; and if nobody came twice, nobody had moved to another page. An equal total proves neither:
/// one may have gone, and another come.
class PassMemory {
  public:
    PassMemory() = default;

    /// Whether the pass and the one before, of the same `since`, prove that the list was shown
    /// whole: by both showing the same, or by this one showing everybody again, each once. The pass
    /// is remembered.
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
