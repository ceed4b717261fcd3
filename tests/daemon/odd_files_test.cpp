#include "child.hpp"
#include "odd_things.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace medibridge::tests {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// The files that the program reads or makes, by their names in the folder.
constexpr std::array<const char*, 11> places = {
    "medibridge.yaml", "api-key",          "ca.pem",       "certificate.pem",
    "key.pem",         "state.db",         "state.db.key", "state.db.lock",
    "state.db.facts",  "state.db-journal", "state.db-wal"};

std::string configuration(const fs::path& folder) {
    const auto path = [&](const char* name) { return (folder / name).string(); };
    return "medicapp: {base_url: 'http://127.0.0.1:1/v5', api_key: {file: " + path("api-key") +
           "}, ca_file: " + path("ca.pem") +
           "}\n"
           "his:\n"
           "  - name: feed\n"
           "    type: hl7v2\n"
           "    listen: 127.0.0.1:0\n"
           "    assigning_authority: HOSP\n"
           "    tls: {certificate_file: " +
           path("certificate.pem") + ", key_file: " + path("key.pem") +
           "}\n"
           "state: {path: " +
           path("state.db") + "}\n";
}

void write_others(const OddFolder& folder, const std::string& place) {
    const auto write = [&](const char* name, const std::string& text) {
        if (name == place) return;
        write_file(folder / name, text);
        fs::permissions(folder / name, fs::perms(0600));
    };
    write("medibridge.yaml", configuration(folder.path()));
    write("api-key", "secret");
    write("ca.pem", "-----BEGIN CERTIFICATE-----\n");
    write("certificate.pem", "-----BEGIN CERTIFICATE-----\n");
    write("key.pem", "-----BEGIN PRIVATE KEY-----\n");
    write("state.db.key", std::string(64, 'a'));
}

class OddFileInPlaceTest : public testing::TestWithParam<const char*> {};

// Whatever stands there: a clear refusal at once, and nothing behind it is touched.
TEST_P(OddFileInPlaceTest, IsRefusedByName) {
    const std::string place = GetParam();
    for (const Odd& odd : odd_things) {
        SCOPED_TRACE(odd.name);
        const OddFolder folder;
        write_others(folder, place);
        odd.put(folder, folder / place.c_str());
        const TemporaryDirectory output;
        Child run({MEDIBRIDGED, "--config", folder / "medibridge.yaml", "--once"}, output.path());
        const int exit = run.wait();
        EXPECT_TRUE(exit == 78 || exit == 75) << exit;
        // A link to the state is followed, so that one file has one lock.
        EXPECT_THAT(run.err(), testing::AnyOf(HasSubstr(place), HasSubstr("check state.path"),
                                              HasSubstr("`state.path` is a directory")));
        EXPECT_EQ(folder.victim(), OddFolder::content);
    }
}

INSTANTIATE_TEST_SUITE_P(Table, OddFileInPlaceTest, testing::ValuesIn(places), [](const auto& its) {
    std::string name = its.param;
    std::ranges::replace_if(name, [](char c) { return c == '.' || c == '-'; }, '_');
    return name;
});

int run_once(const OddFolder& folder, std::string& said) {
    const TemporaryDirectory output;
    Child run({MEDIBRIDGED, "--config", folder / "medibridge.yaml", "--once"}, output.path());
    const int exit = run.wait();
    said = run.err();
    return exit;
}

std::string small_configuration(const OddFolder& folder) {
    fs::create_directory(folder / "state");
    fs::create_directory(folder / "in");
    return "medicapp: {base_url: 'http://127.0.0.1:1/v5', api_key: {env: HOME}, timeout: 10ms}\n"
           "his: [{name: drop, type: csv, directory: " +
           (folder / "in").string() +
           ", fields: {externalId: i, lastName: n, firstName: f, birthDate: b}}]\n"
           "state: {path: " +
           (folder / "state").string() +
           "/state.db}\n"
           "sync: {deadline: 1ms}\n";
}

TEST(StartTest, AStateFolderForEverybodyIsRefused) {
    const OddFolder folder;
    write_file(folder / "medibridge.yaml", small_configuration(folder));
    fs::permissions(folder / "state", fs::perms(0777));
    std::string said;
    EXPECT_EQ(run_once(folder, said), 78);
    EXPECT_THAT(said, HasSubstr("can be written by every user"));
    EXPECT_TRUE(fs::is_empty(folder / "state")) << "not even a key";
}

TEST(StartTest, AStateFolderForAGroupOrASharedOneIsSaid) {
    const OddFolder folder;
    write_file(folder / "medibridge.yaml", small_configuration(folder));
    for (const unsigned mode : {0770u, 01777u}) {
        fs::permissions(folder / "state", fs::perms(mode));
        std::string said;
        EXPECT_NE(run_once(folder, said), 78);
        EXPECT_THAT(said, HasSubstr("config.exposed"));
        EXPECT_THAT(said, HasSubstr(mode == 0770 ? "written by its group" : "by every user"));
    }
}

TEST(StartTest, AStateFileThatOthersWriteIsRefusedAndOneThatAllReadIsSaid) {
    const OddFolder folder;
    write_file(folder / "medibridge.yaml", small_configuration(folder));
    std::string said;
    run_once(folder, said);
    const auto state = folder / "state" / "state.db";
    ASSERT_TRUE(fs::exists(state)) << said;
    const auto reachable = folder / ".";
    fs::permissions(reachable, fs::perms(0755));
    fs::permissions(folder / "state", fs::perms(0755));
    for (const char* ending : {"", ".facts"}) {
        const fs::path file = state.string() + ending;
        if (!fs::exists(file)) write_file(file, ""); // made with the first fact
        for (const unsigned mode : {0666u, 0620u}) {
            fs::permissions(file, fs::perms(mode));
            EXPECT_EQ(run_once(folder, said), 78) << file;
            EXPECT_THAT(said, HasSubstr(file.string() + " can be written by other users"));
        }
        fs::permissions(file, fs::perms(0644));
        EXPECT_NE(run_once(folder, said), 78) << said;
        EXPECT_THAT(said, HasSubstr("config.exposed"));
        EXPECT_THAT(said, HasSubstr(file.string() + " can be read by every user"));
        fs::permissions(file, fs::perms(0600));
    }
}

/// A key that an operator must put right is a matter of configuration.
TEST(StartTest, AKeyThatIsMissingOrOfNoUseIs78) {
    const OddFolder folder;
    write_file(folder / "medibridge.yaml", small_configuration(folder));
    std::string said;
    run_once(folder, said);
    const auto key = folder / "state" / "state.db.key";
    const auto good = read_file(key);
    fs::remove(key);
    EXPECT_EQ(run_once(folder, said), 78);
    EXPECT_THAT(said, HasSubstr("is missing: put it back"));
    write_file(key, "garbled");
    fs::permissions(key, fs::perms(0600));
    EXPECT_EQ(run_once(folder, said), 78);
    EXPECT_THAT(said, HasSubstr("is not 64 hexadecimal digits"));
    write_file(key, good);
    fs::permissions(key, fs::perms(0644));
    EXPECT_EQ(run_once(folder, said), 78);
    EXPECT_THAT(said, HasSubstr("others may read the state's key"));
}

TEST(StartTest, RootLeavesNothingInAnotherUsersState) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root";
    const OddFolder folder;
    write_file(folder / "medibridge.yaml", small_configuration(folder));
    ASSERT_EQ(::chown((folder / "state").c_str(), 12345, 12345), 0);
    std::string said;
    EXPECT_EQ(run_once(folder, said), 78);
    EXPECT_THAT(said, HasSubstr("runuser -u 12345 -- medibridged"));
    EXPECT_TRUE(fs::is_empty(folder / "state"));
}

TEST(StartTest, WhatLetsOthersInIsSaid) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
    const OddFolder folder;
    write_file(folder / "medibridge.yaml", small_configuration(folder));
    ASSERT_EQ(::chown((folder / "medibridge.yaml").c_str(), 12345, 12345), 0);
    std::string said;
    run_once(folder, said);
    EXPECT_THAT(said, HasSubstr("config.exposed"));
    EXPECT_THAT(said, HasSubstr("belongs to the user 12345"));
}

TEST(StartTest, NobodyCanDumpItsMemory) {
    const OddFolder folder;
    write_file(folder / "medibridge.yaml", small_configuration(folder));
    const TemporaryDirectory output;
    Child service({MEDIBRIDGED, "--config", folder / "medibridge.yaml"}, output.path());
    wait_until(service, [&] { return said(service, "service.started"); });
    const auto limits = read_file("/proc/" + std::to_string(service.pid()) + "/limits");
    EXPECT_THAT(limits, testing::ContainsRegex("Max core file size +0 +0 "));
    service.signal(SIGQUIT);
    EXPECT_EQ(service.wait(), 128 + SIGQUIT);
}

} // namespace
} // namespace medibridge::tests
