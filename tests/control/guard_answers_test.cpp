#include "rig.hpp"

#include <gmock/gmock.h>

// What an operator accepts of the guards that stopped the last cycle.
namespace medibridge::tests {
namespace {

using nlohmann::json;
using sync::Consent;
using sync::Evidence;
using testing::IsEmpty;
using testing::SizeIs;

class GuardAnswers : public ApiTest {
  protected:
    GuardAnswers() {
        backend_.cycle = [](sync::Observer&) { return control::CycleEnd(); };
        backend_.known.last_cycle_ms = 1'795'000'000'000;
    }

    static sync::GuardAlarm alarm(const std::string& guard, const std::string& token,
                                  Evidence evidence) {
        sync::GuardAlarm it{guard, "dpi", "", "it was changed"};
        it.token = token;
        it.evidence = std::move(evidence);
        return it;
    }
    void let_two_stand() {
        backend_.known.alarms = {alarm("guard.mapping", "aa", {1}),
                                 alarm("guard.rewound", "bb", {2, 3})};
    }
    Answer accept(const json& what) { return post("/cycles", {{"accept", what}}); }
};

TEST_F(GuardAnswers, AcceptWhatStandsAsItWasShown) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"guard.mapping", "mapping"}, {"guard.rewound", "rewind"}, {"guard.space", "space"}};
    for (const auto& [guard, key] : cases) {
        backend_.known.alarms = {alarm(guard, "00112233", {7})};
        const auto token = get("/guard").json["guards"][0]["token"].get<std::string>();
        backend_.requests.clear();
        expect_error(accept({{key, true}, {"token", "44556677"}}), 409, "refused");
        EXPECT_THAT(backend_.requests, IsEmpty());
        EXPECT_EQ(accept({{key, true}, {"token", token}}).status, 200) << key;
        EXPECT_EQ(accept({{key, true}}).status, 200);
        backend_.known.alarms.clear();
        expect_error(accept({{key, true}, {"token", token}}), 409, "refused");
        expect_error(accept({{key, true}}), 409, "refused");
    }
}

TEST_F(GuardAnswers, AcceptTwoThatStandAtOnceInAnyOrder) {
    let_two_stand();
    EXPECT_THAT(get("/guard").json["guards"], SizeIs(2));
    EXPECT_EQ(accept({{"rewind", true}}).status, 200);
    EXPECT_EQ(accept({{"mapping", true}}).status, 200);
    EXPECT_EQ(accept({{"rewind", true}, {"mapping", true}}).status, 200);
    ASSERT_THAT(backend_.requests, SizeIs(3));
    EXPECT_EQ(backend_.requests[0].accept_rewind, Consent::to({2, 3})) << "what was shown";
    EXPECT_FALSE(backend_.requests[0].accept_mapping.given());
    EXPECT_EQ(backend_.requests[1].accept_mapping, Consent::to({1}));
    EXPECT_FALSE(backend_.requests[1].accept_rewind.given());
    EXPECT_EQ(backend_.requests[2].accept_mapping, Consent::to({1}));
    EXPECT_EQ(backend_.requests[2].accept_rewind, Consent::to({2, 3}));
    for (const auto& request : backend_.requests)
        EXPECT_TRUE(request.full);
    expect_error(accept({{"rewind", true}, {"space", true}}), 409, "refused");
}

TEST_F(GuardAnswers, CarryATokenForEachGuard) {
    let_two_stand();
    expect_error(accept({{"rewind", true}, {"mapping", true}, {"token", "aa"}}), 409, "refused");
    expect_error(accept({{"rewind", true}, {"token", "aa"}}), 409, "refused");
    expect_error(accept({{"rewind", true}, {"token", {"bb", "cc"}}}), 409, "refused");
    expect_error(accept({{"rewind", true}, {"token", {"bb", 3}}}), 400, "usage");
    EXPECT_THAT(backend_.requests, IsEmpty());
    EXPECT_EQ(accept({{"rewind", true}, {"token", "bb"}}).status, 200);
    EXPECT_EQ(accept({{"rewind", true}, {"mapping", true}, {"token", {"aa", "bb"}}}).status, 200);
}

TEST_F(GuardAnswers, KeepWhatWasAcceptedBefore) {
    auto changes = alarm("guard.changes", "dd", {});
    changes.rewind_accepted = Consent::to({9});
    backend_.known.alarms = {changes};
    EXPECT_EQ(accept({{"rewind", true}}).status, 200);
    EXPECT_EQ(backend_.requests.back().accept_rewind, Consent::to({9}));
    expect_error(accept({{"mapping", true}}), 409, "refused");
}

TEST_F(GuardAnswers, AcceptNothingOfAServiceThatHasShownNothing) {
    backend_.known.last_cycle_ms.reset();
    expect_error(accept({{"rewind", true}}), 409, "refused");
    EXPECT_THAT(backend_.requests, IsEmpty());
}

} // namespace
} // namespace medibridge::tests
