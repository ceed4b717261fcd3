#include "reconcile/identity.hpp"

#include "reconcile/text.hpp"

#include <algorithm>
#include <array>

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
/// alone they say nothing of which family.
bool is_particle(std::string_view word) {
    return word.size() == 1 || std::ranges::binary_search(particles, word);
}

std::string joined(const Words& words) {
    std::string all;
    for (const auto& word : words)
        all += word;
    return all;
}

/// Whether the shorter list stands in the longer one, whole words side by side, and says more than
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

/// Only these two exclude each other: O is also what sources say where they do not know.
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

std::string upper(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), ascii_upper);
    return result;
}

/// What any two last names that agree have in common one of: the whole without its gaps, and each
/// word that can stand for it.
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

} // namespace

IdentityTraits::IdentityTraits(const Patient& patient, std::string other_last_name) {
    const auto text = [&](Field field) {
        return patient[field].is_known() ? trim(patient[field].text()) : std::string_view();
    };
    if (const auto last_name = text(Field::last_name); !last_name.empty())
        last_names.emplace_back(last_name);
    if (!other_last_name.empty()) last_names.push_back(std::move(other_last_name));
    first_name = text(Field::first_name);
    birth_date = text(Field::birth_date);
    gender = upper(text(Field::gender));
}

bool agree(const IdentityTraits& a, const IdentityTraits& b) {
    if (a.birth_date.empty() || a.birth_date != b.birth_date) return false;
    if (!genders_agree(a.gender, b.gender)) return false;
    return first_names_agree(name_words(a.first_name), name_words(b.first_name)) &&
           any_last_names_agree(a, b);
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
