#include "world.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::FieldValue;
using reconcile::SourceRecord;
using testing::IsEmpty;

/// A record that does not say when stays what it was: it undoes nothing.
TEST(UntimedRecords, WhatOneChangesIsNotUndoneByAnUnchangedRecordOfTheOther) {
    for (const bool his_first : {true, false}) {
        for (const bool his_is_dated : {true, false}) {
            SCOPED_TRACE(std::string(his_first ? "his first" : "other first") +
                         (his_is_dated ? ", with times" : ""));
            ModelSource second("other");
            World world;
            world.sources = {&world.his, &second};
            if (!his_first) std::swap(world.sources.front(), world.sources.back());
            world.restart();
            world.fill_his(2);
            second.records = world.his.records;
            const auto forget_time = [](SourceRecord& record) {
                record.modified_at.reset();
                record.recorded.reset();
            };
            std::ranges::for_each(second.records, forget_time);
            if (!his_is_dated) std::ranges::for_each(world.his.records, forget_time);
            world.run();
            world.run_whole();
            auto& changed = world.his.at("P1");
            changed.patient[Field::phone] = FieldValue::known(new_phone);
            if (his_is_dated) changed.modified_at = *changed.modified_at + std::chrono::minutes(1);
            for (int i = 0; i < 2; ++i) {
                world.run();
                world.run_whole();
                EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), new_phone);
            }
            EXPECT_EQ(world.medicapp.count(ModelMedicapp::Call::update), 1);
            second.at("P1").patient[Field::phone] = FieldValue::known("+33612340088");
            world.run_whole();
            world.run_whole();
            EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), "+33612340088");
            EXPECT_THAT(world.held(), IsEmpty());
        }
    }
}

} // namespace
} // namespace medibridge::tests
