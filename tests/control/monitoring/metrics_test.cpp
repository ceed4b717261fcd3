#include "control/monitoring/catalogue.hpp"
#include "control/monitoring/metrics_text.hpp"
#include "full_snapshot.hpp"
#include "promtool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <regex>
#include <set>

namespace medibridge::monitoring {
namespace {

using test::full_snapshot;
using testing::HasSubstr;
using testing::Not;

/// The families that a text declares: `# TYPE name type`.
std::set<std::string> families(const std::string& text) {
    static const std::regex type(R"(# TYPE (\S+ \S+))");
    std::set<std::string> found;
    for (std::sregex_iterator at(text.begin(), text.end(), type), end; at != end; ++at)
        found.insert((*at)[1]);
    return found;
}

TEST(Metrics, AreThoseOfTheCatalogue) {
    auto snapshot = full_snapshot();
    auto text = metrics_text(snapshot);
    snapshot.live.sides[0].trying_since_ms = snapshot.now_ms;
    snapshot.live.sides[0].down_since_ms = snapshot.now_ms;
    snapshot.live.alarms = {sync::GuardAlarm{"guard.changes", {}, {}, "many"}};
    text += metrics_text(snapshot);
    std::set<std::string> expected;
    for (const auto& metric : catalogue())
        expected.insert(std::string(metric.name) + " " + std::string(name(metric.type)));
    EXPECT_EQ(families(text), expected);
}

TEST(Metrics, PleasePromtool) {
    EXPECT_EQ(tests::promtool("check metrics", metrics_text(full_snapshot())), "");
    EXPECT_EQ(tests::promtool("check metrics", metrics_text(Snapshot())), "")
        << "between two configurations";
}

TEST(Metrics, HaveTheValuesThatTheyNameAndBaseUnits) {
    const auto text = metrics_text(full_snapshot());
    for (
        const char* line :
        {"medibridge_build_info{version=\"1.2.3\",commit=\"0123abc\"} 1\n", "medibridge_ready 1\n",
         "medibridge_side_last_success_timestamp_seconds{side=\"adt\"} 1799999997.5\n",
         "medibridge_requests_total{side=\"medicapp\",method=\"GET\",code=\"429\"} 1\n",
         "medibridge_requests_total{side=\"medicapp\",method=\"POST\",code=\"timeout\"} 1\n",
         "medibridge_request_duration_seconds_bucket{side=\"medicapp\",method=\"GET\",le=\"0.01\"} "
         "1\n",
         "medibridge_request_duration_seconds_bucket{side=\"medicapp\",method=\"GET\",le=\"0.025\"}"
         " 2\n",
         "medibridge_request_duration_seconds_bucket{side=\"medicapp\",method=\"POST\",le=\"30\"} "
         "0\n",
         "medibridge_request_duration_seconds_bucket{side=\"medicapp\",method=\"POST\",le=\"+Inf\"}"
         " 1\n",
         "medibridge_held_patients{reason=\"invalid\"} 2\n",
         "medibridge_held_patients{reason=\"divergence\"} 0\n",
         "medibridge_waiting_patients{kind=\"to_decide\"} 2\n",
         "medibridge_inbox_records{side=\"adt\"} 5\n",
         "medibridge_acknowledgement_duration_seconds_count{side=\"medicapp\",code=\"AA\"} 1\n",
         "medibridge_medicapp_rate_requests_per_second 12.5\n",
         "medibridge_patients_total{outcome=\"created\"} 41\n", "process_open_fds 21\n"})
        EXPECT_THAT(text, HasSubstr(line));
}

TEST(Metrics, WithoutAValueAreLeftOut) {
    auto snapshot = full_snapshot();
    snapshot.pace = {};
    snapshot.state.reset();
    snapshot.live.last_complete_ms.reset();
    const auto text = metrics_text(snapshot);
    for (const char* name : {"medibridge_medicapp_rate_", "medibridge_medicapp_limit_found_",
                             "medibridge_linked_patients", "medibridge_guard_stopped",
                             "medibridge_cycle_last_complete_"})
        EXPECT_THAT(text, Not(HasSubstr(name)));
}

} // namespace
} // namespace medibridge::monitoring
