#include "draft.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::config {
namespace {

using drafts::edit;
using drafts::minimal;
using drafts::mistakes;
using drafts::with_field;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

TEST(FieldsTest, APlaceIsAPointerOrAMapping) {
    const auto source = drafts::rest_source(
        edit(with_field("gender", "{at: /sexe, map: {\"1\": M, 2: F, 9: O}, default: O}"),
             "/naissance", "{at: /naissance, format: \"%d/%m/%Y\"}"));
    EXPECT_EQ(source.fields.at("externalId").at, "/ipp");
    EXPECT_EQ(source.fields.at("birthDate").at, "/naissance");
    EXPECT_EQ(source.fields.at("birthDate").format, "%d/%m/%Y");
    EXPECT_THAT(source.fields.at("gender").map,
                ElementsAre(Pair("1", "M"), Pair("2", "F"), Pair("9", "O")));
    EXPECT_EQ(source.fields.at("gender").default_value, "O");
    EXPECT_EQ(source.fields.at("lastName").default_value, std::nullopt);
}

TEST(FieldsTest, EveryDocumentedFieldIsKnown) {
    for (const std::string name : {"gender", "email", "phone", "address.street", "address.city",
                                   "address.postalCode", "address.country", "modifiedAt", "active",
                                   "deceased", "identityStatus", "usualLastName", "mergedInto"})
        EXPECT_TRUE(drafts::rest_source(with_field(name, "/x")).fields.contains(name)) << name;
}

TEST(FieldsTest, UnknownFieldsAreMistakesWithWhatWasMeant) {
    EXPECT_THAT(mistakes(with_field("birthdate", "/x")),
                ElementsAre("m.yaml:13:7: unknown field `birthdate`; did you mean `birthDate`?"));
    EXPECT_THAT(mistakes(with_field("adress.city", "/x")),
                ElementsAre(HasSubstr("did you mean `address.city`?")));
    EXPECT_THAT(mistakes(with_field("address", "{street: /x}")),
                ElementsAre(HasSubstr("name address.street, address.city")));
    EXPECT_THAT(mistakes(with_field("sexe", "/x")), ElementsAre(HasSubstr("known are externalId")));
}

TEST(FieldsTest, TheRequiredFieldsMustBeMapped) {
    const std::string text = edit(minimal(),
                                  "      externalId: /ipp\n      lastName: /nom\n"
                                  "      firstName: /prenom\n      birthDate: "
                                  "/naissance\n",
                                  "      email: /mail\n");
    EXPECT_THAT(mistakes(text),
                ElementsAre(HasSubstr("m.yaml:8:5: `his.fields.externalId` is missing"),
                            HasSubstr("`his.fields.lastName` is missing"),
                            HasSubstr("`his.fields.firstName` is missing"),
                            HasSubstr("`his.fields.birthDate` is missing")));
}

TEST(FieldsTest, PlacesAreChecked) {
    EXPECT_THAT(mistakes(with_field("email", "mail")),
                ElementsAre(HasSubstr("must be a JSON pointer")));
    EXPECT_THAT(mistakes(with_field("email", "{format: x}")),
                testing::Contains(HasSubstr("`his.fields.email.at` is missing")));
    EXPECT_THAT(mistakes(with_field("email", "{at: /m, mpa: {a: b}}")),
                ElementsAre(HasSubstr("did you mean `map`?")));
    EXPECT_THAT(mistakes(with_field("email", "[/m]")), ElementsAre(HasSubstr("but is a list")));
}

TEST(FieldsTest, GendersBecomeThoseThatMedicappKnows) {
    EXPECT_THAT(mistakes(with_field("gender", "{at: /s, map: {H: m, F: F, X: ~}}")),
                ElementsAre(HasSubstr("cannot give `m`; did you mean `M`?"),
                            HasSubstr("must be a single value, but is nothing")));
    EXPECT_THAT(mistakes(with_field("gender", "{at: /s, default: unknown}")),
                ElementsAre(HasSubstr("cannot give `unknown`; known are M, F, O")));
    EXPECT_THAT(mistakes(with_field("gender", "{at: /s, map: {}}")),
                ElementsAre(HasSubstr("is empty")));
    EXPECT_THAT(mistakes(with_field("gender", "{at: /s, map: {\"1\": M, 1: F}}")),
                ElementsAre(HasSubstr("is here twice")));
}

TEST(FieldsTest, AWordMayMeanNothing) {
    const auto source = drafts::rest_source(with_field("gender", "{at: /s, map: {H: M, X: \"\"}}"));
    EXPECT_THAT(source.fields.at("gender").map, ElementsAre(Pair("H", "M"), Pair("X", "")));
}

TEST(FieldsTest, YesAndNoAreTrueAndFalse) {
    EXPECT_THAT(mistakes(with_field("active", "{at: /a, map: {O: true, N: false}}")),
                ElementsAre());
    EXPECT_THAT(mistakes(with_field("active", "{at: /a, map: {O: yes}}")),
                ElementsAre(HasSubstr("known are true, false")));
}

TEST(FieldsTest, WhatSaysWhoSomebodyIsHasNoDefault) {
    for (const std::string name : {"modifiedAt", "mergedInto"})
        EXPECT_THAT(mistakes(with_field(name, "{at: /x, default: \"1\"}")),
                    ElementsAre(HasSubstr("`" + name + "` can have no default")));
    EXPECT_THAT(mistakes(edit(minimal(), "/ipp", "{at: /ipp, default: \"0\"}")),
                ElementsAre(HasSubstr("`externalId` can have no default")));
    EXPECT_THAT(mistakes(with_field("address.country", "{at: /p, default: FR}")), ElementsAre());
}

std::vector<std::string> birth_date_format(const std::string& format) {
    return mistakes(edit(minimal(), "/naissance", "{at: /naissance, format: \"" + format + "\"}"));
}

TEST(FieldsTest, FormatsOfBirthDatesNameAFullDate) {
    EXPECT_THAT(birth_date_format("%Y%m%d"), ElementsAre());
    EXPECT_THAT(birth_date_format("%d %b %Y"), ElementsAre());
    EXPECT_THAT(birth_date_format("%FT%T"), ElementsAre());
    EXPECT_THAT(birth_date_format("%Y%j"), ElementsAre());
    EXPECT_THAT(birth_date_format("%d/%m/%y"), ElementsAre(HasSubstr("two digits")));
    EXPECT_THAT(birth_date_format("%m/%Y"), ElementsAre(HasSubstr("the day is missing")));
    EXPECT_THAT(birth_date_format("%d/%Y"), ElementsAre(HasSubstr("the month is missing")));
    EXPECT_THAT(birth_date_format("dd/MM/yyyy"), ElementsAre(HasSubstr("it has no directive")));
    EXPECT_THAT(birth_date_format("%d/%m/%Y%"), ElementsAre(HasSubstr("a % at the end")));
    EXPECT_THAT(birth_date_format("%d/%m/%Y %I"), ElementsAre(HasSubstr("%I and %p go together")));
    EXPECT_THAT(birth_date_format("%s"), ElementsAre(HasSubstr("a birth date is not a moment")));
    EXPECT_THAT(birth_date_format("%é"), ElementsAre(HasSubstr("is not known")));
}

TEST(FieldsTest, OnlyDatesHaveAFormat) {
    EXPECT_THAT(mistakes(with_field("modifiedAt", "{at: /m, format: \"%s\"}")), ElementsAre());
    EXPECT_THAT(mistakes(with_field("deceased", "{at: /d, format: \"%d/%m/%Y\"}")), ElementsAre());
    EXPECT_THAT(mistakes(with_field("phone", "{at: /t, format: \"%Y\"}")),
                ElementsAre(HasSubstr("only birthDate, modifiedAt and deceased have a")));
}

} // namespace
} // namespace medibridge::config
