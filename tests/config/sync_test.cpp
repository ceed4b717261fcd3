#include "draft.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::config {
namespace {

using drafts::minimal;
using drafts::mistakes;
using reconcile::Authority;
using reconcile::Field;
using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

SyncSettings sync_of(const std::string& lines) {
    return drafts::settings(minimal("sync: {" + lines + "}\n")).sync;
}

std::vector<std::string> wrong_sync(const std::string& lines) {
    return mistakes(minimal("sync: {" + lines + "}\n"));
}

TEST(SyncTest, HasTheDocumentedDefaults) {
    const auto sync = sync_of("");
    EXPECT_EQ(sync.interval, 60s);
    EXPECT_EQ(sync.overlap, 5min);
    EXPECT_EQ(sync.full_compare, 24h);
    EXPECT_EQ(sync.deadline, 0s);
    EXPECT_EQ(sync.policy.authority_of(Field::last_name), Authority::his);
    EXPECT_EQ(sync.policy.authority_of(Field::email), Authority::newest);
    EXPECT_EQ(sync.policy.authority_of(Field::phone), Authority::newest);
    EXPECT_EQ(sync.policy.on_erased, reconcile::OnErased::hold);
    EXPECT_EQ(sync.policy.on_unlinked_match, reconcile::OnUnlinkedMatch::hold);
    EXPECT_EQ(sync.policy.on_cleared, reconcile::OnCleared::keep);
    EXPECT_EQ(sync.max_changes.ratio, 0.3);
    EXPECT_EQ(sync.max_changes.at_least, 100);
}

TEST(SyncTest, ReadsEveryUnitOfADuration) {
    const auto sync = sync_of("interval: 500ms, overlap: 0s, full_compare: 36h, deadline: 5m");
    EXPECT_EQ(sync.interval, 500ms);
    EXPECT_EQ(sync.overlap, 0s);
    EXPECT_EQ(sync.full_compare, 36h);
    EXPECT_EQ(sync.deadline, 5min);
}

TEST(SyncTest, SaysHowToMendADuration) {
    EXPECT_THAT(wrong_sync("interval: 60"),
                ElementsAre("m.yaml:14:18: `sync.interval` is not a duration: the unit is missing, "
                            "write 60s for seconds"));
    EXPECT_THAT(wrong_sync("interval: 7d"), ElementsAre(HasSubstr("write 168h")));
    for (const std::string wrong : {"1h30m", "1.5s", "-5s", "s", "5 s", "soon", "5S", "+5s"})
        EXPECT_THAT(wrong_sync("interval: " + wrong),
                    ElementsAre(HasSubstr("write a whole number and a unit")))
            << wrong;
}

TEST(SyncTest, RefusesDurationsOutOfRange) {
    EXPECT_THAT(wrong_sync("interval: 0s"),
                ElementsAre(HasSubstr("`sync.interval` must be 10ms to 168h")));
    EXPECT_THAT(wrong_sync("interval: 169h"), ElementsAre(HasSubstr("10ms to 168h")));
    EXPECT_THAT(wrong_sync("overlap: 99999999999999999999s"),
                ElementsAre(HasSubstr("1ms to 168h, or 0s")));
    EXPECT_THAT(wrong_sync("overlap: 9223372036854775807h"),
                ElementsAre(HasSubstr("1ms to 168h, or 0s")));
}

TEST(SyncTest, TheNearerAuthorityOverrulesTheMoreGeneral) {
    const auto policy = sync_of("authority: {address.city: newest, lastName: his, address: his, "
                                "default: medicapp}")
                            .policy;
    EXPECT_EQ(policy.authority_of(Field::last_name), Authority::his);
    EXPECT_EQ(policy.authority_of(Field::gender), Authority::medicapp);
    EXPECT_EQ(policy.authority_of(Field::street), Authority::his);
    EXPECT_EQ(policy.authority_of(Field::city), Authority::newest);
}

TEST(SyncTest, AGivenDefaultHoldsForEveryFieldThatIsNotNamed) {
    EXPECT_EQ(sync_of("authority: {default: his}").policy.authority_of(Field::email),
              Authority::his);
    const auto without = sync_of("authority: {gender: medicapp}").policy;
    EXPECT_EQ(without.authority_of(Field::email), Authority::newest);
    EXPECT_EQ(without.authority_of(Field::last_name), Authority::his);
}

TEST(SyncTest, RefusesUnknownFieldsAndWordsOfAuthority) {
    EXPECT_THAT(wrong_sync("authority: {birthdate: his}"),
                ElementsAre(HasSubstr("did you mean `birthDate`?")));
    EXPECT_THAT(wrong_sync("authority: {externalId: his}"), ElementsAre(HasSubstr("unknown key")));
    EXPECT_THAT(wrong_sync("authority: {phone: latest}"),
                ElementsAre("m.yaml:14:27: `sync.authority.phone` cannot be `latest`; known are "
                            "his, medicapp, newest"));
    EXPECT_THAT(wrong_sync("authority: his"), ElementsAre(HasSubstr("must be a mapping")));
}

TEST(SyncTest, ReadsWhatHappensInDoubt) {
    const auto sync = sync_of("on_erased: recreate, on_unlinked_match: link, on_cleared: clear, "
                              "max_changes: {ratio: 1, at_least: 0}");
    EXPECT_EQ(sync.policy.on_erased, reconcile::OnErased::recreate);
    EXPECT_EQ(sync.policy.on_unlinked_match, reconcile::OnUnlinkedMatch::link);
    EXPECT_EQ(sync.policy.on_cleared, reconcile::OnCleared::clear);
    EXPECT_EQ(sync.max_changes.ratio, 1.0);
    EXPECT_EQ(sync.max_changes.at_least, 0);
    EXPECT_EQ(sync_of("on_unlinked_match: create").policy.on_unlinked_match,
              reconcile::OnUnlinkedMatch::create);
}

TEST(SyncTest, RefusesWordsAndSharesThatMakeNoSense) {
    EXPECT_THAT(wrong_sync("on_erased: hodl"), ElementsAre(HasSubstr("did you mean `hold`?")));
    EXPECT_THAT(wrong_sync("max_changes: {ratio: 1.01}"), ElementsAre(HasSubstr("must be 0 to 1")));
    EXPECT_THAT(wrong_sync("max_changes: {ratio: 30%}"),
                ElementsAre(HasSubstr("write 30% as 0.3")));
    EXPECT_THAT(wrong_sync("max_changes: {ratio: \"0,3\"}"), ElementsAre(HasSubstr("quotes")));
    EXPECT_THAT(wrong_sync("max_changes: {ratio: nan}"), ElementsAre(HasSubstr("a number")));
    EXPECT_THAT(wrong_sync("max_changes: {at_least: -1}"), ElementsAre(HasSubstr("must be 0 to")));
}

} // namespace
} // namespace medibridge::config
