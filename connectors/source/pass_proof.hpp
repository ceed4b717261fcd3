#pragma once

#include "base/bytes/id_set.hpp"
#include "reconcile/instant.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace medibridge::connectors {

/// Stands for what one pass over a list has shown, however much that is.
class PassFingerprint {
  public:
    void add(std::string_view external_id);
    std::size_t records() const { return records_; }

    /// Equal for passes that showed the same identifiers, each as often, in any order. It does not
    /// depend on the other fields, so an edit does not change it.
    std::uint64_t value() const;

  private:
    std::uint64_t sum_ = 0;
    std::uint64_t mix_ = 0;
    std::size_t records_ = 0;
};

/// What one pass over a list has shown: enough to see whether an identifier came twice, and whether
/// the pass before showed the same identifiers. Takes 7 bytes for each that one of both has shown.
class PassProof {
  public:
    PassProof() = default;

    void add(std::string_view external_id);
    /// As if nothing had been added.
    void begin_anew();

    /// Whether no identifier came twice; records without one do not count.
    bool distinct() const { return repeated_ == 0; }
    /// How many different identifiers came.
    std::size_t different() const { return shown_.size(); }
    /// How often an identifier came again.
    std::size_t repeated() const { return repeated_; }
    /// Those that came again, as base::text_hash; the first 4096.
    std::vector<std::uint64_t> identifiers_repeated() const;
    /// Whether that identifier came.
    bool holds(std::string_view external_id) const { return shown_.contains(external_id); }
    std::uint64_t fingerprint() const { return fingerprint_.value(); }
    /// An empty set for much the same identifiers: see IdSet::alike().
    base::IdSet alike() const { return shown_.alike(); }

  private:
    friend class PassMemory;

    /// What the pass before has shown.
    struct Before {
        std::uint64_t fingerprint = 0;
        bool distinct = false;
        std::shared_ptr<const base::IdSet> shown;
    };

    explicit PassProof(Before before)
        : before_(std::move(before)),
          shown_(before_->shown->alike()) {}

    std::optional<Before> before_; ///< nothing: it is not known, or is the answer to something else
    PassFingerprint fingerprint_;
    std::size_t repeated_ = 0;
    std::vector<std::uint64_t> came_again_;
    base::IdSet shown_;
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

    /// For a pass of what changed since then.
    PassProof begin(std::optional<reconcile::Instant> since) const;

    /// Whether this pass and the one before, with the same `since`, prove that the list was shown
    /// completely: both showed the same, or this one showed all of them again, each once. Remembers
    /// the pass.
    bool confirms(std::optional<reconcile::Instant> since, PassProof proof);

  private:
    std::optional<reconcile::Instant> since_;
    std::optional<PassProof::Before> before_; ///< nothing: no pass has come to its end
};

} // namespace medibridge::connectors
