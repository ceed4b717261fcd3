#include "reconcile/identity.hpp"

#include "base/bytes/ascii.hpp"
#include "reconcile/policy.hpp"
#include "reconcile/text.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace medibridge::reconcile {

namespace {

using Words = std::vector<std::string>;

// Sorted.
constexpr std::array<std::string_view, 34> particles = {
    "abou",  "al",  "aux", "bel",  "ben",   "bin",    "bou", "da",  "dal", "das", "de",  "del",
    "della", "den", "der", "des",  "di",    "do",     "dos", "du",  "el",  "la",  "las", "le",
    "les",   "lo",  "los", "ould", "saint", "sainte", "st",  "ste", "van", "von",
};
static_assert(std::ranges::is_sorted(particles));

/// Words that stand before the names of many families, and single letters such as the d of d'Arc:
/// alone they do not identify a family.
bool is_particle(std::string_view word) {
    return word.size() == 1 || std::ranges::binary_search(particles, word);
}

std::string joined(const Words& words) {
    std::string all;
    for (const auto& word : words)
        all += word;
    return all;
}

/// Whether the longer list contains the shorter one, whole words side by side, and says more than
/// a particle: `martin` in `martin dupont`, but not `le` in `le goff`.
bool is_part_of(const Words& shorter, const Words& longer) {
    if (shorter.size() >= longer.size() || std::ranges::all_of(shorter, is_particle)) return false;
    return std::search(longer.begin(), longer.end(), shorter.begin(), shorter.end()) !=
           longer.end();
}

bool last_names_agree(const Words& a, const Words& b) {
    if (a.empty() || b.empty()) return false;
    return joined(a) == joined(b) || is_part_of(a, b) || is_part_of(b, a);
}

/// `jean` and `jean pierre`, but not `el` and `el mehdi`.
bool is_start_of(const Words& shorter, const Words& longer) {
    if (shorter.size() >= longer.size() || std::ranges::all_of(shorter, is_particle)) return false;
    return std::equal(shorter.begin(), shorter.end(), longer.begin());
}

bool first_names_agree(const Words& a, const Words& b) {
    if (a.empty() || b.empty()) return false;
    return joined(a) == joined(b) || is_start_of(a, b) || is_start_of(b, a);
}

/// Only M and F contradict each other: sources also write O if they do not know.
bool genders_agree(std::string_view a, std::string_view b) {
    return !((a == "M" && b == "F") || (a == "F" && b == "M"));
}

bool any_last_names_agree(const IdentityTraits& a, const IdentityTraits& b) {
    return std::ranges::any_of(a.last_names, [&](const std::string& one) {
        const auto words = name_words(one);
        return std::ranges::any_of(b.last_names, [&](const std::string& other) {
            return last_names_agree(words, name_words(other));
        });
    });
}

/// Two last names that agree share at least one of these: the whole without its gaps, and each word
/// that can represent it.
Words last_name_handles(const std::vector<std::string>& last_names) {
    Words handles;
    for (const auto& last_name : last_names) {
        auto words = name_words(last_name);
        if (words.empty()) continue;
        handles.push_back(joined(words));
        std::erase_if(words, is_particle);
        std::ranges::move(words, std::back_inserter(handles));
    }
    return handles;
}

Likeness likeness_of(const Words& a, const Words& b, bool agreed) {
    if (a.empty() || b.empty()) return Likeness::different;
    if (joined(a) == joined(b)) return Likeness::same;
    return agreed ? Likeness::respelt : Likeness::different;
}

Likeness last_name_likeness(const IdentityTraits& a, const IdentityTraits& b) {
    auto best = Likeness::different;
    for (const auto& one : a.last_names) {
        for (const auto& other : b.last_names) {
            const auto left = name_words(one);
            const auto right = name_words(other);
            best = std::min(best, likeness_of(left, right, last_names_agree(left, right)));
        }
    }
    return best;
}

/// Code points, so that an accent that no decomposition knows counts as one letter.
std::u32string letters_of(const Words& words) {
    std::u32string letters;
    for (const auto& word : words) {
        for (const unsigned char c : word) {
            if ((c & 0xC0U) == 0x80 && !letters.empty())
                letters.back() = letters.back() << 6U | (c & 0x3FU);
            else
                letters += static_cast<char32_t>(c);
        }
    }
    return letters;
}

/// Levenshtein's distance.
std::size_t edit_distance(const std::u32string& a, const std::u32string& b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const auto replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row.back();
}

} // namespace

FieldSet contradicting_traits(const IdentityTraits& a, const IdentityTraits& b) {
    FieldSet fields;
    const auto compare = [&](Field field, auto trait) {
        auto one = a;
        one.*trait = b.*trait;
        if (!agree(a, one)) fields.add(field);
    };
    compare(Field::last_name, &IdentityTraits::last_names);
    compare(Field::first_name, &IdentityTraits::first_name);
    compare(Field::birth_date, &IdentityTraits::birth_date);
    compare(Field::gender, &IdentityTraits::gender);
    return fields;
}

Likeness likeness(Field trait, const IdentityTraits& a, const IdentityTraits& b) {
    const auto of_texts = [](std::string_view one, std::string_view other) {
        return one == other && !one.empty() ? Likeness::same : Likeness::different;
    };
    switch (trait) {
    case Field::last_name:
        return last_name_likeness(a, b);
    case Field::first_name: {
        const auto left = name_words(a.first_name);
        const auto right = name_words(b.first_name);
        return likeness_of(left, right, first_names_agree(left, right));
    }
    case Field::birth_date:
        return of_texts(a.birth_date, b.birth_date);
    default:
        return of_texts(a.gender, b.gender);
    }
}

bool nothing_in_common(std::string_view a, std::string_view b) {
    constexpr std::size_t shared_start = 3;
    constexpr std::size_t correction = 2;
    const auto left = name_words(a);
    const auto right = name_words(b);
    if (std::ranges::find_first_of(left, right) != left.end()) return false;
    const auto ours = letters_of(left);
    const auto theirs = letters_of(right);
    const auto start = std::min({shared_start, ours.size(), theirs.size()});
    if (start > 0 && ours.compare(0, start, theirs, 0, start) == 0) return false;
    return edit_distance(ours, theirs) > correction;
}

IdentityTraits::IdentityTraits(const Patient& patient, std::string other_last_name) {
    const auto text = [&](Field field) {
        return patient[field].is_known() ? trim(patient[field].text()) : std::string_view();
    };
    if (const auto last_name = text(Field::last_name); !last_name.empty())
        last_names.emplace_back(last_name);
    if (!other_last_name.empty()) last_names.push_back(std::move(other_last_name));
    first_name = text(Field::first_name);
    birth_date = text(Field::birth_date);
    gender = base::ascii_upper_case(text(Field::gender));
}

IdentityTraits::IdentityTraits(const Patient& patient, std::string other_last_name,
                               const IdentityPolicy& policy)
    : IdentityTraits(patient, std::move(other_last_name)) {
    std::erase_if(last_names,
                  [&](const std::string& text) { return is_placeholder(text, policy); });
    if (is_placeholder(first_name, policy)) first_name.clear();
}

bool says_who_it_is(const Patient& patient) {
    return patient[Field::last_name].is_known() && patient[Field::first_name].is_known() &&
           patient[Field::birth_date].is_known();
}

bool agree(const IdentityTraits& a, const IdentityTraits& b) {
    if (a.birth_date.empty() || a.birth_date != b.birth_date) return false;
    if (!genders_agree(a.gender, b.gender)) return false;
    return first_names_agree(name_words(a.first_name), name_words(b.first_name)) &&
           any_last_names_agree(a, b);
}

bool describe_two(const IdentityTraits& a, const IdentityTraits& b) {
    const auto left = name_words(a.first_name);
    const auto right = name_words(b.first_name);
    const bool first = !left.empty() && !right.empty() && !first_names_agree(left, right);
    if (first && nothing_in_common(a.first_name, b.first_name)) return true;
    const bool last = !a.last_names.empty() && !b.last_names.empty() && !any_last_names_agree(a, b);
    const bool born =
        !a.birth_date.empty() && !b.birth_date.empty() && a.birth_date != b.birth_date;
    return last + first + born + !genders_agree(a.gender, b.gender) > 1;
}

std::vector<std::string> matching_keys(const IdentityTraits& traits) {
    const auto first_words = name_words(traits.first_name);
    if (traits.birth_date.empty() || first_words.empty()) return {};
    Words firsts = {first_words.front(), joined(first_words)};
    if (firsts.front() == firsts.back()) firsts.pop_back();
    std::vector<std::string> keys;
    for (const auto& last : last_name_handles(traits.last_names)) {
        for (const auto& first : firsts)
            keys.push_back(traits.birth_date + '|' + last + '|' + first);
    }
    std::ranges::sort(keys);
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    return keys;
}

} // namespace medibridge::reconcile
