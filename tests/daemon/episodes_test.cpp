#include "daemon/episodes.hpp"

#include "base/log/catalogue.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

namespace medibridge::daemon {
namespace {

using log::Event;
using log::EventType;
using log::Key;
using log::Level;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr EventType unavailable{"medicapp.unavailable", Level::warn, "an outage"};
constexpr EventType recovered{"medicapp.recovered", Level::info, "its end"};

/// Names of events, and their sources and reasons.
class Names final : public log::EventLog {
  public:
    void write(const Event& event) override {
        std::string text(event.type().name);
        if (event.level() == Level::debug) text = "(" + text + ")";
        for (const auto& [key, value] : event.fields())
            if (const auto* word = std::get_if<std::string>(&value)) text += ' ' + *word;
        names.push_back(std::move(text));
    }

    std::vector<std::string> take() { return std::exchange(names, {}); }

    std::vector<std::string> names;
};

class EpisodesTest : public testing::Test {
  protected:
    EpisodesTest() {
        std::string pattern = (std::filesystem::temp_directory_path() / "episodes-XXXXXX").string();
        folder_ = mkdtemp(pattern.data());
        file = folder_ / "state.db.episodes";
    }
    ~EpisodesTest() override { std::filesystem::remove_all(folder_); }

    static sync::Report complete() { return {}; }
    /// A cycle that was not complete, and read `good` to its end.
    static sync::Report partly(const std::string& good) {
        sync::Report report;
        report.outcome = sync::Outcome::incomplete;
        report.sources = {{good, {}}, {"bad", "it does not answer"}};
        return report;
    }

    Names seen;
    std::filesystem::path file;

  private:
    std::filesystem::path folder_;
};

TEST_F(EpisodesTest, WhatARestartEndedIsClosedByTheFirstCompleteCycle) {
    const auto source_down = [](const char* name) {
        return Event(log::events::source_unavailable).with(Key::source, name);
    };
    {
        EpisodeLog log(seen, file);
        log.write(Event(unavailable));
        log.write(source_down("dpi"));
        log.write(Event(log::events::auth_refused));
        log.write(Event(log::events::service_impeded));
        log.write(Event(log::events::guard_emptied).with(Key::source, "adt"));
    }
    seen.take();
    EpisodeLog log(seen, file);
    log.conclude(partly("adt"));
    EXPECT_THAT(seen.take(), IsEmpty()) << "nothing shows yet that any of it is over";
    log.conclude(partly("dpi"));
    EXPECT_THAT(seen.take(), ElementsAre("source.recovered dpi"));
    log.conclude(complete());
    EXPECT_THAT(seen.take(), ElementsAre("auth.accepted", "guard.lifted guard.emptied of adt",
                                         "medicapp.recovered", "service.recovered"));
    log.conclude(complete());
    EXPECT_THAT(seen.take(), IsEmpty());
    EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(EpisodesTest, WhatEndedBeforeTheRestartIsNotClosedAgain) {
    {
        EpisodeLog log(seen, file);
        log.write(Event(unavailable));
        EXPECT_TRUE(std::filesystem::exists(file));
        log.write(Event(recovered));
        EXPECT_FALSE(std::filesystem::exists(file));
    }
    seen.take();
    EpisodeLog log(seen, file);
    log.conclude(complete());
    EXPECT_THAT(seen.take(), IsEmpty());
}

TEST_F(EpisodesTest, WhatGoesOnAfterTheRestartIsClosedByWhoSawItAgain) {
    EpisodeLog(seen, file).write(Event(unavailable));
    EpisodeLog log(seen, file);
    log.write(Event(unavailable));
    seen.take();
    log.conclude(complete());
    EXPECT_THAT(seen.take(), IsEmpty()) << "the client says it when it has an answer";
    log.write(Event(recovered));
    EXPECT_THAT(seen.take(), ElementsAre("medicapp.recovered"));
    EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(EpisodesTest, WhatGoesOnAfterAReloadOrARestartIsToldOnce) {
    EpisodeLog first(seen, file);
    const auto guard = [] {
        return Event(log::events::guard_space).with(Key::reason, "another address");
    };
    first.write(guard());
    EXPECT_THAT(seen.take(), ElementsAre("guard.space another address"));
    first.write(guard()); // a reload
    EpisodeLog(seen, file).write(guard());
    EXPECT_THAT(seen.take(),
                ElementsAre("(guard.space) another address", "(guard.space) another address"));
    EpisodeLog single(seen, file);
    single.tell_again();
    single.write(guard());
    EXPECT_THAT(seen.take(), ElementsAre("guard.space another address"));
    EpisodeLog third(seen, file);
    third.write(Event(log::events::guard_lifted).with(Key::reason, "guard.space"));
    third.write(guard());
    EXPECT_THAT(seen.take(),
                ElementsAre("guard.lifted guard.space", "guard.space another address"));
}

TEST_F(EpisodesTest, TwoCausesOfOneEndAreClosedOnce) {
    {
        EpisodeLog log(seen, file);
        log.write(Event(log::events::source_unavailable).with(Key::source, "dpi"));
        log.write(Event(log::events::auth_refused).with(Key::source, "dpi"));
    }
    seen.take();
    EpisodeLog(seen, file).conclude(complete());
    EXPECT_THAT(seen.take(), ElementsAre("source.recovered dpi"));
}

TEST_F(EpisodesTest, AFileThatIsNotOursOrDamagedClosesNothing) {
    for (const char* text : {"", "\n\n", "no time", "12 service.started", "x medicapp.unavailable",
                             "12", "12 guard.lifted", "12 medicapp.unavailable dpi"}) {
        std::ofstream(file) << text;
        EpisodeLog(seen, file).conclude(complete());
        EXPECT_THAT(seen.take(), IsEmpty()) << text;
    }
}

TEST_F(EpisodesTest, WithoutAFileNothingIsRemembered) {
    EpisodeLog log(seen, {});
    log.write(Event(unavailable));
    EXPECT_THAT(seen.take(), ElementsAre("medicapp.unavailable"));
    log.conclude(complete());
    EXPECT_THAT(seen.take(), IsEmpty());
}

} // namespace
} // namespace medibridge::daemon
