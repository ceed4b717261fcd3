#pragma once

#include "reconcile/patient.hpp"
#include "reconcile/policy.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace medibridge::reconcile {

/// The identity traits of a person.
class IdentityTraits {
  public:
    IdentityTraits() = default;
    explicit IdentityTraits(const Patient& patient, std::string other_last_name = {});
    /// The same without placeholders, so that they agree with nothing.
    IdentityTraits(const Patient& patient, std::string other_last_name,
                   const IdentityPolicy& policy);

    std::vector<std::string> last_names; ///< one or two (birth and usual), each as given
    std::string first_name;
    std::string birth_date;
    std::string gender; ///< empty: unknown, which contradicts nothing

    /// Whether they tell who somebody is: a last name, a first name and a birth date are known.
    bool names_somebody() const {
        return !last_names.empty() && !first_name.empty() && !birth_date.empty();
    }
};

/// The same of a record: a message that merges two patients, say, describes the survivor alone.
bool says_who_it_is(const Patient& patient);

/// Whether both describe the same person: birth dates equal; last and first names equal after
/// Unicode normalisation (case, accents, hyphens, apostrophes, spaces; compound names and birth or
/// usual name tolerated); genders not contradictory (M and F are; O and unknown contradict
/// nothing). A missing name or birth date agrees with none. Symmetric. docs/identity.md has tables.
bool agree(const IdentityTraits& a, const IdentityTraits& b);

/// The strict traits for which `agree` refuses the two. Both must have a last name, a first name
/// and a birth date.
FieldSet contradicting_traits(const IdentityTraits& a, const IdentityTraits& b);

/// How two names, or two other traits of one kind, compare.
enum class Likeness : std::uint8_t {
    same,      ///< equal, for names after Unicode normalisation
    respelt,   ///< names that `agree` takes for the same: a compound, a second first name
    different, ///< or one of them is not known
};
/// Of one strict trait. Last names: any of one against any of the other's.
Likeness likeness(Field trait, const IdentityTraits& a, const IdentityTraits& b);

/// Whether two first names share nothing that a correction would leave: neither the start (three
/// letters, or the whole of the shorter one) nor a word, nor are they within an edit distance of 2.
bool nothing_in_common(std::string_view a, std::string_view b);

/// Whether both describe two people, by the rule that holds updates (docs/identity.md): two strict
/// traits contradict each other, or the first names share nothing. What is not known of one of them
/// contradicts nothing, so that where this is false they are one person, or it is doubtful.
bool describe_two(const IdentityTraits& a, const IdentityTraits& b);

/// A name's words without case, accents and punctuation: `d'Été-Martin` → `d ete martin`. Any bytes
/// may be given: invalid UTF-8 separates words.
std::vector<std::string> name_words(std::string_view name);
/// The same without the fast path for Latin letters: the reference that tests compare it with.
std::vector<std::string> unicode_name_words(std::string_view name);

/// Keys for finding people who might agree: two who agree share at least one key. Each is birth
/// date, last name without gaps or one word of it that is not a particle, and first name without
/// gaps or its first word; so a key is personal data, and kept as a digest only.
std::vector<std::string> matching_keys(const IdentityTraits& traits);

} // namespace medibridge::reconcile
