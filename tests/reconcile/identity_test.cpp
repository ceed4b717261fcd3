#include "reconcile/identity.hpp"

#include "generators.hpp"

#include <algorithm>
#include <gmock/gmock.h>

namespace medibridge::reconcile {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

IdentityTraits person(std::vector<std::string> last_names, std::string first_name,
                      std::string birth_date = "1984-02-29", std::string gender = {}) {
    IdentityTraits traits;
    traits.last_names = std::move(last_names);
    traits.first_name = std::move(first_name);
    traits.birth_date = std::move(birth_date);
    traits.gender = std::move(gender);
    return traits;
}

bool both_ways(const IdentityTraits& a, const IdentityTraits& b) {
    EXPECT_EQ(agree(a, b), agree(b, a));
    return agree(a, b);
}

bool last_names(const std::string& a, const std::string& b) {
    return both_ways(person({a}, "Anne"), person({b}, "Anne"));
}

bool first_names(const std::string& a, const std::string& b) {
    return both_ways(person({"Martin"}, a), person({"Martin"}, b));
}

TEST(IdentityTest, WritingDoesNotMatter) {
    EXPECT_TRUE(last_names("LE GOFF", "Le Goff"));
    EXPECT_TRUE(last_names("LE GOFF", "LeGoff"));
    EXPECT_TRUE(last_names("D'AMICO", "d\u2019Amico"));
    EXPECT_TRUE(last_names("D'AMICO", "DAMICO"));
    EXPECT_TRUE(last_names("BEAUMÉ", "Beaume"));
    EXPECT_TRUE(last_names("LEBŒUF", "LEBOEUF"));
    EXPECT_TRUE(last_names("SAINT-EXUPÉRY", "SAINT EXUPERY"));
    EXPECT_TRUE(first_names("Jean-Pierre", "JEAN PIERRE"));
    EXPECT_TRUE(first_names("Jean-Pierre", "JEANPIERRE"));
}

TEST(IdentityTest, CompoundLastNamesAreTolerated) {
    EXPECT_TRUE(last_names("MARTIN", "MARTIN-DUPONT"));
    EXPECT_TRUE(last_names("DUPONT", "MARTIN DUPONT"));
    EXPECT_TRUE(last_names("LA TOUR", "DE LA TOUR D'AUVERGNE"));
    EXPECT_TRUE(last_names("GOFF", "LE GOFF"));
}

TEST(IdentityTest, PartsOfWordsAndParticlesAreNot) {
    EXPECT_FALSE(last_names("MARTIN", "MARTINEZ"));
    EXPECT_FALSE(last_names("LE", "LE GOFF"));
    EXPECT_FALSE(last_names("DE LA", "DE LA TOUR"));
    EXPECT_FALSE(last_names("D", "D'ARC"));
    EXPECT_FALSE(last_names("SAINT", "SAINT-MARTIN"));
    EXPECT_FALSE(last_names("BEN", "BEN ALI"));
    EXPECT_FALSE(last_names("MARTIN LEROY", "MARTIN DUPONT LEROY"));
    EXPECT_FALSE(last_names("DUPONT MARTIN", "MARTIN DUPONT"));
    EXPECT_FALSE(last_names("LE GOFF", "LE GALL"));
    EXPECT_FALSE(last_names("DUPOND", "DUPONT"));
    EXPECT_TRUE(last_names("LÊ", "LE"));
}

TEST(IdentityTest, MoreFirstNamesAreToleratedAfterTheFirst) {
    EXPECT_TRUE(first_names("Jean", "Jean-Pierre"));
    EXPECT_TRUE(first_names("Marie", "Marie Anne Louise"));
    EXPECT_FALSE(first_names("Pierre", "Jean-Pierre"));
    EXPECT_FALSE(first_names("Jean-Pierre", "Jean-Paul"));
    EXPECT_FALSE(first_names("J", "Jean"));
    EXPECT_FALSE(first_names("J", "J P"));
    EXPECT_FALSE(first_names("El", "El Mehdi"));
    EXPECT_FALSE(first_names("Anne", "Annette"));
}

TEST(IdentityTest, BirthOrUsualNameMayAgree) {
    EXPECT_TRUE(both_ways(person({"MARTIN", "DURAND"}, "Anne"), person({"DURAND"}, "Anne")));
    EXPECT_TRUE(both_ways(person({"MARTIN", "DURAND"}, "Anne"), person({"DURAND", "X"}, "Anne")));
    EXPECT_FALSE(both_ways(person({"MARTIN", "DURAND"}, "Anne"), person({"PETIT"}, "Anne")));
}

TEST(IdentityTest, BirthDatesMustBeEqual) {
    EXPECT_FALSE(both_ways(person({"A"}, "B", "1984-02-29"), person({"A"}, "B", "1984-02-28")));
}

TEST(IdentityTest, OnlyMaleAndFemaleContradict) {
    const auto with = [](const char* gender) { return person({"A"}, "B", "1984-02-29", gender); };
    EXPECT_FALSE(both_ways(with("M"), with("F")));
    EXPECT_TRUE(both_ways(with("M"), with("M")));
    EXPECT_TRUE(both_ways(with("M"), with("O")));
    EXPECT_TRUE(both_ways(with("M"), with("")));
}

TEST(IdentityTest, WhatIsMissingAgreesWithNobody) {
    const auto whole = person({"A"}, "B");
    for (const auto& part : {person({}, "B"), person({""}, "B"), person({"-"}, "B"),
                             person({"A"}, ""), person({"A"}, "."), person({"A"}, "B", "")}) {
        EXPECT_FALSE(both_ways(whole, part));
        EXPECT_FALSE(agree(part, part));
        EXPECT_THAT(matching_keys(part), IsEmpty());
    }
}

TEST(IdentityTest, TraitsComeFromAPatientsKnownFields) {
    Patient patient("1");
    patient[Field::last_name] = FieldValue::known(" Martin ");
    patient[Field::first_name] = FieldValue::known("Anne");
    patient[Field::birth_date] = FieldValue::known("1984-02-29\u00A0");
    patient[Field::gender] = FieldValue::known("f");
    const IdentityTraits traits(patient, "Durand");
    EXPECT_THAT(traits.last_names, ElementsAre("Martin", "Durand"));
    EXPECT_EQ(traits.first_name, "Anne");
    EXPECT_EQ(traits.birth_date, "1984-02-29");
    EXPECT_EQ(traits.gender, "F");
    patient[Field::last_name] = FieldValue::cleared();
    patient[Field::gender] = FieldValue::unreadable("is a list");
    EXPECT_THAT(IdentityTraits(patient).last_names, IsEmpty());
    EXPECT_EQ(IdentityTraits(patient).gender, "");
}

TEST(MatchingKeysTest, AreDateLastNameAndFirstName) {
    EXPECT_THAT(matching_keys(person({"Le Goff"}, "Anne")),
                UnorderedElementsAre("1984-02-29|goff|anne", "1984-02-29|legoff|anne"));
    EXPECT_THAT(matching_keys(person({"Martin", "Durand"}, "Anne-Sophie")),
                UnorderedElementsAre("1984-02-29|martin|anne", "1984-02-29|martin|annesophie",
                                     "1984-02-29|durand|anne", "1984-02-29|durand|annesophie"));
}

/// Names from few words, so that many agree in part.
rc::Gen<std::string> some_name() {
    return rc::gen::map(
        rc::gen::pair(rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
                          "MARTIN", "Martín", "le", "goff", "LEGOFF", "d'", "été", "ete", "Œu",
                          "oeu", "de", "la", "j", "王", "saint", "mar", "tin")),
                      rc::gen::container<std::vector<std::string>>(
                          rc::gen::element<std::string>(" ", "-", "", "\u2019", ". ", "\u00A0"))),
        [](const auto& both) {
            const auto& [words, gaps] = both;
            std::string name;
            for (std::size_t i = 0; i < words.size() && i < 4; ++i)
                name += words[i] + (i < gaps.size() ? gaps[i] : " ");
            return name;
        });
}

rc::Gen<IdentityTraits> some_person() {
    return rc::gen::map(
        rc::gen::tuple(rc::gen::container<std::vector<std::string>>(some_name()), some_name(),
                       rc::gen::element<std::string>("1984-02-29", "1984-02-29", "1999-01-01", ""),
                       rc::gen::element<std::string>("", "M", "F", "O")),
        [](auto parts) {
            auto& [last, first, date, gender] = parts;
            if (last.size() > 2) last.resize(2);
            return person(last, first, date, gender);
        });
}

/// The same person as another clerk might have written them.
rc::Gen<IdentityTraits> rewritten(const IdentityTraits& traits) {
    return rc::gen::map(rc::gen::pair(some_name(), rc::gen::inRange(0, 6)),
                        [traits](const auto& how) {
                            auto other = traits;
                            switch (how.second) {
                            case 0:
                                other.first_name += " " + how.first;
                                break;
                            case 1:
                                other.last_names.push_back(how.first);
                                break;
                            case 2:
                                for (auto& name : other.last_names)
                                    name += "-" + how.first;
                                break;
                            case 3:
                                for (auto& name : other.last_names)
                                    std::erase(name, ' ');
                                break;
                            case 4:
                                std::ranges::reverse(other.last_names);
                                break;
                            default:
                                std::erase(other.first_name, '-');
                                break;
                            }
                            return other;
                        });
}

bool share_a_key(const IdentityTraits& a, const IdentityTraits& b) {
    const auto keys = matching_keys(a);
    return std::ranges::any_of(matching_keys(b), [&](const std::string& key) {
        return std::ranges::find(keys, key) != keys.end();
    });
}

TEST(MatchingKeysTest, PeopleWhoAgreeShareAKey) {
    std::size_t tried = 0;
    std::size_t agreeing = 0;
    EXPECT_TRUE(rc::check([&] {
        const auto a = *some_person();
        const auto b = *rc::gen::oneOf(some_person(), rewritten(a));
        ++tried;
        RC_ASSERT(agree(a, b) == agree(b, a));
        if (!agree(a, b)) return;
        ++agreeing;
        RC_ASSERT(share_a_key(a, b));
    }));
    EXPECT_GE(agreeing * 10, tried) << "the property was hardly tried";
}

TEST(IdentityTest, EverybodyAgreesWithThemselvesAndAnyBytesAreCompared) {
    EXPECT_TRUE(rc::check([] {
        const auto text = rc::gen::oneOf(any_bytes(), odd_text());
        const auto a = person({*text, *text}, *text, *text, *text);
        const auto b = person({*text}, *text, *text, *text);
        agree(a, b);
        RC_ASSERT(agree(a, a) == !matching_keys(a).empty());
    }));
}

} // namespace
} // namespace medibridge::reconcile
