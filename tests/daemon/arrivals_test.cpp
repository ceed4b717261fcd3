#include "hospital.hpp"
#include "supply.hpp"

#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::tests {
namespace {

TEST(PushedChanges, AreWrittenBetweenTwoReadingsOfMedicappsList) {
    const auto supply = make_supply("hl7v2");
    auto arguments = supply->sandbox();
    arguments.insert(arguments.end(), {"--patients", "40", "--invalid-share", "0"});
    Hospital hospital(arguments);
    hospital.configure("sync: {interval: 1h}");
    const auto service = hospital.start({});
    const auto sent = [&](const char* verb) {
        return hospital.stats()["medicapp"]["requests"][verb].get<int>();
    };
    wait_until(*service, [&] { return sent("POST") == 40; });
    hospital.reset_stats();
    hospital.control(http::Method::post, "/his/edit?count=10");
    wait_until(*service, [&] { return sent("PUT") == 10; });
    EXPECT_EQ(sent("GET"), 10) << "a look at each of them, and no list";
    EXPECT_EQ(differences_between_sides(hospital), "");
    service->signal(SIGTERM);
    EXPECT_EQ(service->wait(), 0);
}

} // namespace
} // namespace medibridge::tests
