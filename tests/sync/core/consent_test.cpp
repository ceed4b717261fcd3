#include "sync/core/consent.hpp"

#include "sync/core/acceptance.hpp"
#include "sync/core/settings.hpp"

#include <gtest/gtest.h>

namespace medibridge::tests {
namespace {

using sync::Consent;
using sync::Evidence;

TEST(ConsentTest, CoversWhatWasShownAndLessButNothingElse) {
    const auto consent = Consent::to(Evidence{7, 3, 5, 3});
    EXPECT_TRUE(consent.covers(Evidence{3, 5, 7}));
    EXPECT_TRUE(consent.covers(Evidence{5})) << "some of it was put right";
    EXPECT_TRUE(consent.covers(Evidence()));
    EXPECT_FALSE(consent.covers(Evidence{5, 6}));
    EXPECT_FALSE(Consent().covers(Evidence())) << "none was given";
    EXPECT_TRUE(Consent::to_all_that_is_found().covers(Evidence{6}));
    EXPECT_FALSE(Consent::to_all_that_is_found().names(6)) << "nobody was shown it";
}

TEST(ConsentTest, IsKeptAsWhatWasShown) {
    auto consent = Consent::to(Evidence{0xffffffffffffffffu, 0, 12});
    EXPECT_EQ(Consent::from(consent.text()), consent);
    EXPECT_EQ(consent.lasting(), consent);
    for (const auto* const text : {"", "12", "000000000000000g", "00000000000000010"})
        EXPECT_FALSE(Consent::from(text).given()) << text;
    EXPECT_FALSE(Consent::to(Evidence()).lasting().given());
    auto all = Consent::to_all_that_is_found();
    EXPECT_FALSE(all.lasting().given()) << "nothing was found";
    all.add(Evidence{4});
    EXPECT_EQ(all.lasting(), Consent::to(Evidence{4})) << "and nothing but that";
}

/// Of a state that a former version wrote.
TEST(ConsentTest, AnAcceptanceOfNobodyKnowsWhatHoldsNothing) {
    EXPECT_FALSE(sync::Acceptance("1780000000000 00ff mapping rewind").any());
    sync::Request request;
    request.wall_clock_ms = 1'780'000'000'001;
    sync::Acceptance("1780000000000 00ff rewind:00000000000000aa mapping").lend_to(request, "00ff");
    EXPECT_EQ(request.accept_rewind, Consent::to(Evidence{0xaa}));
    EXPECT_FALSE(request.accept_mapping.given());
}

} // namespace
} // namespace medibridge::tests
