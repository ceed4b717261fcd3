#include "drop_rig.hpp"

#include <chrono>
#include <cstdint>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>

// What stays in the folder is shown to whoever asks how the source fares.
namespace medibridge::connectors::left_file_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

/// Why files are left, and how many for each reason.
std::map<std::string, std::int64_t> left(const DropRig& rig) {
    const auto& files = rig.figures->left;
    return files ? files->reasons : std::map<std::string, std::int64_t>{{"nothing is known", 1}};
}

/// Files in it cannot be moved to done/ as long as that is so.
class StickyDirectory final : public DropDirectory {
  public:
    StickyDirectory(const CsvSettings& settings, const bool& sticks)
        : DropDirectory(settings.directory, settings.pattern),
          sticks_(&sticks) {}
    bool move_to_done(const DroppedFile& file) override {
        if (*sticks_) throw std::runtime_error("cannot be moved");
        return DropDirectory::move_to_done(file);
    }

  private:
    const bool* sticks_;
};

TEST(LeftFileTest, FilesThatCannotBeMovedAreCountedUntilTheyCan) {
    DropRig rig;
    bool sticks = true;
    rig.make_directory = [&] { return std::make_unique<StickyDirectory>(rig.settings, sticks); };
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_THAT(left(rig), IsEmpty());
    EXPECT_EQ(rig.figures->left->folder, rig.disk.path().string());
    rig.disk.drop("a.csv", drop_header() + drop_row("1"));
    rig.disk.drop("b.csv", drop_header() + drop_row("2"));
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_THAT(left(rig), ElementsAre(Pair("cannot be moved", 2)));
    sticks = false;
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_THAT(left(rig), IsEmpty());
}

TEST(LeftFileTest, AFileThatIsNeverCompleteIsToldAfterAWhile) {
    DropRig rig;
    rig.is_service = true;
    const auto grow = [&] { rig.disk.write("a.csv", drop_header(), true); };
    grow();
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_THAT(left(rig), IsEmpty()) << "it is being written";
    rig.clock.pass(std::chrono::minutes(9));
    grow();
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_THAT(left(rig), IsEmpty());
    rig.clock.pass(std::chrono::minutes(2));
    grow();
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_THAT(left(rig), ElementsAre(Pair(HasSubstr("changes again and again"), 1)));
    EXPECT_THAT(rig.disk.names(), ElementsAre("a.csv"));
}

TEST(LeftFileTest, FilesForWhichTheInboxHasNoRoomAreTold) {
    DropRig rig;
    rig.disk.drop("a.csv", drop_header() + drop_row("1"));
    rig.disk.drop("b.csv", drop_header() + drop_row("2"));
    rig.inbox.full = true;
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_THAT(left(rig), ElementsAre(Pair(HasSubstr("rows wait in the inbox"), 2)));
    rig.inbox.full = false;
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_THAT(left(rig), IsEmpty());
}

TEST(LeftFileTest, NothingIsToldOfAFolderThatCannotBeListed) {
    DropRig rig;
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_TRUE(rig.figures->left);
    rig.settings.directory = rig.disk.path() / "gone";
    rig.restart();
    EXPECT_NE(rig.import(), std::nullopt);
    EXPECT_FALSE(rig.figures->left);
}

} // namespace
} // namespace medibridge::connectors::left_file_test
