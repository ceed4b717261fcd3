#include "reconcile/policy.hpp"

#include "generators.hpp"

#include <gtest/gtest.h>

namespace medibridge::reconcile {
namespace {

bool stands_for_nobody(std::string_view name) {
    return is_placeholder(name, {});
}

/// The names between the bars.
std::vector<std::string> split(std::string_view list) {
    std::vector<std::string> names(1);
    for (const char c : list) {
        if (c == '|') {
            names.emplace_back();
        } else {
            names.back() += c;
        }
    }
    return names;
}

TEST(PlaceholderTest, WhatHospitalsWriteWhereANameIsNotKnownIsNone) {
    for (const auto& name :
         split("INCONNU|inconnue|Inconnu(e)|X|xx|XXX|XY|SANS PRENOM|Sans prénom|SANS-NOM|"
               "NOUVEAU-NE|Nouveau-née|NOUVEAUNE|NNE|NN|BEBE|Bébé|BB|BEBE FILLE|"
               "BÉBÉ GARÇON|BEBE 1|BEBE 2 DUPONT|BEBE DUPONT|BEBE DE MARIE|BB MARTIN|"
               "NOUVEAU-NE DUPONT|FOETUS|Fœtus|MORT-NE|mort-née|ENFANT SANS VIE|"
               "NON RENSEIGNE|Non renseignée|NON COMMUNIQUE|NC|N.C.|NR|ND|N/A|"
               "A RENSEIGNER|À COMPLÉTER|UNKNOWN|UNNAMED|Anonyme|PRENOM|PRENOM INCONNU|"
               "TEST|NULL|undefined|AUCUN|NEANT|X INCONNU|INCONNU X|X 2|SOUS X|Monsieur X|"
               ".|-|?|...|| |\u00A0|'|* * *"))
        EXPECT_TRUE(stands_for_nobody(name)) << name;
}

TEST(PlaceholderTest, RealNamesAreNames) {
    for (const auto& name :
         split("Xa|Le|Na|An|Li|O|Y|E|Nam|Nan|Bo|Sans|SANS Pierre|Enfant|Lenfant|L'Enfant|"
               "Garçon|Jumeau|Noname-Leroy|Teste|Testard|Xavier|X Xavier|Inconnue-Martin|"
               "Babette|Bébert|Bebel|Nn Thanh|Nouveau|Nouvel|Ne|Mort|Vie|Nom|None|Anonyma|"
               "Unknown Soldier|Marie X|DUPONT|Léa|王|כהן|Ндиай|D'X|Test-Dupont"))
        EXPECT_FALSE(stands_for_nobody(name)) << name;
}

TEST(PlaceholderTest, TheListIsTheOperators) {
    IdentityPolicy policy;
    policy.placeholders = {"zorro", "capitaine *"};
    EXPECT_TRUE(is_placeholder("ZORRO", policy));
    EXPECT_TRUE(is_placeholder("Zorro zorro 3", policy));
    EXPECT_TRUE(is_placeholder("Capitaine", policy));
    EXPECT_TRUE(is_placeholder("Capitaine Haddock", policy));
    EXPECT_FALSE(is_placeholder("Haddock Capitaine", policy));
    EXPECT_FALSE(is_placeholder("INCONNU", policy));
    policy.placeholders.clear();
    EXPECT_FALSE(is_placeholder("INCONNU", policy));
    EXPECT_TRUE(is_placeholder(".", policy)) << "no letter, no name, whatever the list";
}

// RNIV: strict traits are compared without case, accents and punctuation.
TEST(PlaceholderTest, CaseAccentsAndPunctuationMakeNoDifference) {
    EXPECT_TRUE(rc::check([] {
        const auto first =
            *rc::gen::element<std::string>("nouveau", "NOUVEAU", "Nouveau", "nouveáu");
        const auto gap = *rc::gen::element<std::string>(" ", "-", " - ", "\u00A0", "'", "_");
        const auto last = *rc::gen::element<std::string>("ne", "NÉ", "né", "ne\u0301", "NE.");
        RC_ASSERT(stands_for_nobody(first + gap + last));
    }));
}

TEST(PlaceholderTest, AnyBytesAreJudged) {
    EXPECT_TRUE(rc::check([] { stands_for_nobody(*rc::gen::oneOf(any_bytes(), odd_text())); }));
}

} // namespace
} // namespace medibridge::reconcile
