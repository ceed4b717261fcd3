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
    EXPECT_EQ(played.end_state, "held P0 erased_in_medicapp\n");
}

} // namespace
} // namespace medibridge::simulation
