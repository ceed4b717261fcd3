#include "drop_rig.hpp"
#include "tests/sanitized.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace medibridge::connectors {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;
using testing::SizeIs;

TEST(DropFolderTest, TakesWhatLiesThereAndMovesItToDone) {
    DropRig rig;
    rig.disk.drop("a.csv", drop_header() + drop_row("1") + drop_row("2"));
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_EQ(rig.inbox.records().size(), 2u);
    EXPECT_THAT(rig.disk.names(), IsEmpty());
    EXPECT_THAT(rig.disk.names("done"), ElementsAre("a.csv"));
    EXPECT_THAT(rig.events.lines(), ElementsAre("file.taken a.csv"));
}

mode_t mode_of(const fs::path& path) {
    struct stat info{};
    EXPECT_EQ(::stat(path.c_str(), &info), 0) << path;
    return info.st_mode & 07777;
}

TEST(DropFolderTest, WhatItLeavesIsForTheFoldersGroupToRead) {
    const mode_t before = ::umask(0);
    DropRig rig;
    rig.disk.drop("a.csv", drop_header());
    rig.disk.drop("b.csv", "no header");
    EXPECT_EQ(rig.import(), std::nullopt);
    ::umask(before);
    for (const char* folder : {"done", "rejected"})
        EXPECT_EQ(mode_of(rig.disk.path() / folder), 0750u) << folder;
    for (const char* file : {"done/a.csv", "rejected/b.csv", "rejected/b.csv.reason.txt"})
        EXPECT_EQ(mode_of(rig.disk.path() / file), 0640u) << file;
}

TEST(DropFolderTest, WhatIsNotKeptIsDeletedOnlyIfItWasMovedThere) {
    DropRig rig;
    fs::create_directory(rig.disk.path() / "done");
    rig.disk.write("done/notes.txt", "an operator's");
    rig.disk.write("done/a.csv.bak", "an operator's");
    fs::create_directory(rig.disk.path() / "done" / "c.csv");
    fs::create_symlink("/etc/hostname", rig.disk.path() / "done" / "d.csv");
    rig.settings.keep = std::chrono::hours(1);
    rig.disk.drop("a.csv", drop_header() + drop_row("1"));
    rig.disk.drop("b.csv", "no header");
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_THAT(rig.disk.names("done"), Contains("a.csv"));
    rig.restart();
    rig.events.events.clear();
    rig.settings.keep = std::chrono::milliseconds(0);
    rig.disk.drop("a.csv", drop_header() + drop_row("2"));
    EXPECT_EQ(rig.import(true), std::nullopt);
    EXPECT_THAT(rig.disk.names("done"), Contains("a.csv")) << "a dry run deletes nothing";
    rig.restart();
    rig.events.events.clear();
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_THAT(rig.disk.names("done"), ElementsAre("a.csv.bak", "d.csv", "notes.txt"));
    EXPECT_TRUE(fs::is_directory(rig.disk.path() / "done" / "c.csv"));
    EXPECT_THAT(rig.disk.names("rejected"), ElementsAre("b.csv", "b.csv.reason.txt"));
    EXPECT_THAT(rig.events.lines(), ElementsAre("file.repeated a.csv", "file.deleted"));
    const auto& [key, count] = rig.events.events.back().fields().back();
    EXPECT_EQ(key, log::Key::files);
    EXPECT_EQ(std::get<std::int64_t>(count), 2) << "a.csv and a.csv.1";
}

TEST(DropFolderTest, TheAgeIsCountedFromTheMove) {
    DropRig rig;
    rig.disk.drop("a.csv", drop_header() + drop_row("1")); // written an hour ago
    EXPECT_EQ(rig.import(), std::nullopt);
    DropDirectory directory(rig.disk.path(), "*.csv");
    directory.list(10);
    directory.prepare();
    EXPECT_EQ(directory.delete_done(std::chrono::nanoseconds(std::chrono::minutes(50)).count(), 10),
              0u);
    EXPECT_EQ(directory.delete_done(0, 10), 1u);
}

TEST(DropFolderTest, WhereOthersMayWriteNothingIsDeleted) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give a folder away";
    DropRig rig;
    rig.settings.keep = std::chrono::milliseconds(0);
    fs::create_directory(rig.disk.path() / "done");
    ASSERT_EQ(::chown((rig.disk.path() / "done").c_str(), 12345, 12345), 0);
    for (const char* name : {"a.csv", "b.csv"}) {
        rig.disk.drop(name, drop_header() + drop_row(name));
        EXPECT_EQ(rig.import(), std::nullopt);
    }
    EXPECT_THAT(rig.disk.names("done"), ElementsAre("a.csv", "b.csv"));
    EXPECT_THAT(rig.events.lines(),
                ElementsAre("file.taken a.csv", HasSubstr("files in done/ are not deleted"),
                            "file.taken b.csv"));
}

TEST(DropFolderTest, TheNewerFileWinsWhateverItsName) {
    for (const bool with_times : {true, false}) {
        DropRig rig;
        if (!with_times) rig.settings.fields.erase("modifiedAt");
        rig.disk.drop("z.csv", drop_header() + drop_row("1", "Brest"));
        rig.disk.drop("a.csv", drop_header() + drop_row("1", "Nantes"));
        EXPECT_EQ(rig.import(), std::nullopt);
        EXPECT_EQ(rig.city_of("1"), "Nantes");
    }
}

TEST(DropFolderTest, AnOlderRowChangesNothing) {
    DropRig rig;
    rig.disk.drop("a.csv", drop_header() + drop_row("1", "Brest", "2026-02-01T00:00:00Z"));
    rig.disk.drop("b.csv", drop_header() + drop_row("1", "Nantes", "2026-01-01T00:00:00Z"));
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_EQ(rig.city_of("1"), "Brest");
}

TEST(DropFolderTest, TheSameFileTwiceHasNoEffect) {
    DropRig rig;
    const auto content = drop_header() + drop_row("1");
    rig.disk.drop("a.csv", content);
    EXPECT_EQ(rig.import(), std::nullopt);
    const auto sequence = rig.inbox.sequence();
    for (const auto* name : {"a.csv", "b.csv"}) {
        rig.disk.drop(name, content);
        fs::last_write_time(rig.disk.path() / name,
                            fs::last_write_time(rig.disk.path() / "done" / "a.csv"));
    }
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_EQ(rig.inbox.sequence(), sequence);
    EXPECT_THAT(rig.disk.names("done"), ElementsAre("a.csv", "a.csv.1", "b.csv"));
    EXPECT_THAT(rig.events.lines(),
                ElementsAre("file.taken a.csv", "file.repeated a.csv", "file.repeated b.csv"));
}

TEST(DropFolderTest, TheSameRowsMayComeAgainToUndoWhatCameBetween) {
    // No time at all, that of a day, one that nobody believes, one that means none.
    for (const std::string time :
         {"", "2026-01-31T00:00:00Z", "9999-12-31T00:00:00Z", "1900-01-01T00:00:00Z"}) {
        DropRig rig;
        for (const std::string city : {"Brest", "Nantes", "Brest", "Nantes", "Brest"})
            rig.disk.drop(std::to_string(rig.disk.names().size()) + ".csv",
                          drop_header() + drop_row("1", city, time));
        EXPECT_EQ(rig.import(), std::nullopt);
        EXPECT_EQ(rig.city_of("1"), "Brest") << time;
        EXPECT_EQ(rig.disk.names("done").size(), 5u);
    }
    DropRig rig;
    rig.settings.fields.erase("modifiedAt");
    for (const std::string city : {"Brest", "Nantes", "Brest"})
        rig.disk.drop(std::to_string(rig.disk.names().size()) + ".csv",
                      drop_header() + drop_row("1", city));
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_EQ(rig.city_of("1"), "Brest") << "without a column for it";
}

TEST(DropFolderTest, OlderRowsThatComeAgainUndoNothing) {
    DropRig rig;
    const auto before = drop_header() + drop_row("1", "Brest", "2026-01-01T00:00:00Z");
    rig.disk.drop("a.csv", before);
    rig.disk.drop("b.csv", drop_header() + drop_row("1", "Nantes", "2026-01-02T00:00:00Z"));
    rig.disk.drop("c.csv", before);
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_EQ(rig.city_of("1"), "Nantes");
}

/// It would be taken again and again in turn with the next one.
TEST(DropFolderTest, AFileThatCouldNotBeMovedAwayIsTakenOnce) {
    DropRig rig;
    for (const std::string city : {"Brest", "Nantes"})
        rig.disk.drop(city + ".csv", drop_header() + drop_row("1", city));
    EXPECT_EQ(rig.import(), std::nullopt);
    fs::rename(rig.disk.path() / "done" / "Brest.csv", rig.disk.path() / "Brest.csv"); // as if
    rig.restart();
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_EQ(rig.city_of("1"), "Nantes");
}

TEST(DropFolderTest, AMendedMappingTakesTheSameFileAgain) {
    DropRig rig;
    const auto content = drop_header() + drop_row("1");
    rig.settings.fields["address.city"].at = "nom";
    rig.disk.drop("a.csv", content);
    EXPECT_EQ(rig.import(), std::nullopt);
    rig.restart();
    rig.settings.fields["address.city"].at = "ville";
    rig.disk.drop("a.csv", content);
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_EQ(rig.city_of("1"), "Brest");
}

TEST(DropFolderTest, AFileSettlesBeforeItIsTaken) {
    DropRig rig;
    rig.settings.settle = std::chrono::hours(1);
    rig.disk.write("a.csv", drop_header() + drop_row("1"));
    EXPECT_EQ(rig.import(), std::nullopt);
    rig.clock.pass(std::chrono::minutes(59));
    rig.disk.write("a.csv", drop_row("2"), true);
    EXPECT_EQ(rig.import(), std::nullopt);
    rig.clock.pass(std::chrono::minutes(59));
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_THAT(rig.inbox.records(), IsEmpty());
    EXPECT_THAT(rig.disk.names(), ElementsAre("a.csv"));
    rig.clock.pass(std::chrono::minutes(1));
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_EQ(rig.inbox.records().size(), 2u);
    EXPECT_THAT(rig.events.lines(), ElementsAre("file.taken a.csv"));
}

TEST(DropFolderTest, AFileThatHasNotSettledHoldsUpNewerOnesOnlyWhereRowsHaveNoTimes) {
    for (const bool with_times : {true, false}) {
        DropRig rig;
        rig.settings.settle = std::chrono::hours(2);
        if (!with_times) rig.settings.fields.erase("modifiedAt");
        rig.disk.drop("a.csv", drop_header() + drop_row("1", "Brest"));
        rig.disk.drop("b.csv", drop_header() + drop_row("1", "Nantes"));
        EXPECT_EQ(rig.import(), std::nullopt);
        rig.clock.pass(std::chrono::hours(2));
        rig.disk.write("a.csv", drop_row("2"), true);
        fs::last_write_time(rig.disk.path() / "a.csv",
                            fs::last_write_time(rig.disk.path() / "b.csv") -
                                std::chrono::seconds(5));
        EXPECT_EQ(rig.import(), std::nullopt);
        EXPECT_EQ(rig.city_of("1"), with_times ? "Nantes" : "unknown");
        rig.clock.pass(std::chrono::hours(2));
        EXPECT_EQ(rig.import(), std::nullopt);
        EXPECT_EQ(rig.disk.names("done").size(), 2u);
    }
}

TEST(DropFolderTest, TakesOnlyRegularFilesOfThePattern) {
    DropRig rig;
    const auto content = drop_header() + drop_row("1");
    for (const std::string name : {".a.csv", "a.tmp", "a.csv.part", "a.csv.filepart", "a.CSV"})
        rig.disk.drop(name, content);
    DropFolderOnDisk elsewhere;
    elsewhere.drop("secret", content);
    fs::create_symlink(elsewhere.path() / "secret", rig.disk.path() / "link.csv");
    fs::create_directory(rig.disk.path() / "folder.csv");
    ASSERT_EQ(::mkfifo((rig.disk.path() / "pipe.csv").c_str(), 0600), 0);
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_THAT(rig.inbox.records(), IsEmpty());
    EXPECT_EQ(rig.disk.names().size(), 7u);
}

TEST(DropFolderTest, NamesMayHoldAnything) {
    DropRig rig;
    const std::vector<std::string> names = {"a b.csv", "données d'été.csv", "line\nend.csv",
                                            "\xE9t\xE9.csv", std::string(251, 'x') + ".csv"};
    for (std::size_t i = 0; i < names.size(); ++i)
        rig.disk.drop(names[i], drop_header() + drop_row(std::to_string(i)) + "?\n");
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_EQ(rig.disk.names("done").size(), names.size());
    EXPECT_EQ(rig.inbox.record_of("2")->place, "~(12 bytes), line 2") << "it may name somebody";
    EXPECT_EQ(rig.inbox.record_of("3")->place, "~(7 bytes), line 2");
    for (const auto& name : names)
        rig.disk.drop(name, "");
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_EQ(rig.disk.names("rejected").size(), 2 * names.size());
    EXPECT_THAT(rig.disk.names(), IsEmpty());
}

TEST(DropFolderTest, ABadFileStopsNoneOfTheOthers) {
    DropRig rig;
    rig.disk.drop("1.csv", "");
    rig.disk.drop("2.csv", drop_header() + drop_row("1"));
    rig.disk.drop("3.csv", "rubbish");
    rig.disk.drop("4.csv", drop_header() + drop_row("2"));
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_THAT(rig.disk.names("done"), ElementsAre("2.csv", "4.csv"));
    EXPECT_EQ(rig.disk.names("rejected").size(), 4u);
}

TEST(DropFolderTest, ARowThatIsNoneIsHeldByItsPlace) {
    DropRig rig;
    rig.disk.drop("a.csv", drop_header() + "1;2\n" + drop_row("1") + "1;2;3;4;5;6;7\n");
    EXPECT_EQ(rig.import(), std::nullopt);
    std::vector<std::string> places;
    for (const auto& record : rig.inbox.records())
        places.push_back(record.place + " " + record.patient.external_id());
    EXPECT_THAT(places, ElementsAre("a.csv, line 2 ", "a.csv, line 3 1", "a.csv, line 4 "));
}

TEST(DropFolderTest, AFolderThatCannotBeUsedIsAnErrorThatSaysHowToMendIt) {
    DropRig rig;
    const auto folder = rig.settings.directory;
    rig.settings.directory = folder / "missing";
    EXPECT_THAT(rig.import(), Optional(testing::AllOf(HasSubstr("No such file"),
                                                      HasSubstr("must be allowed to read"))));
    rig.restart();
    rig.settings.directory = folder;
    rig.disk.write("done", "in the way");
    EXPECT_THAT(rig.import(), Optional(HasSubstr("done/ cannot be opened")));
    fs::remove(folder / "done");
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_TRUE(fs::is_directory(folder / "done") && fs::is_directory(folder / "rejected"));
}

TEST(DropFolderTest, WithoutPermissionItSaysSo) {
    if (::geteuid() == 0) GTEST_SKIP() << "root may read and write everything";
    DropRig rig;
    rig.disk.drop("a.csv", drop_header() + drop_row("1"));
    fs::permissions(rig.disk.path(), fs::perms::owner_read | fs::perms::owner_exec);
    EXPECT_THAT(rig.import(), Optional(HasSubstr("Permission denied")));
    fs::permissions(rig.disk.path(), fs::perms::owner_all);
    fs::permissions(rig.disk.path() / "a.csv", fs::perms::none);
    rig.disk.drop("b.csv", drop_header() + drop_row("2"));
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_THAT(rig.events.lines(),
                ElementsAre(HasSubstr("file.impeded a.csv: cannot be opened for reading"),
                            "file.taken b.csv"));
    fs::permissions(rig.disk.path() / "a.csv", fs::perms::owner_read);
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_EQ(rig.inbox.records().size(), 2u);
}

/// So systemd shows a folder that was made after the service's start.
TEST(DropFolderTest, AFolderThatIsReadOnlyAsksForARestart) {
    const DropFolderOnDisk read_only;
    const auto* const path = read_only.path().c_str();
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount(path, path, nullptr, MS_BIND, nullptr) != 0)
        GTEST_SKIP() << "only who may mount sees it";
    EXPECT_EQ(::mount(nullptr, path, nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr), 0);
    DropRig rig;
    rig.settings.directory = read_only.path();
    EXPECT_THAT(rig.import(),
                Optional(testing::AllOf(HasSubstr("Read-only file system: restart the service"),
                                        testing::Not(HasSubstr("must be allowed")))));
    EXPECT_EQ(::umount2(path, MNT_DETACH), 0);
    EXPECT_EQ(rig.import(), std::nullopt);
}

TEST(DropFolderTest, AnInboxThatCannotStoreLeavesTheFileWhereItIs) {
    DropRig rig;
    rig.disk.drop("a.csv", drop_header() + drop_row("1"));
    rig.inbox.failure = "disk full";
    EXPECT_THAT(rig.import(), Optional(HasSubstr("disk full")));
    EXPECT_THAT(rig.disk.names(), ElementsAre("a.csv"));
    rig.inbox.failure.clear();
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_THAT(rig.disk.names("done"), ElementsAre("a.csv"));
}

TEST(DropFolderTest, OneImportReadsSoManyBytesAndLeavesTheRest) {
    DropRig rig;
    const auto row = [](int i) { return drop_header() + drop_row(std::to_string(i)); };
    rig.limits.bytes = 2 * row(1).size();
    for (int i = 1; i <= 5; ++i)
        rig.disk.drop(std::to_string(i) + ".csv", row(i));
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_THAT(rig.disk.names(), ElementsAre("3.csv", "4.csv", "5.csv"));
    EXPECT_THAT(rig.events.lines(), testing::Contains(HasSubstr("file.left")));
    EXPECT_EQ(rig.events.events.back().fields().back().second, log::Event::Value(3));
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_THAT(rig.disk.names("done"), SizeIs(5));
    EXPECT_EQ(std::ranges::count_if(
                  rig.events.lines(),
                  [](const auto& line) { return line.find("file.left") != std::string::npos; }),
              1)
        << "said once";
    EXPECT_EQ(rig.inbox.records().size(), 5u);
}

TEST(DropFolderTest, MoreFilesThanOneImportReadsAreSaid) {
    DropRig rig;
    rig.limits.files = 2;
    for (int i = 1; i <= 3; ++i)
        rig.disk.drop(std::to_string(i) + ".csv", drop_header() + drop_row(std::to_string(i)));
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_THAT(rig.disk.names(), ElementsAre("3.csv"));
    EXPECT_THAT(rig.events.lines(), testing::Contains(HasSubstr("file.left")));
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_THAT(rig.disk.names("done"), SizeIs(3));
}

TEST(DropFolderTest, AFileThatCannotBeMovedKeepsNoOtherWaiting) {
    DropRig rig;
    rig.limits.bytes = 1;
    rig.disk.drop("a.csv", drop_header() + drop_row("1"));
    rig.disk.drop("b.csv", drop_header() + drop_row("2"));
    const auto stuck = [&](const DroppedFile& file) { return file.name == "a.csv"; };
    rig.make_directory = [&]() -> std::unique_ptr<DropDirectory> {
        class Stuck final : public DropDirectory {
          public:
            using DropDirectory::DropDirectory;
            std::function<bool(const DroppedFile&)> is;
            bool move_to_done(const DroppedFile& file) override {
                if (is(file)) throw std::runtime_error("cannot be moved");
                return DropDirectory::move_to_done(file);
            }
        };
        auto directory = std::make_unique<Stuck>(rig.disk.path(), "*.csv");
        directory->is = stuck;
        return directory;
    };
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_THAT(rig.disk.names(), ElementsAre("a.csv"));
    EXPECT_THAT(rig.disk.names("done"), ElementsAre("b.csv"));
}

TEST(DropFolderTest, WhileTooMuchWaitsNoFileIsBegun) {
    DropRig rig;
    rig.disk.drop("a.csv", drop_header() + drop_row("1"));
    rig.inbox.full = true;
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_THAT(rig.disk.names(), ElementsAre("a.csv"));
    EXPECT_THAT(rig.events.lines(), ElementsAre(HasSubstr("rows wait in the inbox"))) << "once";
    rig.inbox.full = false;
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_THAT(rig.disk.names("done"), ElementsAre("a.csv"));
}

TEST(DropFolderTest, ADryRunTouchesNothing) {
    DropRig rig;
    rig.disk.drop("a.csv", drop_header() + drop_row("1"));
    rig.disk.drop("b.csv", "");
    const auto changed = fs::last_write_time(rig.disk.path());
    EXPECT_EQ(rig.import(true), std::nullopt);
    EXPECT_EQ(rig.inbox.records().size(), 1u);
    EXPECT_THAT(rig.disk.names(), ElementsAre("a.csv", "b.csv"));
    EXPECT_FALSE(fs::exists(rig.disk.path() / "done"));
    EXPECT_EQ(fs::last_write_time(rig.disk.path()), changed);
}

/// Kibibytes of memory that the process has used at most.
long peak_memory() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

constexpr int thousands_of_rows = tests::sanitized ? 4 : 200;
/// KiB. A sanitizer keeps what is freed for a while.
constexpr long most_growth = tests::sanitized ? 1 << 20 : 8 << 10;

TEST(DropFolderTest, ALargeFileIsReadInFlatMemory) {
    DropRig rig;
    std::string rows;
    for (int i = 0; i < 1000; ++i)
        rows += drop_row(std::to_string(i), "Saint-Julien-en-Genevois");
    rig.disk.write("large.csv", drop_header());
    for (int i = 0; i < thousands_of_rows; ++i)
        rig.disk.write("large.csv", rows, true);
    EXPECT_EQ(rig.import(), std::nullopt);
    rig.clock.pass(rig.settings.settle);
    const auto before = peak_memory();
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_LT(peak_memory() - before, most_growth) << "KiB";
    EXPECT_EQ(rig.inbox.records().size(), 1000u);
    EXPECT_THAT(rig.disk.names("done"), ElementsAre("large.csv"));
}

} // namespace
} // namespace medibridge::connectors
