#include "drop_rig.hpp"
#include "source_environment.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <fstream>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::connectors {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using testing::ElementsAre;
using namespace std::chrono_literals;

/// A folder that is watched in real time, and imported whenever something has come.
class WatchedFolder {
  public:
    explicit WatchedFolder(config::Duration settle, const std::string& subfolder = {})
        : settings_(drop_settings(disk.path() / subfolder)) {
        settings_.settle = settle;
        auto directory = std::make_unique<DropDirectory>(settings_.directory, settings_.pattern);
        auto its = tests::source_environment("drop", io.get_executor(), clock, events);
        its.on_arrival = [this] {
            ++arrivals;
            import();
        };
        folder =
            std::make_shared<DropFolder>(std::move(its), settings_, std::move(directory), inbox);
        folder->start();
    }
    ~WatchedFolder() {
        folder->cancel();
        io.restart();
        io.run_for(10s);
    }

    void import() {
        asio::co_spawn(io, folder->import_all(),
                       [](const std::exception_ptr& thrown, const SourceResult<void>&) {
                           if (thrown) std::rethrow_exception(thrown);
                       });
    }
    /// Runs until it is so, or for too long.
    bool comes(const std::function<bool()>& condition) {
        const auto deadline = std::chrono::steady_clock::now() + 20s;
        io.restart();
        while (!condition() && std::chrono::steady_clock::now() < deadline)
            if (io.run_one_for(100ms) == 0 && io.stopped()) io.restart();
        return condition();
    }
    bool is_done(const std::string& name) const {
        return fs::exists(settings_.directory / "done" / name);
    }

    DropFolderOnDisk disk;
    asio::io_context io{1};
    runtime::SteadyClock clock{io.get_executor()};
    tests::MemoryInbox inbox;
    KeptEvents events;
    std::shared_ptr<DropFolder> folder;
    int arrivals = 0;

  private:
    CsvSettings settings_;
};

TEST(DropWatchTest, AFileRenamedIntoItsPlaceIsTakenAtOnce) {
    WatchedFolder watched(1h);
    watched.disk.write("written.csv", drop_header() + drop_row("2"));
    watched.disk.write(".a.csv.part", drop_header() + drop_row("1"));
    fs::rename(watched.disk.path() / ".a.csv.part", watched.disk.path() / "a.csv");
    EXPECT_TRUE(watched.comes([&] { return watched.is_done("a.csv"); }));
    EXPECT_EQ(watched.inbox.records().size(), 1u);
    EXPECT_THAT(watched.disk.names(), ElementsAre("written.csv"));
}

TEST(DropWatchTest, AFileThatIsWrittenInItsPlaceIsTakenWhenItHasSettled) {
    WatchedFolder watched(100ms);
    watched.disk.write("a.csv", drop_header() + drop_row("1"));
    EXPECT_TRUE(watched.comes([&] { return watched.is_done("a.csv"); }));
    EXPECT_EQ(watched.arrivals, 1);
}

TEST(DropWatchTest, AFileThatGrowsIsTakenOnceWithAllItsRows) {
    WatchedFolder watched(300ms);
    watched.disk.write("a.csv", drop_header());
    std::ofstream writer(watched.disk.path() / "a.csv", std::ios::app);
    asio::steady_timer timer(watched.io);
    int rows = 0;
    bool early = false;
    const std::function<void()> write = [&] {
        early = early || watched.inbox.contents() > 0;
        writer << drop_row(std::to_string(++rows)) << std::flush;
        timer.expires_after(25ms);
        timer.async_wait([&](boost::system::error_code error) {
            if (!error && rows < 40) write();
        });
    };
    write();
    EXPECT_TRUE(watched.comes([&] { return watched.is_done("a.csv"); }));
    EXPECT_FALSE(early);
    EXPECT_EQ(watched.inbox.records().size(), 40u);
    EXPECT_EQ(watched.inbox.contents(), 1u);
}

TEST(DropWatchTest, NothingThatIsNotMeantWakesAnybody) {
    WatchedFolder watched(10ms);
    watched.disk.write("a.tmp", "x");
    watched.disk.write(".b", "x");
    fs::rename(watched.disk.path() / ".b", watched.disk.path() / ".b.csv");
    watched.disk.write("last.csv", drop_header() + drop_row("1"));
    EXPECT_TRUE(watched.comes([&] { return watched.is_done("last.csv"); }));
    EXPECT_EQ(watched.arrivals, 1);
}

TEST(DropWatchTest, AFolderThatComesLaterIsWatchedFromTheNextImportOn) {
    WatchedFolder watched(1h, "later");
    fs::create_directory(watched.disk.path() / "later");
    watched.import();
    EXPECT_TRUE(watched.comes([&] { return fs::exists(watched.disk.path() / "later/done"); }));
    watched.disk.write("a.csv", drop_header() + drop_row("1"));
    fs::rename(watched.disk.path() / "a.csv", watched.disk.path() / "later/a.csv");
    EXPECT_TRUE(watched.comes([&] { return watched.is_done("a.csv"); }));
}

TEST(DropWatchTest, NothingGoesOnOnceItIsCancelled) {
    WatchedFolder watched(50ms);
    watched.disk.write("a.csv", drop_header() + drop_row("1"));
    EXPECT_TRUE(watched.comes([&] { return watched.arrivals == 1; }));
    watched.folder->cancel();
    watched.io.restart();
    watched.io.run(); // ends only if nothing is waited for
    watched.disk.write("b.csv", drop_header() + drop_row("1"));
    watched.io.restart();
    EXPECT_EQ(watched.io.run(), 0u);
    EXPECT_EQ(watched.arrivals, 1);
}

} // namespace
} // namespace medibridge::connectors
