#include "reconcile/placeholder.hpp"

#include "reconcile/identity.hpp"

#include <algorithm>

namespace medibridge::reconcile {

std::set<std::string> IdentityPolicy::default_placeholders() {
    return {"inconnu",  "inconnue",  "unknown",       "x",           "xx",        "xxx",
            "anonyme",  "anonymous", "non renseigne", "nr",          "na",        "sans prenom",
            "sans nom", "sans",      "nouveau ne",    "nouveau nee", "nouveaune", "bebe",
            "bb",       "enfant",    "foetus",        "aucun",       "neant",     "test"};
}

bool is_placeholder(std::string_view name, const IdentityPolicy& policy) {
    std::string joined;
    for (const auto& word : name_words(name)) {
        if (!joined.empty()) joined += ' ';
        joined += word;
    }
    return joined.empty() || policy.placeholders.contains(joined);
}

} // namespace medibridge::reconcile
