#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdexcept>

// What operators accept of what guards stop: guards that stand at once are answered in any order,
// while cycles go on by themselves, and nothing is accepted but what was shown.
namespace medibridge::tests {
namespace {

using namespace std::chrono_literals;

using reconcile::Field;
using sync::Outcome;
using testing::ElementsAre;
using Call = ModelMedicapp::Call;

constexpr std::int64_t day_ms = std::int64_t{24} * 3600 * 1000;

class TwoGuards : public testing::Test {
  protected:
    TwoGuards() {
        world.settings.policy.authority.fill(reconcile::Authority::his);
        world.settings.mappings["his"] = {{"fields.phone", "/contact/mobile"}};
        world.fill_his(20);
        settle();
        const auto backup = world.medicapp.patients;
        world.his.now += 1h;
        world.medicapp.now += 1h;
        for (int i = 1; i <= 3; ++i)
            world.his.edit("P" + std::to_string(i), Field::phone, new_phone);
        settle();
        world.medicapp.writes.clear();
        world.medicapp.patients = backup;
        world.settings.mappings["his"] = {{"fields.phone", "/contact/bureau"}};
        world.restart();
    }

    void settle() {
        for (int i = 0; i < 3; ++i) {
            by_itself();
            world.let_settle();
        }
        by_itself();
    }

    sync::Report run(sync::Request request) {
        request.wall_clock_ms = wall_clock_ms;
        last = world.run(std::move(request));
        return last;
    }
    sync::Report by_itself() { return run({}); }
    /// As the service begins it: a source that is slow is not waited for, and what a guard shows is
    /// not looked at again.
    sync::Report regular() {
        sync::Request request;
        request.patience = 2s;
        return run(std::move(request));
    }
    /// As the service takes an operator's word: for what the last cycle showed.
    sync::Request answer(bool mapping, bool rewind) const {
        sync::Request request;
        request.full = true;
        if (mapping) request.accept_mapping = consent_to(last, "guard.mapping");
        if (rewind) request.accept_rewind = consent_to(last, "guard.rewound");
        return request;
    }
    sync::Report accept_mapping() { return run(answer(true, false)); }
    sync::Report accept_rewind() { return run(answer(false, true)); }

    static std::string guard(const sync::Report& report) {
        return report.alarms.size() == 1 ? report.alarms.front().guard : std::string();
    }

    sync::Report last;
    World world;
    std::int64_t wall_clock_ms = 1'780'000'000'000;
};

TEST_F(TwoGuards, AreShownTogether) {
    EXPECT_THAT(guards_of(by_itself()), ElementsAre("guard.mapping", "guard.rewound"));
    world.his.whole_readings = 0;
    EXPECT_THAT(guards_of(regular()), ElementsAre("guard.mapping", "guard.rewound"))
        << "although the mapping is looked at once";
    EXPECT_EQ(world.his.whole_readings, 0);
    EXPECT_EQ(last.alarms[1].changes.count(), 3);
    EXPECT_EQ(last.alarms[1].changes.count_of(Field::phone), 3);
}

TEST_F(TwoGuards, AreAnsweredOneAfterTheOther) {
    by_itself();
    EXPECT_EQ(guard(accept_mapping()), "guard.rewound");
    EXPECT_EQ(guard(by_itself()), "guard.rewound") << "the mapping stays accepted";
    world.restart();
    EXPECT_EQ(guard(by_itself()), "guard.rewound") << "after a restart, too";
    EXPECT_TRUE(world.medicapp.writes.empty());
    EXPECT_EQ(accept_rewind().outcome, Outcome::complete);
    EXPECT_EQ(text(*world.medicapp.find("P2"), Field::phone), new_phone);
    EXPECT_EQ(by_itself().outcome, Outcome::complete);
}

TEST_F(TwoGuards, AreAnsweredInTheOtherOrder) {
    by_itself();
    EXPECT_EQ(guard(accept_rewind()), "guard.mapping");
    EXPECT_EQ(last.alarms.front().changes.count(), 3) << "what both would change is known now";
    EXPECT_TRUE(world.medicapp.writes.empty());
    EXPECT_EQ(guard(by_itself()), "guard.mapping");
    EXPECT_EQ(accept_mapping().outcome, Outcome::complete);
    EXPECT_EQ(text(*world.medicapp.find("P2"), Field::phone), new_phone);
    EXPECT_EQ(by_itself().outcome, Outcome::complete);
}

TEST_F(TwoGuards, AreAnsweredAtOnce) {
    by_itself();
    EXPECT_EQ(run(answer(true, true)).outcome, Outcome::complete);
    EXPECT_EQ(text(*world.medicapp.find("P2"), Field::phone), new_phone);
}

/// The second answer was given before the cycle of the first one had ended.
TEST_F(TwoGuards, AreAnsweredRightAfterEachOther) {
    by_itself();
    const auto mapping = answer(true, false);
    const auto rewind = answer(false, true);
    EXPECT_EQ(guard(run(rewind)), "guard.mapping");
    EXPECT_EQ(run(mapping).outcome, Outcome::complete);
}

/// By somebody who runs one cycle by hand.
TEST_F(TwoGuards, AreAnsweredUnseenByWhoRunsOneCycle) {
    sync::Request request;
    request.full = true;
    request.accept_mapping = sync::Consent::to_all_that_is_found();
    EXPECT_EQ(guard(run(request)), "guard.rewound");
    EXPECT_EQ(guard(by_itself()), "guard.rewound") << "the mapping that it found stays accepted";
    request.accept_mapping = {};
    request.accept_rewind = sync::Consent::to_all_that_is_found();
    EXPECT_EQ(run(request).outcome, Outcome::complete);
}

TEST_F(TwoGuards, ACycleThatIsIncompleteTakesNothingBack) {
    by_itself();
    accept_mapping();
    world.medicapp.fault = [](Call call, int) -> std::optional<ModelMedicapp::Fault> {
        if (call != Call::list) return std::nullopt;
        return ModelMedicapp::Fault{failure(connectors::Failure::unavailable, 503)};
    };
    EXPECT_EQ(accept_rewind().outcome, Outcome::incomplete);
    world.medicapp.fault = nullptr;
    EXPECT_EQ(by_itself().outcome, Outcome::complete);
}

TEST_F(TwoGuards, ACrashTakesNothingBack) {
    by_itself();
    world.medicapp.fault = [](Call, int) -> std::optional<ModelMedicapp::Fault> {
        throw std::runtime_error("crash");
    };
    EXPECT_THROW(accept_mapping(), std::runtime_error);
    world.medicapp.fault = nullptr;
    world.restart();
    EXPECT_EQ(guard(by_itself()), "guard.rewound");
}

TEST_F(TwoGuards, WhatWasAcceptedEndsWithACompleteCycle) {
    by_itself();
    accept_mapping();
    EXPECT_EQ(accept_rewind().outcome, Outcome::complete);
    settle();
    world.settings.mappings["his"] = {{"fields.phone", "/contact/autre"}};
    world.restart();
    EXPECT_EQ(guard(by_itself()), "guard.mapping");
}

TEST_F(TwoGuards, AnotherConfigurationIsNotAccepted) {
    by_itself();
    const auto shown = answer(true, false);
    EXPECT_EQ(guard(run(shown)), "guard.rewound");
    world.settings.mappings["his"] = {{"fields.phone", "/contact/autre"}};
    world.restart();
    EXPECT_THAT(guards_of(by_itself()), ElementsAre("guard.mapping", "guard.rewound"));
    EXPECT_THAT(guards_of(run(shown)), ElementsAre("guard.mapping", "guard.rewound"))
        << "nor by a word that was given for the former one";
}

TEST_F(TwoGuards, NothingIsAcceptedForLongerThanADay) {
    by_itself();
    EXPECT_EQ(guard(accept_mapping()), "guard.rewound");
    wall_clock_ms += day_ms - 1;
    EXPECT_EQ(guard(by_itself()), "guard.rewound");
    wall_clock_ms += 2;
    EXPECT_THAT(guards_of(by_itself()), ElementsAre("guard.mapping", "guard.rewound"));
}

TEST_F(TwoGuards, ADryRunShowsWhatFollowsAndAcceptsNothing) {
    sync::Request request;
    request.dry_run = true;
    request.accept_mapping = sync::Consent::to_all_that_is_found();
    request.full = true;
    EXPECT_EQ(guard(run(request)), "guard.rewound");
    EXPECT_THAT(guards_of(by_itself()), ElementsAre("guard.mapping", "guard.rewound"));
}

} // namespace
} // namespace medibridge::tests
