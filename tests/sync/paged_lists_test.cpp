#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::tests {
namespace {

using namespace std::chrono_literals;

using reconcile::Authority;
using reconcile::Field;
using sync::Outcome;
using testing::IsEmpty;

constexpr const char* first_edit = "+33612340071";
constexpr const char* second_edit = "+33612340072";

/// A hospital whose lists have ten rows a page and stand still when rows change, and are read to
/// the end and settled.
class PagedLists : public testing::Test {
  protected:
    PagedLists() {
        world.settings.policy.authority.fill(Authority::his);
        world.medicapp.page_size_limit = 10;
        world.medicapp.lists_by_id = true;
        world.his.page_size = 10;
        world.his.lists_by_id = true;
        world.fill_his(25);
    }

    void bring_to_rest() {
        for (int i = 0; i < 3; ++i) {
            world.run();
            world.let_settle();
        }
        world.run();
        world.medicapp.writes.clear();
    }

    /// After page 1 a row of it changes; after page 2, an hour later, one of page 3.
    template <class Edit>
    std::function<void(std::int64_t)> two_edits(Edit edit) {
        return [edit](std::int64_t page) mutable {
            if (page == 1) edit("P1", first_edit);
            if (page == 2) edit("P25", second_edit);
        };
    }

    World world;
    sync::Request full = [] {
        sync::Request request;
        request.full = true;
        return request;
    }();
};

TEST_F(PagedLists, AnEditBehindTheReadersBackIsSeenAlthoughALaterOneIsOnTheLastPage) {
    bring_to_rest();
    world.his.after_page = two_edits([this](const char* id, const char* phone) {
        world.his.now += 1h;
        world.his.edit(id, Field::phone, phone);
    });
    EXPECT_EQ(world.run(full).outcome, Outcome::complete);
    EXPECT_EQ(text(*world.medicapp.find("P25"), Field::phone), second_edit);
    world.his.after_page = nullptr;
    world.run();
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), first_edit);
}

TEST_F(PagedLists, TheSameInMedicapp) {
    bring_to_rest();
    const auto before = text(*world.medicapp.find("P1"), Field::phone);
    world.medicapp.after_page = two_edits([this](const char* id, const char* phone) {
        world.medicapp.now += 1h;
        world.medicapp.edit(world.medicapp.find(id)->id, Field::phone, phone);
    });
    EXPECT_EQ(world.run(full).outcome, Outcome::complete);
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), first_edit);
    world.medicapp.after_page = nullptr;
    world.run();
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), before) << "asserted again";
}

TEST_F(PagedLists, ARecordThatSlipsPastTheReaderOfAFirstLoadIsCreatedByTheNextCycle) {
    world.his.after_page = [this](int page) {
        if (page != 1) return;
        // One goes and one comes: the total is as before, and P11 stands where it was read already.
        world.his.records.erase(world.his.records.begin());
        auto late = record("P99");
        late.patient[Field::last_name] = reconcile::FieldValue::known("Garnier");
        world.his.now += 1h;
        late.modified_at = world.his.now;
        world.his.records.push_back(late);
    };
    EXPECT_EQ(world.run().outcome, Outcome::complete);
    ASSERT_EQ(world.medicapp.find("P11"), nullptr);
    world.his.after_page = nullptr;
    world.run();
    EXPECT_NE(world.medicapp.find("P11"), nullptr);
}

TEST_F(PagedLists, WhatASecondPassReadsAgainCostsNoWriteAndIsReadOnlyOnce) {
    world.run();
    world.medicapp.writes.clear();
    world.his.whole_readings = 0;
    world.run();
    EXPECT_EQ(world.his.whole_readings, 1);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    world.run();
    EXPECT_EQ(world.his.whole_readings, 1);
}

TEST_F(PagedLists, AHospitalInWhichSomethingIsEditedAtEachPageMakesProgress) {
    int edits = 0;
    world.his.after_page = [&](int) {
        world.his.now += 10s;
        const auto id = "P" + std::to_string(edits % 25 + 1);
        world.his.edit(id, Field::city, edits % 2 == 0 ? "Rennes" : "Brest");
        ++edits;
    };
    for (int cycle = 0; cycle < 3; ++cycle)
        EXPECT_EQ(world.run().outcome, Outcome::complete);
    world.his.whole_readings = 0;
    for (int cycle = 0; cycle < 5; ++cycle) {
        world.his.now += 1h;
        EXPECT_EQ(world.run().outcome, Outcome::complete);
    }
    EXPECT_EQ(world.his.whole_readings, 0) << "polls start from a watermark";
    world.his.pages = 0;
    world.his.now += 1h;
    world.run();
    EXPECT_EQ(world.his.pages, 1) << "of what was edited lately";
}

} // namespace
} // namespace medibridge::tests
