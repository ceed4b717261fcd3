#include "player.hpp"

#include <gtest/gtest.h>

/// Stories, found by seeds and shortened, that once broke an invariant.
namespace medibridge::simulation {
namespace {

using Kind = Deed::Kind;

// Fields that a user of Medicapp changes, as Deed::what.
constexpr std::int64_t phone = 0;
constexpr std::int64_t email = 1;
constexpr std::int64_t city = 2;
constexpr std::int64_t last_name = 3;
constexpr std::int64_t gender = 4;

CycleAct with_weather(std::int64_t from, std::int64_t to, Trouble trouble) {
    CycleAct cycle;
    cycle.weather.push_back({from, to, trouble});
    return cycle;
}

CycleAct with_deed(CycleAct cycle, std::int64_t request, Deed deed) {
    cycle.meanwhile.emplace_back(request, deed);
    return cycle;
}

void expect_holds(const Story& story) {
    for (const auto& broken : play(story).broken)
        ADD_FAILURE() << broken << "\n" << in_words(story);
}

TEST(Regression, AnUpdateThatNobodyAnsweredIsLookedAtBeforeAnotherTakesItsPlace) {
    Story story;
    CycleAct failing;
    failing.disk_fails_at = 5;
    story.acts = {act(Deed{Kind::his_admit, 2, 0}),
                  act(CycleAct()),
                  act(Deed{Kind::his_edit, 2, 4}),
                  act(failing),
                  act(Deed{Kind::medicapp_refuse, 2, 3}),
                  act(Deed{Kind::his_edit_absurd, 2, 8}),
                  act(CycleAct())};
    expect_holds(story);
}

TEST(Regression, AnEditInMedicappBetweenOurLookAndOurWriteIsNotTakenForAgreed) {
    Story story;
    story.acts = {act(Deed{Kind::his_admit, 1, 0}), act(CycleAct()),
                  act(Deed{Kind::his_edit, 1, phone}),
                  act(with_deed(CycleAct(), 3, Deed{Kind::medicapp_edit, 1, gender}))};
    expect_holds(story);
}

TEST(Regression, AnAddressChangedBeforeMedicappToldTheTimeOfOurCreateIsSeen) {
    Story story;
    story.switches.post_answer = sandbox::PostAnswer::id_only;
    story.acts = {act(Deed{Kind::his_admit, 1, 0}), act(CycleAct()),
                  act(Deed{Kind::medicapp_edit, 1, city})};
    expect_holds(story);
}

TEST(Regression, AnEditInTheHisWhileTheAnswerToOurCreateIsLostIsNotOlderThanOurOwnWrite) {
    Story story;
    auto cycle = with_weather(3, 33, Trouble::gateway_after);
    story.acts = {act(Deed{Kind::his_admit, 0, 0}),
                  act(with_deed(cycle, 4, Deed{Kind::his_edit, 0, email}))};
    expect_holds(story);
}

TEST(Regression, AnEditInTheHisWhileTheAnswerToOurUpdateIsLostIsNotOlderThanOurOwnWrite) {
    Story story;
    auto cycle = with_weather(3, 33, Trouble::gateway_after);
    story.acts = {act(Deed{Kind::his_admit, 0, 0}), act(CycleAct()),
                  act(Deed{Kind::his_edit, 0, phone}),
                  act(with_deed(cycle, 4, Deed{Kind::his_edit, 0, phone}))};
    expect_holds(story);
}

TEST(Regression, APatientErasedBeforeTheHisSentThemIsNotCreated) {
    Story story;
    story.acts = {act(Deed{Kind::medicapp_admit, 0, 0}), act(CycleAct()),
                  act(Deed{Kind::medicapp_erase, 0, 0}), act(Deed{Kind::his_admit, 0, 0}),
                  act(CycleAct())};
    const auto played = play(story);
    EXPECT_TRUE(played.broken.empty());
    EXPECT_NE(played.end_state.find("P0: held erased_in_medicapp\n"), std::string::npos);
    EXPECT_EQ(played.end_state.find("Medicapp P0|"), std::string::npos);
}

CycleAct killed_at(std::int64_t step) {
    CycleAct cycle;
    cycle.dies_at = step;
    return cycle;
}

TEST(Regression, ACreateWithoutAnswerIsOursAlthoughTheHisHasAnotherNameByNow) {
    for (std::int64_t step = 6; step <= 14; ++step) {
        Story story;
        story.acts = {act(Deed{Kind::his_admit, 0, 0}), act(killed_at(step)),
                      act(Deed{Kind::his_marry, 0, 0}), act(CycleAct())};
        expect_holds(story);
        EXPECT_EQ(play(story).end_state.find("held"), std::string::npos) << step;
    }
}

TEST(Regression, WhatAnUnansweredUpdateDidIsNotForgottenWithItsIntent) {
    for (std::int64_t step = 8; step <= 16; ++step) {
        Story story;
        story.acts = {act(Deed{Kind::his_admit, 0, 0}),
                      act(CycleAct()),
                      act(Deed{Kind::his_edit, 0, phone}),
                      act(with_weather(3, 30, Trouble::lost_after)),
                      act(Deed{Kind::his_edit, 0, phone}),
                      act(Deed{Kind::medicapp_edit, 0, email}),
                      act(killed_at(step))};
        expect_holds(story);
    }
}

TEST(Regression, ATombstoneThatAloneOutlivedAPowerCutEndsTheLink) {
    for (std::int64_t change = 1; change <= 20; ++change) {
        CycleAct cycle;
        cycle.power_goes_at_change = change;
        Story story;
        story.acts = {act(Deed{Kind::his_admit, 0, 0}),
                      act(CycleAct()),
                      act(Deed{Kind::medicapp_erase, 0, 0}),
                      act(Deed{Kind::his_edit, 0, phone}),
                      act(cycle),
                      act(CycleAct())};
        expect_holds(story);
    }
}

TEST(Regression, AHeldPatientIsLookedAtBeforeAnotherRecordEndsTheHold) {
    Story story;
    story.acts = {act(Deed{Kind::his_admit, 0, 0}),
                  act(CycleAct()),
                  act(Deed{Kind::medicapp_edit, 0, last_name}),
                  act(Deed{Kind::medicapp_edit, 0, gender}),
                  act(CycleAct()),
                  act(Deed{Kind::time_passes, 0, 400}),
                  act(Deed{Kind::his_admit, 1, 0}), // no poll shows the other any more
                  act(CycleAct()),
                  act(Deed{Kind::time_passes, 0, 400}),
                  act(CycleAct()),
                  act(Deed{Kind::his_marry, 0, 0})};
    expect_holds(story);
}

TEST(Regression, WhatMedicappDoesNotChangeIsNotSentAgainAndAgain) {
    for (const auto habit : {sandbox::Permission::refuse, sandbox::Permission::ignore}) {
        Story story;
        story.switches.put_names = habit;
        story.acts = {act(Deed{Kind::his_admit, 0, 0}), act(CycleAct()),
                      act(Deed{Kind::his_marry, 0, 0}), act(Deed{Kind::his_edit, 0, phone}),
                      act(CycleAct())};
        expect_holds(story);
    }
}

TEST(Regression, APatientWhomTheHisDeletedAndMedicappChangedHoldsNothingBack) {
    Story story; // the HIS's list takes more than one page
    for (int who = 0; who < 4; ++who)
        story.acts.push_back(act(Deed{Kind::his_admit, who, 0}));
    story.acts.push_back(act(CycleAct()));
    story.acts.push_back(act(Deed{Kind::his_delete, 0, 0}));
    story.acts.push_back(act(Deed{Kind::medicapp_edit, 0, last_name}));
    expect_holds(story);
}

TEST(Forgery, LastsWhereNoGuardStopsItWhichTheOracleSays) {
    for (const std::int64_t what : {0, 1}) {
        Story story;
        for (int who = 0; who < 4; ++who)
            story.acts.push_back(act(Deed{Kind::his_admit, who, 0}));
        for (const auto kind : {Kind::time_passes, Kind::his_forge, Kind::his_take_back}) {
            story.acts.push_back(act(Deed{kind, 0, what}));
            story.acts.push_back(act(CycleAct()));
        }
        const auto broken = play(story).broken;
        ASSERT_FALSE(broken.empty()) << in_words(story);
        EXPECT_NE(broken.front().find("what was forged lasts"), std::string::npos);
        story.sync = "max_changes: {ratio: 0.1, at_least: 2}";
        expect_holds(story);
    }
}

} // namespace
} // namespace medibridge::simulation
