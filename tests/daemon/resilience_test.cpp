#include "hospital.hpp"

#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

// A disk that is full, and one that is not full any more. The limit on the size of files does the
// same to a process as a full disk does, to this process alone and without root: writes beyond it
// fail.

namespace medibridge::tests {
namespace {

using http::Method;

/// Smaller than the state's log, larger than what the service says.
constexpr rlim_t full = 24 * 1024;

void limit_files_of(const Child& program, rlim_t size) {
    rlimit limit{size, RLIM_INFINITY};
    ASSERT_EQ(prlimit(program.pid(), RLIMIT_FSIZE, &limit, nullptr), 0);
}

int requests(Hospital& hospital, const char* method) {
    return hospital.stats()["medicapp"]["requests"][method].get<int>();
}

void expect_settled(Hospital& hospital) {
    hospital.reset_stats();
    EXPECT_EQ(hospital.once().exit, 0);
    EXPECT_EQ(requests(hospital, "POST"), 0);
    EXPECT_EQ(requests(hospital, "PUT"), 0);
}

TEST(FullDisk, SendsNothingThatCannotBeRecordedAndGoesOnByItself) {
    Hospital hospital({"--patients", "60", "--invalid-share", "0"});
    hospital.configure("sync: {interval: 1s}");
    const auto service = hospital.start({});
    wait_until(*service, [&] { return said(*service, "cycle.finished"); });
    hospital.reset_stats();
    limit_files_of(*service, full);
    hospital.control(Method::post, "/his/edit?count=5");
    wait_until(*service, [&] { return said(*service, "service.impeded"); });
    const auto reads = requests(hospital, "GET");
    wait_until(*service, [&] { return requests(hospital, "GET") >= reads + 2; });
    EXPECT_EQ(requests(hospital, "PUT"), 0) << "no write without a durable intent";
    EXPECT_FALSE(said(*service, "service.recovered"));

    limit_files_of(*service, RLIM_INFINITY);
    wait_until(*service, [&] { return said(*service, "service.recovered"); });
    EXPECT_GT(requests(hospital, "PUT"), 0);
    EXPECT_EQ(times_said(*service, "service.impeded"), 1) << "once an episode";
    EXPECT_THAT(service->err(), testing::HasSubstr("limits on file size"));
    service->signal(SIGTERM);
    EXPECT_EQ(service->wait(), 0) << service->err();
    expect_settled(hospital);
}

/// What was sent and could not be recorded is known from the intents.
TEST(FullDisk, InTheMiddleOfAFirstLoadMakesNoDuplicate) {
    Hospital hospital({"--patients", "60", "--invalid-share", "0", "--duplicates", "accept",
                       "--fault", "POST:1+:slow=100"});
    hospital.configure("sync: {interval: 1s}");
    const auto service = hospital.start({});
    wait_until(*service, [&] { return requests(hospital, "POST") >= 4; });
    limit_files_of(*service, full);
    wait_until(*service, [&] { return said(*service, "service.impeded"); });
    hospital.set_faults({});
    limit_files_of(*service, RLIM_INFINITY);
    wait_until(*service, [&] { return said(*service, "service.recovered"); });
    service->signal(SIGTERM);
    EXPECT_EQ(service->wait(), 0) << service->err();
    EXPECT_EQ(hospital.medicapp_patients().size(), 60u);
    EXPECT_EQ(hospital.stats()["medicapp"]["duplicates"], 0);
    expect_settled(hospital);
}

TEST(FullDisk, DoesNotKeepTheServiceFromStopping) {
    Hospital hospital({"--patients", "60"});
    hospital.configure("sync: {interval: 1s}");
    const auto service = hospital.start({});
    wait_until(*service, [&] { return said(*service, "cycle.finished"); });
    limit_files_of(*service, full);
    hospital.control(Method::post, "/his/edit?count=5");
    wait_until(*service, [&] { return said(*service, "service.impeded"); });
    service->signal(SIGTERM);
    EXPECT_EQ(service->wait(std::chrono::seconds(10)), 0) << service->err();
}

} // namespace
} // namespace medibridge::tests
