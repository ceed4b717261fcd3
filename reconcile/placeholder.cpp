#include "reconcile/policy.hpp"

#include "base/bytes/ascii.hpp"
#include "reconcile/identity.hpp"
#include "reconcile/text.hpp"

#include <algorithm>
#include <vector>

namespace medibridge::reconcile {

namespace {

bool is_number(const std::string& word) {
    return std::ranges::all_of(word, base::is_ascii_digit);
}

/// Whether the words are nothing but entries of the list, side by side, and numbers behind one of
/// them; or begin with one that matches itself and all that follows (`bebe *`).
bool are_placeholders(const std::vector<std::string>& words, const std::set<std::string>& list) {
    const auto first = list.lower_bound(words.front());
    if (first == list.end() || !first->starts_with(words.front())) return false;
    std::vector<bool> reached(words.size() + 1, false);
    reached[0] = true;
    for (std::size_t begin = 0; begin < words.size(); ++begin) {
        if (!reached[begin]) continue;
        if (begin > 0 && is_number(words[begin])) reached[begin + 1] = true;
        std::string phrase;
        for (auto end = begin; end < words.size() && phrase.size() <= text_limit; ++end) {
            if (end > begin) phrase += ' ';
            phrase += words[end];
            if (list.contains(phrase)) reached[end + 1] = true;
            if (begin == 0 && list.contains(phrase + " *")) return true;
        }
    }
    return reached.back();
}

} // namespace

std::set<std::string> IdentityPolicy::default_placeholders() {
    return {"inconnu",
            "inconnue",
            "inconnu e",
            "nom inconnu",
            "unknown",
            "unnamed",
            "anonyme",
            "anonymous",
            "x",
            "xx",
            "xxx",
            "xxxx",
            "xy",
            "sous x",
            "monsieur x",
            "madame x",
            "sans prenom",
            "sans nom",
            "sans identite",
            "nouveau ne *",
            "nouveau nee *",
            "nouveaune",
            "nouveaunee",
            "nne",
            "nn",
            "bebe *",
            "bb *",
            "foetus",
            "mort ne",
            "mort nee",
            "enfant inconnu",
            "enfant sans vie",
            "ne sans vie",
            "non renseigne",
            "non renseignee",
            "non communique",
            "non communiquee",
            "non connu",
            "non precise",
            "nc",
            "n c",
            "nr",
            "nd",
            "n a",
            "a renseigner",
            "a completer",
            "a preciser",
            "prenom",
            "nom prenom",
            "aucun",
            "neant",
            "test",
            "provisoire",
            "null",
            "undefined"};
}

std::string placeholder_entry(std::string_view text) {
    std::string entry;
    for (const auto& word : name_words(text)) {
        if (!entry.empty()) entry += ' ';
        entry += word;
    }
    if (!entry.empty() && trim(text).ends_with('*')) entry += " *";
    return entry;
}

bool is_placeholder(std::string_view name, const IdentityPolicy& policy) {
    const auto words = name_words(name);
    return words.empty() || are_placeholders(words, policy.placeholders);
}

} // namespace medibridge::reconcile
