#include "desk.hpp"
#include "tests/peers/program.hpp"

#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <string>
#include <vector>

// A service whose user namespace hides the machine's users, as systemd's PrivateUsers= does.
namespace medibridge::tests {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

/// Another user than root whom each machine has, and who may decide by their name.
constexpr const char* operator_name = "daemon";

class HiddenUsers : public testing::Test {
  protected:
    void SetUp() override {
        if (!desk_.is_root()) GTEST_SKIP() << "only root can be somebody else";
        fs::permissions(desk_.hospital.directory(), fs::perms(0755));
        fs::permissions(desk_.hospital.config(), fs::perms(0644));
    }

    void start(const std::map<std::string, std::string>& environment) {
        desk_.service = std::make_unique<Child>(
            std::vector<std::string>{"/usr/bin/unshare", "--user", "--map-root-user", MEDIBRIDGED,
                                     "--config", desk_.hospital.config()},
            desk_.hospital.directory(), environment);
        wait_until(*desk_.service, [&] { return said(*desk_.service, "control.listening"); });
        desk_.wait_for_first_cycle();
        fs::permissions(desk_.socket(), fs::perms(0666));
    }
    std::string place() const { return (desk_.hospital.directory() / "peers.sock").string(); }

    Desk desk_{{"--patients", "6", "--invalid-share", "0"},
               "sync: {interval: 1h}\ncontrol: {decide: [daemon]}",
               false};
};

TEST_F(HiddenUsers, AreToldApartDecideAndStandInTheAudit) {
    const PeersProgram program(place());
    start({{"MEDIBRIDGE_PEERS", place()}});
    EXPECT_EQ(desk_.type({"status"}, operator_name).exit, 0);
    const auto paused = desk_.type({"pause", "--yes"}, operator_name);
    EXPECT_EQ(paused.exit, 0) << paused.err;
    const auto refused = desk_.type({"resume"}, "nobody");
    EXPECT_EQ(refused.exit, 77) << refused.out << refused.err;
    EXPECT_THAT(refused.err, HasSubstr("nobody may look but not decide"));
    const auto audit = desk_.type({"audit", "--output", "json"}).out;
    EXPECT_THAT(audit, AllOf(HasSubstr("\"daemon\""), HasSubstr("paused"))) << audit;
    EXPECT_FALSE(said(*desk_.service, "control.peers_hidden"));
    EXPECT_EQ(desk_.end(), 0) << desk_.service->err();
}

TEST_F(HiddenUsers, AreNotServedWhileNobodyTellsWhoTheyAreAndRootIs) {
    PeersProgram program(place());
    start({{"MEDIBRIDGE_PEERS", place()}});
    program.kill();
    const auto refused = desk_.type({"status"}, operator_name);
    EXPECT_EQ(refused.exit, 75) << refused.out << refused.err;
    EXPECT_THAT(refused.err, AllOf(HasSubstr("cannot see who asks"), HasSubstr("in time")));
    EXPECT_EQ(desk_.type({"status"}, operator_name).exit, 75);
    EXPECT_EQ(desk_.type({"status"}).exit, 0) << "root can be seen";
    EXPECT_EQ(times_said(*desk_.service, "control.peers_hidden"), 1);
    program.again();
    EXPECT_EQ(desk_.type({"status"}, operator_name).exit, 0);
    program.kill();
    EXPECT_EQ(desk_.type({"status"}, operator_name).exit, 75);
    EXPECT_EQ(times_said(*desk_.service, "control.peers_hidden"), 2) << "it was well meanwhile";
    EXPECT_EQ(desk_.end(), 0) << desk_.service->err();
}

TEST_F(HiddenUsers, ThatNobodyIsToBeAskedIsSaidAtTheStart) {
    start({});
    EXPECT_TRUE(said(*desk_.service, "control.peers_hidden"));
    const auto refused = desk_.type({"status"}, operator_name);
    EXPECT_EQ(refused.exit, 75) << refused.out << refused.err;
    EXPECT_THAT(refused.err, HasSubstr("PrivateUsers=no"));
    EXPECT_EQ(desk_.type({"status"}).exit, 0) << "root can be seen";
    EXPECT_THAT(desk_.type({"doctor"}).out, HasSubstr("control socket: users"));
    EXPECT_EQ(desk_.end(), 0) << desk_.service->err();
}

} // namespace
} // namespace medibridge::tests
