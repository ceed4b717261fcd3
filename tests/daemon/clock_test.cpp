#include "hospital.hpp"
#include "tests/sanitized.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

// A machine whose clock is wrong, or jumps between two runs: the daemon under libfaketime, both
// sides under the right time. What it sends must not depend on its own clock at all.

namespace medibridge::tests {
namespace {

using http::Method;
using nlohmann::json;

constexpr const char* library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";

/// What a course of runs ended with: what both sides were asked for, and what Medicapp has.
struct Course {
    std::vector<json> requests; ///< of each run, to Medicapp, by method
    std::map<std::string, json> patients;
    std::string log;
};

/// A patient without what depends on when and how often the test ran.
json lasting(json patient) {
    for (const char* name : {"id", "createdAt", "modifiedAt"})
        patient.erase(name);
    return patient;
}

/// `offsets` are libfaketime's: one for each run, none for the right time.
Course run_under(const std::vector<std::string>& offsets) {
    Hospital hospital({"--patients", "60", "--seed", "3"});
    hospital.configure("sync: {overlap: 1h, full_compare: 0s}");
    // One request at a time, so that Medicapp numbers the patients in the same order each time.
    auto config = read_file(hospital.config());
    write_file(hospital.config(),
               config.insert(config.find("medicapp:\n") + 10, "  concurrency: 1\n"));
    hospital.set_faults({"POST:1:slow=1200"}); // so that the first run lasts into the next day
    Course course;
    for (std::size_t i = 0; i < offsets.size(); ++i) {
        hospital.reset_stats();
        std::map<std::string, std::string> environment;
        if (!offsets[i].empty()) {
            environment = {{"LD_PRELOAD", library}, {"FAKETIME", offsets[i]}, {"TZ", "UTC"}};
        }
        const auto run = hospital.start({"--once", "--output", "json"}, environment);
        EXPECT_EQ(run->wait(), 0) << run->err();
        course.log += run->err();
        course.requests.push_back(hospital.stats()["medicapp"]["requests"]);
        hospital.control(Method::post, "/his/edit?count=6");
        if (i == 1) hospital.control(Method::post, "/medicapp/edit?count=4");
    }
    for (const auto& [key, patient] : hospital.medicapp_patients())
        course.patients.emplace(key, lasting(patient));
    EXPECT_EQ(hospital.stats()["medicapp"]["duplicates"], 0);
    return course;
}

class WrongClock : public testing::TestWithParam<std::vector<std::string>> {
  protected:
    void SetUp() override {
        if (sanitized)
            GTEST_SKIP() << "libfaketime and a sanitizer both take the clock's functions";
        ASSERT_TRUE(std::filesystem::exists(library)) << "run scripts/setup, which installs it";
    }
};

TEST_P(WrongClock, ChangesNothing) {
    const auto right = run_under({"", "", "", ""});
    const auto wrong = run_under(GetParam());
    if (GetParam().front().starts_with("@2028")) {
        EXPECT_NE(wrong.log.find("\"ts\":\"2028-03-01T00:00:0"), std::string::npos)
            << "the run did not cross midnight:\n"
            << wrong.log;
    }
    EXPECT_EQ(wrong.requests, right.requests);
    EXPECT_EQ(wrong.patients, right.patients);
}

int lines_of_audit(const Hospital& hospital) {
    SQLite::Database state(hospital.directory() / "state.db", SQLite::OPEN_READONLY);
    return state.execAndGet("SELECT count(*) FROM audit").getInt();
}

/// It is the only proof of what was done.
TEST(WrongClockTest, YearsAheadTheAuditIsKeptAsLongAsMedicappsClockSays) {
    if (sanitized) GTEST_SKIP() << "libfaketime and a sanitizer both take the clock's functions";
    Hospital hospital({"--patients", "3"});
    hospital.configure("");
    EXPECT_EQ(hospital.once().exit, 0);
    const int before = lines_of_audit(hospital);
    EXPECT_GE(before, 3);
    const auto run = hospital.start({"--once", "--full"},
                                    {{"LD_PRELOAD", library}, {"FAKETIME", "+2y"}, {"TZ", "UTC"}});
    EXPECT_EQ(run->wait(), 0) << run->err();
    EXPECT_GE(lines_of_audit(hospital), before);
}

std::string name(const testing::TestParamInfo<std::vector<std::string>>& offsets) {
    const std::vector<std::string> names{"AnHourAhead", "AnHourBehind", "LeapDayMidnight", "Jumps",
                                         "Races"};
    return names.at(offsets.index);
}

INSTANTIATE_TEST_SUITE_P(
    Faketime, WrongClock,
    testing::Values(std::vector<std::string>{"+1h", "+1h", "+1h", "+1h"},
                    std::vector<std::string>{"-1h", "-1h", "-1h", "-1h"},
                    // Crosses midnight into 1 March while it runs.
                    std::vector<std::string>{"@2028-02-29 23:59:59", "@2028-02-29 23:59:59",
                                             "@2028-02-29 23:59:59", "@2028-02-29 23:59:59"},
                    std::vector<std::string>{"+3d", "-400d", "@1970-01-02 00:00:00", "+20y"},
                    // Runs ten times as fast.
                    std::vector<std::string>{"+0 x10", "+0 x10", "-1d x10", "+0 x10"}),
    name);

} // namespace
} // namespace medibridge::tests
