#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::sync {

/// What a guard has seen, thing by thing, as a fingerprint of each: a patient who went back from
/// that time to that one, a source whose mapping was that and is that now. In any order.
using Evidence = std::vector<std::uint64_t>;

/// One thing's fingerprint. `kind` keeps what one guard sees apart from what another one does.
std::uint64_t fingerprint_of(std::string_view kind, std::string_view thing);

/// What an operator accepts of what one guard stops: what they were shown, and nothing else. Less
/// than that is accepted, too, as it goes away while it is put right.
class Consent {
  public:
    /// None is given.
    Consent() = default;
    static Consent to(const Evidence& shown);
    /// To whatever one cycle finds: of somebody who runs it by hand, and is shown nothing before.
    static Consent to_all_that_is_found();
    /// As text() gave it.
    static Consent from(std::string_view text);

    bool given() const { return given_; }
    bool is_to_all() const { return to_all_; }
    /// Whether that was shown to them.
    bool names(std::uint64_t thing) const;
    bool covers(std::uint64_t thing) const { return to_all_ || names(thing); }
    /// Whether it covers all of it; nothing is covered where none is given.
    bool covers(const Evidence& things) const;

    /// These are shown, too, or were found by a cycle that accepts all that it finds.
    void add(const Evidence& things);
    void add(const Consent& other);
    /// What of it outlasts a cycle: what was shown or found.
    Consent lasting() const;
    /// Hexadecimal; empty: nothing was shown.
    std::string text() const;

    bool operator==(const Consent&) const = default;

  private:
    bool given_ = false;
    bool to_all_ = false;
    Evidence shown_; ///< sorted, each once
};

} // namespace medibridge::sync
