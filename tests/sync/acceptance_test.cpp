#include "world.hpp"

#include <gtest/gtest.h>
#include <stdexcept>

// Guards that stand at once: only one is shown at a time, and the operator answers one after the
// other, while cycles go on by themselves.
namespace medibridge::tests {
namespace {

using namespace std::chrono_literals;

using reconcile::Field;
using sync::Outcome;

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
        return world.run(std::move(request));
    }
    sync::Report by_itself() { return run({}); }
    sync::Report accept(bool sync::Request::* what) {
        sync::Request request;
        request.full = true;
        request.*what = true;
        return run(std::move(request));
    }
    sync::Report accept_mapping() { return accept(&sync::Request::accept_mapping); }
    sync::Report accept_rewind() { return accept(&sync::Request::accept_rewind); }

    std::string guard(const sync::Report& report) {
        return report.alarm ? std::string(report.alarm->guard) : std::string();
    }

    World world;
    std::int64_t wall_clock_ms = 1'780'000'000'000;
};

TEST_F(TwoGuards, AreAnsweredOneAfterTheOther) {
    EXPECT_EQ(guard(by_itself()), "guard.mapping");
    EXPECT_EQ(guard(accept_mapping()), "guard.rewound");
    EXPECT_EQ(guard(by_itself()), "guard.rewound") << "the mapping stays accepted";
    world.restart();
    EXPECT_EQ(guard(by_itself()), "guard.rewound") << "after a restart, too";
    EXPECT_TRUE(world.medicapp.writes.empty());
    EXPECT_EQ(accept_rewind().outcome, Outcome::complete);
    EXPECT_EQ(text(*world.medicapp.find("P2"), Field::phone), new_phone);
    EXPECT_EQ(by_itself().outcome, Outcome::complete);
}

TEST_F(TwoGuards, ACycleThatIsIncompleteTakesNothingBack) {
    accept_mapping();
    world.medicapp.fault = [](ModelMedicapp::Call call,
                              int) -> std::optional<ModelMedicapp::Fault> {
        if (call != ModelMedicapp::Call::list) return std::nullopt;
        return ModelMedicapp::Fault{failure(connectors::Failure::unavailable, 503)};
    };
    EXPECT_EQ(accept_rewind().outcome, Outcome::incomplete);
    world.medicapp.fault = nullptr;
    EXPECT_EQ(by_itself().outcome, Outcome::complete);
}

TEST_F(TwoGuards, ACrashTakesNothingBack) {
    world.medicapp.fault = [](ModelMedicapp::Call, int) -> std::optional<ModelMedicapp::Fault> {
        throw std::runtime_error("crash");
    };
    EXPECT_THROW(accept_mapping(), std::runtime_error);
    world.medicapp.fault = nullptr;
    world.restart();
    EXPECT_EQ(guard(by_itself()), "guard.rewound");
}

TEST_F(TwoGuards, WhatWasAcceptedEndsWithACompleteCycle) {
    accept_mapping();
    EXPECT_EQ(accept_rewind().outcome, Outcome::complete);
    settle();
    world.settings.mappings["his"] = {{"fields.phone", "/contact/autre"}};
    world.restart();
    EXPECT_EQ(guard(by_itself()), "guard.mapping");
}

TEST_F(TwoGuards, AnotherConfigurationIsNotAccepted) {
    EXPECT_EQ(guard(accept_mapping()), "guard.rewound");
    world.settings.mappings["his"] = {{"fields.phone", "/contact/autre"}};
    world.restart();
    EXPECT_EQ(guard(by_itself()), "guard.mapping");
}

TEST_F(TwoGuards, NothingIsAcceptedForLongerThanADay) {
    EXPECT_EQ(guard(accept_mapping()), "guard.rewound");
    wall_clock_ms += day_ms - 1;
    EXPECT_EQ(guard(by_itself()), "guard.rewound");
    wall_clock_ms += 2;
    EXPECT_EQ(guard(by_itself()), "guard.mapping");
}

TEST_F(TwoGuards, ADryRunShowsWhatFollowsAndAcceptsNothing) {
    sync::Request request;
    request.dry_run = true;
    request.accept_mapping = true;
    request.full = true;
    EXPECT_EQ(guard(run(request)), "guard.rewound");
    EXPECT_EQ(guard(by_itself()), "guard.mapping");
}

} // namespace
} // namespace medibridge::tests
