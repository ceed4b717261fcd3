#include "base/files/content.hpp"
#include "odd_things.hpp"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace medibridge::files {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

using tests::Odd;
using tests::odd_things;
using tests::OddFolder;

class OddFileTest : public testing::TestWithParam<Odd> {
  protected:
    OddFileTest() : at_(folder_ / "file") { GetParam().put(folder_, at_); }
    ~OddFileTest() override { EXPECT_EQ(folder_.victim(), OddFolder::content); }

    void expect_refused(const Result<base::Descriptor>& opened) const {
        ASSERT_FALSE(opened);
        EXPECT_THAT(opened.error().text, HasSubstr(GetParam().words));
    }

    OddFolder folder_;
    fs::path at_;
};

// None of them may wait: the test program would not end.
TEST_P(OddFileTest, GivenIsReadThroughLinksOnly) {
    const auto opened = open_given(at_);
    if (GetParam().fine_if_given)
        EXPECT_EQ(read_given(at_, 100).value_or(""), OddFolder::content);
    else
        expect_refused(opened);
}

TEST_P(OddFileTest, DroppedIsNoLink) {
    if (GetParam().fine_if_dropped)
        EXPECT_TRUE(open_dropped(at_));
    else
        expect_refused(open_dropped(at_));
}

TEST_P(OddFileTest, OursIsNeitherReadNorWritten) {
    for (const auto access : {Access::read, Access::append, Access::read_and_write}) {
        expect_refused(open_own(at_, access));
        expect_refused(open_or_make_own(at_, access));
    }
}

TEST_P(OddFileTest, NothingIsMadeInItsPlace) {
    const auto made = make_file(at_, 0600);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().error, EEXIST);
}

TEST_P(OddFileTest, NoDirectoryOfOurs) {
    if (std::string(GetParam().name) == "directory")
        EXPECT_TRUE(open_own_directory(at_));
    else
        EXPECT_FALSE(open_own_directory(at_));
}

INSTANTIATE_TEST_SUITE_P(Table, OddFileTest, testing::ValuesIn(odd_things),
                         [](const auto& its) { return std::string(its.param.name); });

mode_t mode_of(const base::Descriptor& file) {
    struct stat status{};
    EXPECT_EQ(::fstat(file.number(), &status), 0);
    return status.st_mode & 07777;
}

TEST(OpenTest, ANewFileHasItsModeWhateverTheUmask) {
    const OddFolder folder;
    for (const mode_t umask : {0000, 0022, 0777}) {
        const auto before = ::umask(umask);
        const auto made = make_file(folder / "new", 0640);
        ::umask(before);
        ASSERT_TRUE(made) << made.error().text;
        EXPECT_EQ(mode_of(*made), 0640u);
        fs::remove(folder / "new");
    }
}

TEST(OpenTest, NothingIsInheritedByOtherPrograms) {
    const OddFolder folder;
    const auto file = open_given(folder / "victim");
    ASSERT_TRUE(file);
    EXPECT_EQ(::fcntl(file->number(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

TEST(OpenTest, WhatIsMissingIsMadeOnce) {
    const OddFolder folder;
    {
        const auto made = open_or_make_own(folder / "log", Access::append);
        ASSERT_TRUE(made);
        EXPECT_FALSE(write_all(*made, "one "));
    }
    const auto again = open_or_make_own(folder / "log", Access::append);
    ASSERT_TRUE(again);
    EXPECT_FALSE(write_all(*again, "two"));
    EXPECT_EQ(read_given(folder / "log", 100).value_or(""), "one two");
}

TEST(OpenTest, AnotherUsersFileIsNotOurs) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
    const OddFolder folder;
    ASSERT_EQ(::chown((folder / "victim").c_str(), 12345, 12345), 0);
    const auto opened = open_own(folder / "victim", Access::read);
    ASSERT_FALSE(opened);
    EXPECT_THAT(opened.error().text, HasSubstr("belongs to the user 12345"));
    EXPECT_TRUE(open_given(folder / "victim"));
}

TEST(OpenTest, SaysWhatTheSystemSays) {
    const OddFolder folder;
    const auto missing = open_given(folder / "none");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().error, ENOENT);
    EXPECT_EQ(missing.error().text, "cannot be read: No such file or directory");
}

TEST(ContentTest, MoreThanTheLimitIsAFault) {
    const OddFolder folder;
    const std::size_t size = std::string(OddFolder::content).size();
    EXPECT_TRUE(read_given(folder / "victim", size));
    const auto more = read_given(folder / "victim", size - 1);
    ASSERT_FALSE(more);
    EXPECT_THAT(more.error().text, HasSubstr("is larger than 17 bytes"));
}

} // namespace
} // namespace medibridge::files
