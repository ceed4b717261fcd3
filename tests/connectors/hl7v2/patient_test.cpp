#include "connectors/hl7v2/patient.hpp"
#include "corpus.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::connectors::hl7 {
namespace {

using reconcile::Field;
using reconcile::FieldValue;
using testing::ElementsAre;
using testing::IsEmpty;

const Leaves& plain() {
    static const Leaves leaves(Delimiters{}, Decoder{});
    return leaves;
}

std::vector<std::string> ours(std::string_view field, std::string_view day = "20240601") {
    return read_identifiers(field, "1.2.3", day, plain()).ours;
}

/// `known`, or the state's name.
std::string shown(const FieldValue& value) {
    constexpr std::array names{"unknown", "cleared", "", "unreadable"};
    return value.is_known() ? value.text() : names[static_cast<std::size_t>(value.state())];
}

/// PID with one field.
reconcile::SourceRecord person(std::size_t field, const std::string& text) {
    const std::string segment = "PID" + std::string(field, '|') + text;
    Segment pid;
    pid.name = "PID";
    for_each_part(segment, '|', [&pid](std::string_view piece) { pid.pieces.push_back(piece); });
    static const MessageClock clock{TimeZone("Europe/Paris")};
    static const std::string region = "FR";
    const FieldRules rules{plain(), clock, test::now(), region};
    return read_person(pid, rules);
}

std::string field_of(std::size_t field, const std::string& text, Field wanted) {
    return shown(person(field, text).patient[wanted]);
}

TEST(Hl7IdentifierTest, TheRepetitionOfOurAuthorityCountsWhereverItStands) {
    EXPECT_THAT(ours("1^^^CHT&1.2.3&ISO^PI"), ElementsAre("1"));
    EXPECT_THAT(ours("9^^^LABO&1.2.4&ISO^PI~~1^^^CHT&1.2.3&ISO^PI"), ElementsAre("1"));
    EXPECT_THAT(ours("1^^^1.2.3^PI"), ElementsAre("1")) << "as the namespace";
    EXPECT_THAT(ours("1^^^CHT&1.2.3&ISO"), ElementsAre("1")) << "without a type";
    EXPECT_THAT(ours("1^^^CHT&1.2.3&ISO~2^^^CHT&1.2.3&ISO^PI"), ElementsAre("2"));
}

TEST(Hl7IdentifierTest, OthersDoNotCount) {
    EXPECT_THAT(ours(""), IsEmpty());
    EXPECT_THAT(ours("\"\"^^^CHT&1.2.3&ISO^PI"), IsEmpty());
    EXPECT_THAT(ours("1"), IsEmpty());
    EXPECT_THAT(ours("1^^^^PI"), IsEmpty());
    EXPECT_THAT(ours("1^^^CHT&1.2.3&ISO^AN"), IsEmpty());
    EXPECT_THAT(ours("1^^^CHT&1.2.33&ISO^PI"), IsEmpty());
    EXPECT_TRUE(read_identifiers("1^^^X^PI", "1.2.3", "", plain()).foreign);
    EXPECT_FALSE(read_identifiers("1^^^^PI", "1.2.3", "", plain()).foreign);
}

TEST(Hl7IdentifierTest, TheNationalIdentityIsNeverRead) {
    const auto* const ins = "285629999101109^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.8&ISO^INS";
    const auto found = read_identifiers(ins, "1.2.250.1.213.1.4.8", "", plain());
    EXPECT_THAT(found.ours, IsEmpty());
    EXPECT_FALSE(found.foreign);
    EXPECT_THAT(read_identifiers("2856^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.10&ISO^PI",
                                 "ASIP-SANTE-INS-NIR", "", plain())
                    .ours,
                IsEmpty());
}

TEST(Hl7IdentifierTest, OneThatHasExpiredGivesWay) {
    const std::string old = "1^^^CHT&1.2.3&ISO^PI^^^20200101";
    EXPECT_THAT(ours(old + "~2^^^CHT&1.2.3&ISO^PI"), ElementsAre("2"));
    EXPECT_THAT(ours(old), ElementsAre("1")) << "it is all there is";
    EXPECT_THAT(ours("1^^^CHT&1.2.3&ISO^PI~2^^^CHT&1.2.3&ISO^PI"), ElementsAre("1", "2"));
    EXPECT_THAT(ours("1^^^CHT&1.2.3&ISO^PI~1^^^CHT&1.2.3&ISO^PI"), ElementsAre("1"));
}

TEST(Hl7IdentifierTest, WhatGivesWayIsToldAllTheSame) {
    const auto others = [](std::string_view field) {
        return read_identifiers(field, "1.2.3", "20240601", plain()).others;
    };
    const std::string mine = "2^^^CHT&1.2.3&ISO^PI";
    EXPECT_THAT(others("1^^^CHT&1.2.3&ISO^PI^^^20200101~" + mine), ElementsAre("1"));
    EXPECT_THAT(others("1^^^CHT&1.2.3&ISO^PI^^20300101~" + mine), ElementsAre("1"));
    EXPECT_THAT(others("0^^^CHT&1.2.3&ISO^PI~" + mine), IsEmpty()) << "cannot be used";
    EXPECT_THAT(others("1^^^CHT&1.2.3&ISO^VN~" + mine), IsEmpty()) << "of another type";
    EXPECT_THAT(others("1^^^X&9.9&ISO^PI~" + mine), IsEmpty()) << "of another authority";
}

TEST(Hl7IdentifierTest, OneThatCannotBeUsedGivesWay) {
    const std::string good = "9508^^^CHT&1.2.3&ISO^PI";
    for (const std::string refused : {"0", "8,00E+09", "NULL", "1/2/2024", "255081416802538"}) {
        const auto bad = refused + "^^^CHT&1.2.3&ISO^PI";
        EXPECT_THAT(ours(bad + "~" + good), ElementsAre("9508")) << refused;
        EXPECT_THAT(ours(good + "~" + bad), ElementsAre("9508")) << refused;
        EXPECT_THAT(ours(bad), ElementsAre(refused)) << "so that its fault is reported";
        EXPECT_THAT(ours(bad + "~" + good + "^^^20200101"), ElementsAre(refused))
            << "one that has expired is no answer";
    }
}

TEST(Hl7PatientTest, BirthAndUsualNamesStandInAnyOrder) {
    const auto both = person(5, "LEFÈVRE^Noémie^^^^^D~GARNIER^Noémie^Noémie Élise^^^^L");
    EXPECT_EQ(shown(both.patient[Field::last_name]), "GARNIER");
    EXPECT_EQ(shown(both.patient[Field::first_name]), "Noémie");
    EXPECT_EQ(both.usual_last_name, "LEFÈVRE");
    EXPECT_EQ(field_of(5, "A^B", Field::last_name), "A") << "without a type";
    EXPECT_EQ(field_of(5, "A^B~C^D^^^^^L", Field::last_name), "C");
    EXPECT_EQ(field_of(5, "DE LA TOUR&DE LA&TOUR^B^^^^^L", Field::last_name), "DE LA TOUR");
    const auto usual_only = person(5, "LEFÈVRE^Noémie^^^^^D");
    EXPECT_EQ(shown(usual_only.patient[Field::last_name]), "unknown");
    EXPECT_EQ(shown(usual_only.patient[Field::first_name]), "Noémie");
    EXPECT_EQ(field_of(5, "X^Y^^^^^S", Field::last_name), "unknown") << "a pseudonym is no name";
    EXPECT_EQ(field_of(5, "\"\"^B^^^^^L", Field::last_name), "cleared");
}

TEST(Hl7PatientTest, AnUnknownSexIsUnknown) {
    EXPECT_EQ(field_of(8, "F", Field::gender), "F");
    EXPECT_EQ(field_of(8, "U", Field::gender), "unknown");
    EXPECT_EQ(field_of(8, "", Field::gender), "unknown");
    EXPECT_EQ(field_of(8, "\"\"", Field::gender), "cleared");
    EXPECT_EQ(field_of(8, "X", Field::gender), "X") << "assess says what is wrong with it";
}

TEST(Hl7PatientTest, AHomeGoesBeforeOtherAddressesAndABirthplaceIsNone) {
    const std::string home = "1 rue A&rue A&1^^Sète^^34200^FRA^H";
    EXPECT_EQ(field_of(11, "^^Paris^^75000^FRA^BDL~" + home, Field::city), "Sète");
    EXPECT_EQ(field_of(11, "2 b^^X^^1^BEL~" + home, Field::city), "Sète");
    EXPECT_EQ(field_of(11, home, Field::street), "1 rue A");
    EXPECT_EQ(field_of(11, home, Field::postal_code), "34200");
    EXPECT_EQ(field_of(11, home, Field::country), "FR");
    EXPECT_EQ(field_of(11, "a^^b^^c^BE", Field::country), "BE");
    EXPECT_EQ(field_of(11, "^^Paris^^75000^FRA^BDL", Field::city), "cleared");
    EXPECT_EQ(field_of(11, "^^^^^FRA^H", Field::country), "unknown") << "a country is no address";
    EXPECT_EQ(field_of(11, "", Field::city), "unknown");
    EXPECT_EQ(field_of(11, "\"\"", Field::country), "cleared");
    EXPECT_EQ(field_of(11, "a^^\"\"^^c", Field::city), "cleared");
    EXPECT_EQ(field_of(11, "a^^\"\"^^c", Field::country), "unknown");
}

TEST(Hl7PatientTest, APhoneIsAMobileIfThereIsOne) {
    const std::string home = "0381000011^PRN^PH";
    const std::string mobile = "0639980001^PRN^CP";
    EXPECT_EQ(field_of(13, home + "~" + mobile, Field::phone), "0639980001");
    EXPECT_EQ(field_of(13, mobile + "~" + home, Field::phone), "0639980001");
    EXPECT_EQ(field_of(13, home, Field::phone), "0381000011");
    EXPECT_EQ(field_of(13, "0381000012^PRN^FX~" + home, Field::phone), "0381000011");
    EXPECT_EQ(field_of(13, "0381000012^WPN^PH", Field::phone), "cleared");
    EXPECT_EQ(field_of(13, "^PRN^PH^^33^3^81000011", Field::phone), "+33 381000011");
    EXPECT_EQ(field_of(13, "^PRN^PH^^^^^^^^^0381000011", Field::phone), "0381000011");
    EXPECT_EQ(field_of(40, home, Field::phone), "0381000011");
}

TEST(Hl7PatientTest, AnEmailStandsWhereSendersPutIt) {
    EXPECT_EQ(field_of(13, "^NET^Internet^a@example.org", Field::email), "a@example.org");
    EXPECT_EQ(field_of(13, "a@example.org^NET^Internet", Field::email), "a@example.org");
    EXPECT_EQ(field_of(13, "a@example.org", Field::email), "a@example.org");
    EXPECT_EQ(field_of(13, "a@example.org", Field::phone), "cleared");
    EXPECT_EQ(field_of(13, "0381000011^PRN^PH~^NET^Internet^a@example.org", Field::phone),
              "0381000011");
}

TEST(Hl7PatientTest, ContactsAreClearedAsTheHisSays) {
    EXPECT_EQ(field_of(13, "\"\"", Field::phone), "cleared");
    EXPECT_EQ(field_of(13, "\"\"", Field::email), "cleared");
    EXPECT_EQ(field_of(13, "\"\"^PRN^PH", Field::phone), "cleared");
    EXPECT_EQ(field_of(13, "\"\"^PRN^PH", Field::email), "cleared");
    EXPECT_EQ(field_of(13, "^PRN^PH~^NET^Internet", Field::email), "unknown");
    EXPECT_EQ(field_of(13, "\"\"^PRN^PH~0639980001^PRN^CP", Field::phone), "0639980001");
    EXPECT_EQ(field_of(13, "^NET^Internet^\"\"", Field::email), "cleared");
    EXPECT_EQ(field_of(13, "", Field::phone), "unknown");
}

TEST(Hl7PatientTest, DeathIsADateOrAnIndicator) {
    EXPECT_TRUE(person(30, "Y").deceased);
    EXPECT_TRUE(person(29, "20240602005500").deceased);
    EXPECT_TRUE(person(29, "20240602|N").deceased);
    EXPECT_FALSE(person(30, "N").deceased);
    EXPECT_FALSE(person(29, "\"\"|\"\"").deceased);
    EXPECT_FALSE(person(29, "00000000").deceased);
}

TEST(Hl7PatientTest, DeathIsReadByTheWordsOfEverySource) {
    for (const auto* text : {"Y", "y", "1", "O", "oui", "true", "YES", "T", "vrai", "Y ", "U", "X",
                             "UNK", "2", "20240602", "décédé"}) {
        EXPECT_TRUE(person(30, text).deceased) << text;
        EXPECT_FALSE(person(30, text).alive) << text;
    }
    for (const auto* text : {"N", "n", "0", "non", "false", "NO", "F", "faux", "00000000"}) {
        EXPECT_FALSE(person(30, text).deceased) << text;
        EXPECT_TRUE(person(30, text).alive) << text;
    }
    for (const auto* text : {"UNK", "inconnue", "2024", "Y"})
        EXPECT_TRUE(person(29, text).deceased) << text;
    for (const auto* text : {"N", "00000000000000+0000", "0", "0000-00-00"})
        EXPECT_FALSE(person(29, text).deceased) << text;
}

TEST(Hl7PatientTest, EveryIdentityStatusIsGivenOn) {
    EXPECT_EQ(person(32, "VALI").identity_status, "VALI");
    EXPECT_EQ(person(32, "PROV~DOUT").identity_status, "PROV DOUT");
    EXPECT_EQ(person(32, "").identity_status, "");
    EXPECT_EQ(person(32, "\"\"").identity_status, "");
}

} // namespace
} // namespace medibridge::connectors::hl7
