#include "drop_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::connectors {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// The end of the process: no std::exception, so that nothing takes it for a fault of the disk.
struct Crash {};

/// Counts steps and ends the process at one of them.
class Steps {
  public:
    explicit Steps(int crash_at) : left_(crash_at) {}
    void step() {
        if (left_-- == 0) throw Crash();
    }
    bool crashed() const { return left_ < 0; }

  private:
    int left_;
};

/// The process may end before and after each move.
class CrashingDirectory final : public DropDirectory {
  public:
    CrashingDirectory(const CsvSettings& settings, std::shared_ptr<Steps> steps)
        : DropDirectory(settings.directory, settings.pattern),
          steps_(std::move(steps)) {}

    bool move_to_done(const DroppedFile& file) override {
        steps_->step();
        const bool moved = DropDirectory::move_to_done(file);
        steps_->step();
        return moved;
    }
    bool move_to_rejected(const DroppedFile& file, std::string_view reason) override {
        steps_->step();
        const bool moved = DropDirectory::move_to_rejected(file, reason);
        steps_->step();
        return moved;
    }

  private:
    std::shared_ptr<Steps> steps_;
};

void drop_three_files(DropRig& rig) {
    rig.disk.drop("a.csv", drop_header() + drop_row("1", "Brest") + drop_row("2", "Brest") +
                               drop_row("3", "Brest") + "4;short\n" + drop_row("5", "Brest"));
    rig.disk.drop("b.csv", "rubbish");
    rig.disk.drop("c.csv", drop_header() + drop_row("1", "Nantes") + drop_row("6", "Nantes"));
}

std::vector<std::string> cities(const DropRig& rig) {
    std::vector<std::string> all;
    for (const auto& record : rig.inbox.records())
        all.push_back(record.patient.external_id() + " " +
                      record.patient[reconcile::Field::city].text() + " " + record.place);
    std::ranges::sort(all);
    return all;
}

/// Runs the import with an end of the process at that step, and then again; false if there are not
/// so many steps.
bool survives(int crash_at, bool with_times, const std::vector<std::string>& expected) {
    DropRig rig;
    rig.limits.rows = 2;
    if (!with_times) rig.settings.fields.erase("modifiedAt");
    const auto steps = std::make_shared<Steps>(crash_at);
    rig.make_directory = [&rig, steps] {
        return std::make_unique<CrashingDirectory>(rig.settings, steps);
    };
    rig.inbox.before_call = rig.inbox.after_call = [steps] { steps->step(); };
    drop_three_files(rig);
    bool crashed = false;
    try {
        EXPECT_EQ(rig.import(), std::nullopt);
    } catch (const Crash&) {
        crashed = true;
    }
    EXPECT_EQ(crashed, steps->crashed());
    rig.restart();
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_EQ(cities(rig), expected) << "step " << crash_at;
    EXPECT_THAT(rig.disk.names(), IsEmpty());
    EXPECT_THAT(rig.disk.names("done"), ElementsAre("a.csv", "c.csv"));
    EXPECT_THAT(rig.disk.names("rejected"), ElementsAre("b.csv", "b.csv.reason.txt"));
    const auto sequence = rig.inbox.sequence();
    rig.restart();
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_EQ(rig.inbox.sequence(), sequence);
    return crashed;
}

TEST(DropCrashTest, NothingIsLostOrDoubledWhereverItEnds) {
    for (const bool with_times : {true, false}) {
        DropRig undisturbed;
        if (!with_times) undisturbed.settings.fields.erase("modifiedAt");
        drop_three_files(undisturbed);
        ASSERT_EQ(undisturbed.import(), std::nullopt);
        const auto expected = cities(undisturbed);
        ASSERT_EQ(expected.size(), 6u);
        int steps = 0;
        while (survives(steps, with_times, expected))
            ++steps;
        // Before and after: is there room, of each file; find, three puts and move; move; find, two
        // puts and move.
        EXPECT_EQ(steps, 2 * (3 + (1 + 3 + 1) + 1 + (1 + 2 + 1)));
    }
}

/// Something happens to the file just before it is moved.
class MeddlingDirectory final : public DropDirectory {
  public:
    MeddlingDirectory(const CsvSettings& settings, std::function<void()> meddle)
        : DropDirectory(settings.directory, settings.pattern),
          meddle_(std::move(meddle)) {}
    bool move_to_done(const DroppedFile& file) override {
        if (meddle_) std::exchange(meddle_, nullptr)();
        return DropDirectory::move_to_done(file);
    }

  private:
    std::function<void()> meddle_;
};

TEST(DropCrashTest, WhatTakesAFilesPlaceAtTheLastMomentIsNotLost) {
    for (const bool replaced : {true, false}) {
        DropRig rig;
        rig.disk.drop("a.csv", drop_header() + drop_row("1"));
        rig.make_directory = [&rig, replaced] {
            return std::make_unique<MeddlingDirectory>(rig.settings, [&rig, replaced] {
                if (replaced) {
                    rig.disk.drop("new", drop_header() + drop_row("2"));
                    std::filesystem::rename(rig.disk.path() / "new", rig.disk.path() / "a.csv");
                } else {
                    rig.disk.write("a.csv", drop_row("2"), true);
                }
            });
        };
        EXPECT_EQ(rig.import(), std::nullopt);
        EXPECT_THAT(rig.disk.names(), ElementsAre("a.csv")) << replaced;
        EXPECT_EQ(rig.inbox.record_of("2"), nullptr);
        EXPECT_EQ(rig.import(), std::nullopt);
        rig.clock.pass(rig.settings.settle);
        EXPECT_EQ(rig.import(), std::nullopt);
        EXPECT_NE(rig.inbox.record_of("2"), nullptr) << replaced;
        EXPECT_THAT(rig.disk.names("done"), ElementsAre("a.csv"));
    }
}

TEST(DropCrashTest, AFileThatIsTakenAwayAtTheLastMomentHindersNobody) {
    DropRig rig;
    rig.disk.drop("a.csv", drop_header() + drop_row("1"));
    rig.disk.drop("b.csv", drop_header() + drop_row("2"));
    rig.make_directory = [&rig] {
        return std::make_unique<MeddlingDirectory>(
            rig.settings, [&rig] { std::filesystem::remove(rig.disk.path() / "a.csv"); });
    };
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_THAT(rig.disk.names("done"), ElementsAre("b.csv"));
    EXPECT_EQ(rig.inbox.records().size(), 2u);
}

TEST(DropCrashTest, AFileThatChangesBetweenItsTwoPassesIsReadAgain) {
    DropRig rig;
    rig.disk.drop("a.csv", drop_header() + drop_row("1"));
    int calls = 0;
    rig.inbox.before_call = [&] {
        if (calls++ == 0) rig.disk.write("a.csv", drop_row("2") + "cut", true);
    };
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_EQ(rig.inbox.contents(), 0u);
    EXPECT_TRUE(rig.inbox.records().empty());
    EXPECT_THAT(rig.disk.names(), ElementsAre("a.csv"));
}

} // namespace
} // namespace medibridge::connectors
