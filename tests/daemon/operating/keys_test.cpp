#include "desk.hpp"

#include <algorithm>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

// The state's key, replaced and restored by the real programs.
namespace medibridge::tests {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class KeysTest : public testing::Test {
  protected:
    fs::path key() const { return desk.hospital.state().string() + ".key"; }
    fs::path next() const { return key().string() + ".next"; }

    void expect_well() {
        desk.wait_for_first_cycle();
        EXPECT_TRUE(desk.ask({"audit", "--verify"})["intact"]);
        EXPECT_EQ(desk.ask({"status"})["linked"], 6);
        EXPECT_EQ(desk.sync()["outcome"], "complete");
        EXPECT_FALSE(fs::exists(next()));
    }

    Desk desk;
    const fs::path backup = desk.hospital.directory() / "saved.db";
};

TEST_F(KeysTest, IsReplacedWhileTheServiceRunsAndTheFormerOneOpensNothing) {
    const auto before = read_file(key());
    const auto rotated = desk.ask({"key", "rotate"});
    EXPECT_NE(rotated["key"], rotated["former"]) << rotated;
    EXPECT_EQ(rotated["file"], key().string());
    EXPECT_NE(read_file(key()), before);
    wait_until(*desk.service, [&] { return said(*desk.service, "state.resealed"); });
    expect_well();
    EXPECT_EQ(desk.end(), 0) << desk.service->err();

    const auto after = read_file(key());
    write_file(key(), before);
    fs::permissions(key(), fs::perms::owner_read | fs::perms::owner_write);
    const auto refused = desk.type({"status"});
    EXPECT_EQ(refused.exit, 78) << refused.err;
    EXPECT_THAT(refused.err, HasSubstr(rotated["key"].get<std::string>()));
    EXPECT_THAT(refused.err, HasSubstr(rotated["former"].get<std::string>()));
    write_file(key(), after);
    EXPECT_EQ(desk.ask({"status"})["linked"], 6);
}

/// One of them is told what happened, and the state opens with the other's.
TEST_F(KeysTest, OfTwoWhoReplaceItAtOnceOneIsToldSo) {
    const auto first = desk.begin({"key", "rotate", "--yes", "--output", "json"});
    const auto second = desk.begin({"key", "rotate", "--yes", "--output", "json"});
    const int ends[] = {first->wait(), second->wait()};
    EXPECT_TRUE(ends[0] == 0 || ends[1] == 0) << first->err() << second->err();
    for (const auto* one : {first.get(), second.get()}) {
        if (one->err().empty()) continue;
        EXPECT_THAT(one->err(),
                    testing::AnyOf(HasSubstr("was replaced a moment ago"),
                                   HasSubstr("still being sealed"), HasSubstr("try again"),
                                   testing::ContainsRegex("ask for `medibridgectl.* status`")));
    }
    wait_until(*desk.service, [&] { return said(*desk.service, "state.resealed"); });
    desk.kill();
    desk.start();
    expect_well();
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
}

TEST_F(KeysTest, AProcessThatEndedBetweenStateAndKeyFileIsContinued) {
    EXPECT_EQ(desk.end(), 0);
    const auto before = read_file(key());
    desk.ask({"key", "rotate"});
    // As if it had been killed before the new key was in its place.
    fs::rename(key(), next());
    write_file(key(), before);
    fs::permissions(key(), fs::perms::owner_read | fs::perms::owner_write);
    desk.start();
    expect_well();
    EXPECT_NE(read_file(key()), before);
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
}

TEST_F(KeysTest, ANextKeyThatTheStateDoesNotKnowIsForgotten) {
    EXPECT_EQ(desk.end(), 0);
    const auto before = read_file(key());
    write_file(next(), std::string(64, 'a'));
    fs::permissions(next(), fs::perms::owner_read | fs::perms::owner_write);
    desk.start();
    expect_well();
    EXPECT_EQ(read_file(key()), before);
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
}

TEST_F(KeysTest, AServiceKilledRightAfterItGoesOnWithTheNewOne) {
    desk.ask({"key", "rotate"});
    desk.kill();
    desk.start();
    expect_well();
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
}

TEST_F(KeysTest, ABackupOfAnotherKeyIsNotRestored) {
    const auto before = read_file(key());
    desk.ask({"backup", backup});
    const auto rotated = desk.ask({"key", "rotate"});
    wait_until(*desk.service, [&] { return said(*desk.service, "state.resealed"); });
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
    const auto state = read_file(desk.hospital.state());
    const auto refused = desk.type({"restore", backup, "--yes"});
    EXPECT_EQ(refused.exit, 78) << refused.out;
    EXPECT_THAT(refused.err, HasSubstr("needs the key " + rotated["former"].get<std::string>()));
    EXPECT_EQ(read_file(desk.hospital.state()), state);

    write_file(key(), before);
    fs::permissions(key(), fs::perms::owner_read | fs::perms::owner_write);
    desk.ask({"restore", backup});
    EXPECT_EQ(desk.ask({"status"})["linked"], 6);
}

TEST_F(KeysTest, TheStateIsNotRestoredFromItself) {
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
    const auto state = desk.hospital.state();
    const auto before = read_file(state);
    const auto other_name = desk.hospital.directory() / "link.db";
    fs::create_symlink(state, other_name);
    for (const auto& name : {fs::path(state), other_name}) {
        const auto refused = desk.type({"restore", name, "--yes"});
        EXPECT_EQ(refused.exit, 64) << refused.out;
        EXPECT_THAT(refused.err, HasSubstr("is the state itself"));
    }
    EXPECT_EQ(read_file(state), before);
}

TEST_F(KeysTest, EachRestoreIsAuditedAndKeepsAStateOfItsOwn) {
    desk.ask({"backup", backup});
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
    std::vector<std::string> kept;
    for (int n = 0; n < 3; ++n)
        kept.push_back(desk.ask({"restore", backup})["kept"].get<std::string>());
    std::ranges::sort(kept);
    EXPECT_EQ(std::ranges::adjacent_find(kept), kept.end());
    for (const auto& path : kept)
        EXPECT_TRUE(fs::exists(path)) << path;
    const auto lines = desk.type({"audit", "--output", "json"}).out;
    EXPECT_THAT(lines, HasSubstr("\"restored\""));
    EXPECT_THAT(lines, HasSubstr(backup.string()));
    EXPECT_TRUE(desk.ask({"audit", "--verify"})["intact"]);
}

} // namespace
} // namespace medibridge::tests
