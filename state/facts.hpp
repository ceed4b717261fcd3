#pragma once

#include "state/batch.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace medibridge::state {

/// What must be known of an externalId even if the state is lost: that the patient was erased,
/// merged into another, or had another number before. Nothing else in the state shows it, and
/// neither Medicapp nor the HIS can be asked.
struct Fact {
    enum class Kind : std::uint8_t { tombstone, redirect, prior };
    Kind kind = Kind::tombstone;
    std::string id;
    /// The tombstone's Medicapp id, the redirect's survivor, a prior externalId, which is never
    /// taken back; nothing: taken back.
    std::optional<std::string> says;

    bool operator==(const Fact&) const = default;
};

/// The facts that the changes of a batch state, in their order.
std::vector<Fact> facts_in(const Batch& batch);

/// The change that makes the fact true in a store.
Batch::Change change_for(const Fact& fact);

/// The latest statement about each subject.
class Facts {
  public:
    void note(const Fact& fact) { last_[subject_of(fact)] = fact.says; }
    /// Whether noting it would change anything.
    bool is_news(const Fact& fact) const;
    /// Whether there was ever a fact about the same subject.
    bool speaks_of(const Fact& fact) const { return last_.contains(subject_of(fact)); }
    std::vector<Fact> all() const;

  private:
    /// A patient may have had several prior numbers: each is a subject of its own.
    using Subject = std::tuple<Fact::Kind, std::string, std::string>;
    static Subject subject_of(const Fact& fact);

    std::map<Subject, std::optional<std::string>> last_;
};

/// One line of text, its end included, with a checksum.
std::string line_of(const Fact& fact);

/// The result of reading a text of such lines.
struct FactsText {
    Facts facts;
    bool complete = true; ///< every line could be read; if not, the others are still valid
};

/// Throws StoreError for a line of a newer version.
FactsText read_facts(std::string_view text);

} // namespace medibridge::state
