#include "rig.hpp"

#include <gmock/gmock.h>

// One externalId, two people, in what arrives together.

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::FieldValue;
using reconcile::SourceRecord;

SourceRecord person(const std::string& last, const std::string& first, const std::string& birth,
                    const std::string& its_phone = {}) {
    SourceRecord record;
    record.patient.set_external_id("7001");
    record.patient[Field::last_name] = FieldValue::known(last);
    record.patient[Field::first_name] = FieldValue::known(first);
    record.patient[Field::birth_date] = FieldValue::known(birth);
    if (!its_phone.empty()) record.patient[Field::phone] = FieldValue::known(its_phone);
    return record;
}

const SourceRecord alice = person("UN", "Alice", "1980-01-01", "0611111111");
const SourceRecord bob = person("DEUX", "Bob", "1955-05-05");

class InboxAmbiguityTest : public InboxRig {};

TEST_F(InboxAmbiguityTest, TwoPeopleUnderOneNewNumberAreAmbiguous) {
    put_records({alice, bob});
    EXPECT_TRUE(shown().ambiguous);
    restart();
    EXPECT_TRUE(shown().ambiguous);
}

TEST_F(InboxAmbiguityTest, EitherOrderAndAnyNumberOfRowsIsTheSame) {
    put_records({bob, alice, bob, bob});
    EXPECT_TRUE(shown().ambiguous);
}

TEST_F(InboxAmbiguityTest, SaysInWhatTheTwoDifferAndWhereTheyAre) {
    const auto at = [](SourceRecord record, const char* place) {
        record.place = place;
        return record;
    };
    put_records({at(alice, "a.csv, line 2"), at(alice, "a.csv, line 3"), at(bob, "a.csv, line 4"),
                 at(bob, "a.csv, line 5")});
    restart();
    EXPECT_EQ(shown().contradicting_fields, "lastName,firstName,birthDate");
    EXPECT_EQ(shown().contradicting_places, "a.csv, line 2 and a.csv, line 4");
    take();
    put_records({at(alice, "b.csv, line 2")});
    EXPECT_FALSE(shown().ambiguous);
    EXPECT_EQ(shown().contradicting_fields + shown().contradicting_places, "");
}

TEST_F(InboxAmbiguityTest, OnePersonInTwoSpellingsIsNot) {
    const std::vector<SourceRecord> same{
        person("LE GOFF", "Anne", "1980-01-01"),
        person("LEGOFF", "ANNE-MARIE", "1980-01-01", "0611111111"),
    };
    put_records(same);
    EXPECT_FALSE(shown().ambiguous);
    EXPECT_EQ(phone(), "0611111111");
    take();
    auto nameless = alice;
    nameless.patient[Field::last_name] = FieldValue();
    put_records({alice, nameless});
    EXPECT_FALSE(shown().ambiguous) << "what is missing contradicts nothing";
}

TEST_F(InboxAmbiguityTest, PartsOfOneFileAreOneArrival) {
    put_records({alice});
    put_records({bob}, true);
    EXPECT_TRUE(shown().ambiguous);
}

TEST_F(InboxAmbiguityTest, TwoArrivalsThatNoCycleHasSeenPartedAreAmbiguous) {
    put_records({alice});
    put_records({bob});
    EXPECT_TRUE(shown().ambiguous);
    restart();
    put_records({bob});
    put_records({alice});
    EXPECT_TRUE(shown().ambiguous) << "until a cycle has held it";
    take();
    put_records({bob});
    EXPECT_FALSE(shown().ambiguous);
    EXPECT_EQ(field(Field::first_name), "Bob");
    EXPECT_EQ(phone(), "(unknown)") << "it was somebody else's";
}

/// What a clerk corrects before anybody looked.
TEST_F(InboxAmbiguityTest, ACorrectionIsNoSecondPerson) {
    const std::vector<SourceRecord> corrections{
        person("UN", "Alice", "1980-01-10"),       person("DUPONT", "Alice", "1980-01-01"),
        person("UN", "Alizée", "1980-01-01"),      person("UN", "Alcie", "1980-01-01"),
        person("UN", "Alice-Marie", "1980-01-01"),
    };
    for (const auto& corrected : corrections) {
        put_records({alice});
        put_records({corrected});
        EXPECT_FALSE(shown().ambiguous) << corrected.patient[Field::first_name].text();
        put_records({alice});
        take();
    }
}

TEST_F(InboxAmbiguityTest, ATwinUnderOneNewNumberIsAmbiguous) {
    put_records({alice});
    put_records({person("UN", "Inès", "1980-01-01")});
    EXPECT_TRUE(shown().ambiguous);
}

TEST_F(InboxAmbiguityTest, WhoseNameWasNotKnownMayBeAnybody) {
    put_records({person("INCONNU", "X", "1980-01-01")});
    put_records({alice});
    EXPECT_FALSE(shown().ambiguous);
    take();
    put_records({person("UN", "BEBE", "2026-11-28")});
    put_records({person("UN", "Inès", "2026-11-28")});
    EXPECT_FALSE(shown().ambiguous);
    EXPECT_EQ(field(Field::first_name), "Inès");
}

TEST_F(InboxAmbiguityTest, WhatACycleHasTakenIsUpdated) {
    put_records({alice});
    take();
    put_records({bob});
    EXPECT_FALSE(shown().ambiguous);
    EXPECT_EQ(field(Field::first_name), "Bob");
    EXPECT_EQ(phone(), "(unknown)") << "it was somebody else's";
}

TEST_F(InboxAmbiguityTest, ALaterArrivalThatSaysOneOfThemEndsIt) {
    put_records({alice, bob});
    take();
    put_records({bob});
    EXPECT_FALSE(shown().ambiguous);
    EXPECT_EQ(field(Field::first_name), "Bob");
    EXPECT_EQ(phone(), "(unknown)");
    put_records({alice, bob});
    EXPECT_TRUE(shown().ambiguous);
    take();
    put_records({alice});
    EXPECT_FALSE(shown().ambiguous);
    EXPECT_EQ(phone(), "0611111111");
}

TEST_F(InboxAmbiguityTest, OthersOfTheArrivalAndWhatWasKnownStay) {
    put_records({alice});
    take();
    auto third = bob;
    third.patient.set_external_id("7002");
    put_records({bob, third, alice});
    EXPECT_TRUE(shown().ambiguous);
    EXPECT_EQ(field(Field::first_name), "Alice") << "what was known before";
    EXPECT_FALSE(shown("7002").ambiguous);
}

TEST_F(InboxAmbiguityTest, TheSameContradictionAgainIsNoChange) {
    put_records({alice, bob});
    const auto before = shown();
    put_records({alice, bob});
    const auto after = shown();
    EXPECT_TRUE(after.ambiguous);
    EXPECT_EQ(after.patient[Field::first_name], before.patient[Field::first_name]);
}

TEST_F(InboxAmbiguityTest, AFileThatIsReadAgainFromItsBeginningContradictsNothing) {
    put_records({alice});
    put_records({person("UN", "Alice", "1980-01-01", "0622222222")});
    put_records({alice}, true);
    EXPECT_FALSE(shown().ambiguous);
}

} // namespace
} // namespace medibridge::tests
