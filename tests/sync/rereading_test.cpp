#include "world.hpp"

#include "sync/core/rereading.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// After a first load Medicapp's list shows our own writes. It is read once to be sure, and once
// more when nothing can appear late.

namespace medibridge::tests {
namespace {

using namespace std::chrono_literals;

using reconcile::Field;
using reconcile::Instant;
using sync::Outcome;
using sync::Rereading;
using Call = ModelMedicapp::Call;

/// A list of three pages, just loaded.
class AfterAFirstLoad : public testing::Test {
  protected:
    static constexpr int whole = 3;

    AfterAFirstLoad() {
        world.medicapp.page_size_limit = 10;
        world.fill_his(25);
        world.run();
    }
    /// Pages of Medicapp's list that one more cycle reads.
    int pages_of_a_cycle() {
        world.medicapp.log.clear();
        EXPECT_EQ(world.run().outcome, Outcome::complete);
        return world.medicapp.count(Call::list);
    }
    void pass(std::chrono::milliseconds time) {
        world.medicapp.now += time;
        world.his.now += time;
    }
    /// A user's edit with a time before the newest write, that lists show from now on.
    void appear_late(const std::string& id, Field field, const std::string& value) {
        auto& patient = world.medicapp.patients.at(world.medicapp.find(id)->id);
        patient.patient[field] = reconcile::FieldValue::known(value);
        *patient.modified_at += 2ms;
    }
    const std::string& phone(const std::string& id) {
        return text(*world.medicapp.find(id), Field::phone);
    }

    World world;
};

TEST_F(AfterAFirstLoad, TheListIsReadTwiceAndThenAPage) {
    EXPECT_EQ(pages_of_a_cycle(), whole);
    for (int minute = 1; minute <= 5; ++minute) {
        pass(1min);
        EXPECT_EQ(pages_of_a_cycle(), 1) << minute;
    }
    pass(1min);
    EXPECT_EQ(pages_of_a_cycle(), 1 + whole) << "nothing can appear late any more";
    for (int cycle = 0; cycle < 3; ++cycle)
        EXPECT_EQ(pages_of_a_cycle(), 1);
}

TEST_F(AfterAFirstLoad, ARestartForgetsNothingOfThat) {
    pages_of_a_cycle();
    world.restart();
    EXPECT_EQ(pages_of_a_cycle(), 1);
    pass(6min);
    world.restart();
    EXPECT_EQ(pages_of_a_cycle(), 1 + whole);
    world.restart();
    EXPECT_EQ(pages_of_a_cycle(), 1);
}

TEST_F(AfterAFirstLoad, WhatAppearsLateIsFound) {
    pages_of_a_cycle();
    pass(1min);
    appear_late("P3", Field::phone, new_phone);
    pass(1min);
    pages_of_a_cycle();
    pass(5min);
    pages_of_a_cycle();
    const auto known = world.state().look_up({"P3"}).front();
    EXPECT_EQ(known.link->baselines.medicapp.modified_at, world.medicapp.find("P3")->modified_at);
    EXPECT_EQ(phone("P3"), new_phone) << "newer than the HIS's";
}

TEST_F(AfterAFirstLoad, WhatAppearsLateIsSeenBeforeAnUpdate) {
    pages_of_a_cycle();
    pass(1min);
    appear_late("P3", Field::phone, "+33699000001");
    world.his.edit("P3", Field::city, "Rennes");
    world.his.at("P3").modified_at = *world.medicapp.find("P3")->modified_at - 1h;
    world.his.at("P3").patient[Field::phone] = reconcile::FieldValue::known(new_phone);
    pages_of_a_cycle();
    EXPECT_EQ(phone("P3"), "+33699000001");
}

TEST_F(AfterAFirstLoad, WhoSlippedPastTheReaderIsFound) {
    // Somebody goes and somebody comes while the list is read: P15 is on no page that is read.
    const auto id = world.medicapp.find("P15")->id;
    world.medicapp.patients.at(id).patient[Field::phone] =
        reconcile::FieldValue::known("+33699000001");
    *world.medicapp.patients.at(id).modified_at += 2ms;
    world.medicapp.hidden.insert(id);
    pages_of_a_cycle();
    world.medicapp.hidden.clear();
    pass(6min);
    pages_of_a_cycle();
    const auto known = world.state().look_up({"P15"}).front();
    EXPECT_EQ(known.link->baselines.medicapp.modified_at, world.medicapp.find("P15")->modified_at);
}

TEST_F(AfterAFirstLoad, ABusyMedicappIsReadByWhatHasChanged) {
    pages_of_a_cycle();
    int pages = 0;
    for (int minute = 1; minute <= 24; ++minute) {
        pass(1min);
        world.medicapp.edit(world.medicapp.find("P" + std::to_string(minute))->id, Field::phone,
                            "+336123" + std::to_string(40500 + minute));
        pages += pages_of_a_cycle();
    }
    EXPECT_LE(pages, 24 + whole + 6) << "a page for each cycle, and one rereading";
}

TEST_F(AfterAFirstLoad, AClockThatWasSetBackProvesNothing) {
    pages_of_a_cycle();
    world.medicapp.now -= 1h;
    EXPECT_EQ(pages_of_a_cycle(), 1 + whole);
}

TEST(ALargeFirstLoad, ReadsItsSourceWholeForTheSurveyAndForTheWritesAndNotAgain) {
    World world;
    world.fill_his(static_cast<int>(sync::limits::surveyed_records) + 600);
    world.run();
    EXPECT_EQ(world.his.whole_readings, 2);
    world.run();
    EXPECT_EQ(world.his.whole_readings, 2);
}

TEST(ALargeFirstLoad, WhatChangesBehindTheReaderIsFoundByTheNextCycle) {
    World world;
    world.fill_his(static_cast<int>(sync::limits::surveyed_records) + 600);
    world.his.lists_by_id = true;
    int pages = 0;
    world.his.after_page = [&](int) {
        if (++pages != 8) return; // of the second pass
        world.his.now += 1h;
        world.his.edit("P1", Field::phone, new_phone);
        world.his.now += 1h;
        world.his.edit("P2600", Field::phone, "+33612340078");
    };
    world.run();
    EXPECT_EQ(text(*world.medicapp.find("P2600"), Field::phone), "+33612340078");
    ASSERT_NE(text(*world.medicapp.find("P1"), Field::phone), new_phone);
    world.his.after_page = nullptr;
    world.run();
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), new_phone);
}

TEST(RereadingTest, ComesBackFromTheState) {
    const Rereading everything{std::nullopt, Instant(5ms), Instant(7ms)};
    const Rereading since{Instant(-3ms), Instant(5ms), Instant(7ms)};
    for (const auto& one : {everything, since})
        EXPECT_EQ(sync::rereading_from(sync::rereading_text(one)), one);
    EXPECT_EQ(sync::rereading_text(std::nullopt), "");
    for (const auto* text : {"", "-", "- 5", "x 5 7", "5 7 x"})
        EXPECT_EQ(sync::rereading_from(text), std::nullopt) << text;
}

} // namespace
} // namespace medibridge::tests
