#include "world.hpp"

#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <tuple>
#include <utility>

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::FieldValue;
using reconcile::SourceRecord;
using testing::IsEmpty;

/// When a source says that a record was changed.
enum class Times { moment, day, none };

std::string name(Times times) {
    return times == Times::moment ? "moment" : times == Times::day ? "day" : "none";
}

void state_time(SourceRecord& record, Times times, reconcile::Instant at) {
    record.modified_at.reset();
    record.recorded.reset();
    if (times == Times::moment) record.modified_at = at;
    if (times != Times::day) return;
    const auto midnight = std::chrono::floor<std::chrono::days>(at);
    const auto last = midnight + std::chrono::days(1) - std::chrono::milliseconds(1);
    record.modified_at = midnight;
    record.recorded = reconcile::StatedTime{midnight, last};
}

/// Two sources that know the same patients, and when each of them says that they were changed.
using Case = std::tuple<bool, Times, Times>;

class RecordsWithoutMoment : public testing::TestWithParam<Case> {};

/// A record that does not say when, or only the day, stays what it was: it undoes nothing. And what
/// changes in it is no older than what it was.
TEST_P(RecordsWithoutMoment, CountWhenTheyChangeAndOnce) {
    const auto [his_first, his_times, other_times] = GetParam();
    ModelSource other("other");
    World world;
    world.sources = {&world.his, &other};
    if (!his_first) std::swap(world.sources.front(), world.sources.back());
    world.restart();
    world.fill_his(2);
    other.records = world.his.records;
    for (auto& record : world.his.records)
        state_time(record, his_times, world.his.now);
    for (auto& record : other.records)
        state_time(record, other_times, world.his.now);
    world.run();
    world.run_whole();
    int writes = 0;
    const auto change = [&](ModelSource& source, Times times, const std::string& phone) {
        auto& record = source.at("P1");
        record.patient[Field::phone] = FieldValue::known(phone);
        world.his.now += std::chrono::minutes(1);
        state_time(record, times, world.his.now);
        for (int i = 0; i < 2; ++i) {
            world.run();
            world.run_whole();
            EXPECT_EQ(text(*world.medicapp.find("P1"), Field::phone), phone) << i;
        }
        EXPECT_EQ(world.medicapp.count(ModelMedicapp::Call::update), ++writes);
    };
    change(world.his, his_times, new_phone);
    change(other, other_times, "+33612340088");
    change(world.his, his_times, "+33612340099");
    EXPECT_THAT(world.held(), IsEmpty());
}

constexpr auto all_times = {Times::moment, Times::day, Times::none};

INSTANTIATE_TEST_SUITE_P(Of, RecordsWithoutMoment,
                         testing::Combine(testing::Bool(), testing::ValuesIn(all_times),
                                          testing::ValuesIn(all_times)),
                         [](const auto& info) {
                             return std::string(std::get<0>(info.param) ? "his" : "other") +
                                    "_first_" + name(std::get<1>(info.param)) + "_" +
                                    name(std::get<2>(info.param));
                         });

} // namespace
} // namespace medibridge::tests
