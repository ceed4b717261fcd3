#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::tests {
namespace {

using connectors::Failure;
using reconcile::Field;
using reconcile::FieldValue;
using sync::Outcome;
using testing::IsEmpty;
using Call = ModelMedicapp::Call;

/// The process ends at a chosen step; it runs again until it gets to the end.
struct Crash {};

class CrashAtEveryStep : public testing::TestWithParam<bool> {};

TEST_P(CrashAtEveryStep, EndsAsIfNothingHadHappened) {
    const bool after_effect = GetParam();
    const auto prepare = [](World& world) {
        world.fill_his(12);
        auto taken = world.his.at("P5").patient;
        taken[Field::city] = FieldValue::known("Brest");
        world.medicapp.add(taken);
        world.his.at("P6").patient[Field::birth_date] = FieldValue::known("rubbish");
    };
    const auto second_story = [](World& world) {
        world.his.edit("P1", Field::phone, "+33612340011");
        world.his.edit("P2", Field::city, "Rennes");
        world.medicapp.edit(world.medicapp.find("P3")->id, Field::city, "Lyon");
    };
    World straight;
    prepare(straight);
    straight.run();
    second_story(straight);
    straight.run();
    const int steps = straight.medicapp.calls + straight.commits;

    for (int at = 1; at <= steps; ++at) {
        World world;
        prepare(world);
        int step = 0;
        world.before_commit = [&](int) {
            if (++step == at) throw Crash();
        };
        world.medicapp.fault = [&](Call, int) -> std::optional<ModelMedicapp::Fault> {
            if (++step != at) return std::nullopt;
            if (!after_effect) throw Crash();
            return ModelMedicapp::Fault{failure(Failure::cancelled), true};
        };
        const auto run_to_the_end = [&] {
            for (int tries = 0; tries < 5; ++tries) {
                try {
                    if (world.run().outcome == Outcome::complete) return;
                } catch (const Crash&) {
                }
                world.restart();
            }
            ADD_FAILURE() << "never complete, crash at step " << at;
        };
        run_to_the_end();
        second_story(world);
        run_to_the_end();

        EXPECT_THAT(world.medicapp.duplicates(), IsEmpty()) << "crash at step " << at;
        ASSERT_EQ(world.medicapp.patients.size(), straight.medicapp.patients.size())
            << "crash at step " << at;
        for (const auto& [id, patient] : straight.medicapp.patients) {
            const auto* same = world.medicapp.find(patient.patient.external_id());
            ASSERT_NE(same, nullptr);
            for (const auto field : reconcile::all_fields()) {
                EXPECT_EQ(text(*same, field), text(patient, field))
                    << patient.patient.external_id() << " crash at step " << at;
            }
        }
        world.medicapp.writes.clear();
        world.run();
        EXPECT_THAT(world.medicapp.writes, IsEmpty()) << "crash at step " << at;
    }
}

INSTANTIATE_TEST_SUITE_P(BeforeOrAfterTheEffect, CrashAtEveryStep, testing::Bool());

} // namespace
} // namespace medibridge::tests
