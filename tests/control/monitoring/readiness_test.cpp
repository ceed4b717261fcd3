#include "control/monitoring/readiness.hpp"
#include "full_snapshot.hpp"

#include <functional>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace medibridge::monitoring {
namespace {

using test::full_snapshot;
using Json = nlohmann::json;

constexpr std::int64_t minute = 60'000;

struct Case {
    const char* name;
    std::function<void(Snapshot&)> change;
    std::vector<std::string> reasons;
};

const std::vector<Case>& cases() {
    static const std::vector<Case> all{
        {"Well", [](Snapshot&) {}, {}},
        {"Reloading", [](Snapshot& it) { it.is_installed = false; }, {"reloading"}},
        {"Paused", [](Snapshot& it) { it.live.pause.emplace(); }, {"paused"}},
        {"PausedForLong",
         [](Snapshot& it) {
             it.live.pause.emplace();
             it.live.last_complete_ms = it.now_ms - 100 * minute;
         },
         {"paused"}},
        {"Refused",
         [](Snapshot& it) {
             it.refusal = "Medicapp refuses the API key";
             it.live.sides[0].up = false;
         },
         {"unauthorized"}},
        {"SideDown", [](Snapshot& it) { it.live.sides[1].up = false; }, {"side_down"}},
        {"BothDown",
         [](Snapshot& it) { it.live.sides[0].up = it.live.sides[1].up = false; },
         {"side_down", "side_down"}},
        {"Guard",
         [](Snapshot& it) { it.live.alarms = {sync::GuardAlarm{"guard.changes", {}, {}, {}}}; },
         {"guard"}},
        {"FullDisk", [](Snapshot& it) { it.live.failure = "the disk is full"; }, {"cycle_failed"}},
        {"NotYetStale",
         [](Snapshot& it) { it.live.last_complete_ms = it.now_ms - 5 * minute; },
         {}},
        {"Stale",
         [](Snapshot& it) { it.live.last_complete_ms = it.now_ms - 6 * minute; },
         {"stale"}},
        {"LongInterval",
         [](Snapshot& it) {
             it.interval_ms = 10 * minute;
             it.live.last_complete_ms = it.now_ms - 29 * minute;
         },
         {}},
        {"StaleAfterThreeIntervals",
         [](Snapshot& it) {
             it.interval_ms = 10 * minute;
             it.live.last_complete_ms = it.now_ms - 31 * minute;
         },
         {"stale"}},
        {"JustStarted",
         [](Snapshot& it) {
             it.live.last_complete_ms.reset();
             it.started_ms = it.now_ms - minute;
         },
         {}},
        {"NeverComplete", [](Snapshot& it) { it.live.last_complete_ms.reset(); }, {"stale"}},
        {"FirstLoadComesOn",
         [](Snapshot& it) {
             it.live.last_complete_ms.reset();
             it.live.running = control::RunningCycle{it.started_ms, it.now_ms - minute, {}};
         },
         {}},
        {"FirstLoadHangs",
         [](Snapshot& it) {
             it.live.last_complete_ms.reset();
             it.live.running = control::RunningCycle{it.started_ms, it.now_ms - 6 * minute, {}};
         },
         {"stale"}},
        {"CyclesThatEndIncomplete",
         [](Snapshot& it) {
             it.live.last_complete_ms = it.now_ms - 30 * minute;
             it.live.running = control::RunningCycle{it.now_ms - 1'000, it.now_ms, {}};
         },
         {"stale"}},
    };
    return all;
}

class ReadinessTable : public testing::TestWithParam<Case> {};

TEST_P(ReadinessTable, NamesWhatStops) {
    auto snapshot = full_snapshot();
    GetParam().change(snapshot);
    std::vector<std::string> reasons;
    for (const auto& obstacle : obstacles(snapshot))
        reasons.emplace_back(obstacle.reason);
    EXPECT_EQ(reasons, GetParam().reasons);
}

INSTANTIATE_TEST_SUITE_P(All, ReadinessTable, testing::ValuesIn(cases()),
                         [](const auto& info) { return info.param.name; });

/// A firewall's page is not Medicapp's word: whoever is on call must not renew a key that is right.
TEST(Readiness, SaysWhoRefuses) {
    auto snapshot = full_snapshot();
    snapshot.refusal = "403 with a page that is not Medicapp's (a proxy or firewall?)";
    EXPECT_EQ(obstacles(snapshot).at(0).detail,
              "403 with a page that is not Medicapp's (a proxy or firewall?): nothing is sent");
}

TEST(Readiness, SaysWhatToTypeForItsConfiguration) {
    auto snapshot = full_snapshot();
    snapshot.tool = "medibridgectl --config /etc/medibridge/north.yaml";
    snapshot.live.pause.emplace();
    snapshot.live.alarms.emplace_back();
    const auto found = obstacles(snapshot);
    ASSERT_EQ(found.size(), 2u);
    EXPECT_TRUE(found[0].detail.contains("`" + snapshot.tool + " resume`"));
    EXPECT_TRUE(found[1].detail.contains("`" + snapshot.tool + " guard show`"));
}

TEST(Readiness, IsOneJsonObject) {
    EXPECT_EQ(Json::parse(readiness_json({})), Json::parse(R"({"ready":true,"reasons":[]})"));
    auto snapshot = full_snapshot();
    snapshot.live.sides[1].up = false;
    snapshot.live.sides[1].reason = "it is down";
    snapshot.live.sides[1].down_since_ms = 1'800'000'000'000;
    EXPECT_EQ(Json::parse(readiness_json(obstacles(snapshot))), Json::parse(R"({
        "ready": false,
        "reasons": [{"reason": "side_down", "side": "adt", "since": "2027-01-15T08:00:00Z",
                     "detail": "it is down"}]})"));
}

} // namespace
} // namespace medibridge::monitoring
