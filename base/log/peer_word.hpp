#pragma once

#include "base/log/line.hpp"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::log {

/// Words that a peer chose, such as a message's identifier, a file's name or a server's code: they
/// may hold a patient's name or birth date, and must not reach logs, reasons or the state as they
/// are.
///
/// A word stays as it is only if it is
///
/// - a counter: at most 64 letters, digits and `-_.`, whose runs of letters are technical words
///   (`MSG`, `ADT`, `export`, …) or known ones, with at most one single letter besides; and whose
///   digits, taken together, are at most five, or at most five behind four zeros or more;
/// - a UUID, with its dashes or as 32 hexadecimal digits.
///
/// Any other becomes `~` and its pseudonym, the same as that of an externalId:
/// `medibridgectl pseudonym WORD` gives it. An empty word becomes `-`.
class PeerWords {
  public:
    /// Has no key: a word that may not stay becomes `~` and its length.
    PeerWords() = default;
    explicit PeerWords(Pseudonym pseudonym) : pseudonym_(std::move(pseudonym)) {}

    /// The same, with the letters of these texts as known words: what the configuration or a
    /// specification names. Case does not matter.
    PeerWords knowing(const std::vector<std::string_view>& texts) const;

    std::string operator()(std::string_view word) const;

  private:
    bool is_counter(std::string_view word) const;

    Pseudonym pseudonym_;
    std::set<std::string, std::less<>> known_; ///< in lower case
};

} // namespace medibridge::log
