#include "sync/core/changes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::HoldReason;
using sync::Change;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

reconcile::FieldSet set_of(std::initializer_list<Field> list) {
    reconcile::FieldSet set;
    for (const auto field : list)
        set.add(field);
    return set;
}

TEST(ChangesTest, ChangesTellHowManyOfEachFieldAndSomeExamples) {
    sync::Changes changes;
    const auto phone = set_of({Field::phone});
    for (int i = 0; i < 25; ++i)
        changes.note(Change::reassertion("P" + std::to_string(i), phone));
    EXPECT_EQ(changes.count(), 25);
    EXPECT_EQ(changes.count_of(Field::phone), 25);
    EXPECT_EQ(changes.count_of(Field::email), 0);
    EXPECT_EQ(changes.examples().size(), sync::Changes::most_examples);
}

/// Two sources want other values of the same field, and one of them ends the patient's record.
TEST(ChangesTest, APatientCountsOnceWhereSeveralChangesMeet) {
    const auto record = [](std::uint8_t number) { return reconcile::Digest{number}; };
    sync::ChangeCounter counter;
    counter.note(Change::update("P1", set_of({Field::phone}), record(1)));
    counter.note(Change::update("P1", set_of({Field::phone, Field::email}), record(2)));
    counter.note(Change::hold("P1", HoldReason::deceased, record(3)));
    counter.note(Change::hold("P1", HoldReason::deceased, record(4)));
    counter.note(Change::hold("P1", HoldReason::divergence, record(5)));
    counter.note(Change::update("P2", set_of({Field::phone}), record(6)));
    const auto& changes = counter.changes();
    EXPECT_EQ(changes.count(), 2);
    EXPECT_EQ(changes.count_of(Field::phone), 2);
    EXPECT_EQ(changes.count_of(Field::email), 1);
    EXPECT_EQ(changes.count_of(Change::Kind::update), 2);
    EXPECT_EQ(changes.count_of(Change::Kind::hold), 1);
    EXPECT_THAT(changes.holds(), UnorderedElementsAre(Pair("deceased", 1), Pair("divergence", 1)));
    ASSERT_THAT(changes.examples(), SizeIs(2));
    const auto& first = changes.examples().front();
    EXPECT_EQ(first.kind, Change::Kind::hold) << "nothing is sent of who is held";
    EXPECT_EQ(first.detail, "deceased");
    EXPECT_EQ(first.fields, set_of({Field::phone, Field::email}));
}

TEST(ChangesTest, EveryChangeCountsForWhatAnOperatorAccepts) {
    sync::Changes one;
    one.note(Change::update("P1", set_of({Field::phone}), {1}));
    auto other = one;
    other.note(Change::update("P1", set_of({Field::phone}), {2}));
    EXPECT_EQ(one.count(), other.count());
    EXPECT_NE(one.fingerprint(), other.fingerprint());
}

} // namespace
} // namespace medibridge::tests
