#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::HoldReason;

/// How it is found out that a patient was erased in Medicapp.
enum class FoundBy { full_compare, write };

class ForgetTest : public testing::TestWithParam<FoundBy> {};

TEST_P(ForgetTest, WhatArrivedAboutAnErasedPatientGoes) {
    World world;
    world.fill_his(5);
    world.run();
    world.let_settle();
    world.run();
    state::Batch batch;
    for (const auto* id : {"P3", "P4"}) {
        state::InboxEntry entry;
        entry.source = "adt";
        entry.key = id;
        entry.sealed = "sealed";
        batch.put_inbox(entry);
    }
    world.state().commit(batch);
    world.medicapp.patients.erase(world.medicapp.find("P3")->id);
    sync::Request request;
    request.full = GetParam() == FoundBy::full_compare;
    world.his.edit("P3", Field::phone, new_phone);
    world.run(request);
    ASSERT_EQ(world.held().size(), 1U);
    EXPECT_EQ(world.held().front().reason, HoldReason::erased_in_medicapp);
    EXPECT_TRUE(world.state().look_up({"P3"}).front().tombstone);
    const auto left = world.state().inbox_entries("adt", {"P3", "P4"});
    EXPECT_FALSE(left[0]);
    EXPECT_TRUE(left[1]);
}

INSTANTIATE_TEST_SUITE_P(All, ForgetTest, testing::Values(FoundBy::full_compare, FoundBy::write));

} // namespace
} // namespace medibridge::tests
