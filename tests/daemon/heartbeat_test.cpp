#include "daemon/heartbeat.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

namespace medibridge::daemon {
namespace {

using log::Key;
using std::chrono::hours;
using std::chrono::minutes;

runtime::TimePoint after(runtime::Duration time) {
    return runtime::TimePoint(time);
}

std::int64_t number(const std::optional<log::Event>& event, Key key) {
    for (const auto& [name, value] : event->fields())
        if (name == key) return std::get<std::int64_t>(value);
    return -1;
}

sync::Report that_created(std::int64_t patients) {
    sync::Report report;
    report.created = patients;
    return report;
}

TEST(HeartbeatTest, ComesOnceAnHourWithWhatCyclesDidSince) {
    Heartbeat heartbeat(after(minutes(0)));
    control::Live live;
    EXPECT_FALSE(heartbeat.beat(after(minutes(59)), live, {}));
    heartbeat.note_end(that_created(2));
    heartbeat.note_end(that_created(3));
    EXPECT_EQ(heartbeat.due(), after(hours(1)));
    EXPECT_EQ(number(heartbeat.beat(after(hours(1)), live, {}), Key::created), 5);
    EXPECT_FALSE(heartbeat.beat(after(minutes(119)), live, {}));
    state::Waiting waiting;
    waiting.to_decide = 14;
    const auto event = heartbeat.beat(after(hours(2)), live, waiting);
    EXPECT_EQ(number(event, Key::created), 0);
    EXPECT_EQ(number(event, Key::to_decide), 14);
}

TEST(HeartbeatTest, TellsEachPatientOfALongCycleOnce) {
    Heartbeat heartbeat(after(minutes(0)));
    control::Live live;
    live.running.emplace();
    live.running->so_far.created = 1'000;
    EXPECT_EQ(number(heartbeat.beat(after(hours(1)), live, {}), Key::created), 1'000);
    live.running->so_far.created = 1'700;
    EXPECT_EQ(number(heartbeat.beat(after(hours(2)), live, {}), Key::created), 700);
    live.running.reset();
    heartbeat.note_end(that_created(2'000));
    EXPECT_EQ(number(heartbeat.beat(after(hours(3)), live, {}), Key::created), 300);
}

} // namespace
} // namespace medibridge::daemon
