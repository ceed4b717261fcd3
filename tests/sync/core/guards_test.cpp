#include "rig.hpp"

#include "base/log/catalogue.hpp"
#include "sync/core/guards.hpp"
#include "sync/core/rewound.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::tests {
namespace {

using reconcile::Instant;
using reconcile::ReadResult;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using sync::Change;
using testing::HasSubstr;

struct ChangesRow {
    std::int64_t changes;
    std::int64_t linked;
    bool changes_alarm;
    bool missing_alarm;
};

/// With a ratio of 0.3 and at least 100.
const ChangesRow changes_rows[] = {
    {0, 0, false, false},          {99, 99, false, false},      {100, 100, true, false},
    {101, 100, true, true},        {300, 1'000, false, false},  {301, 1'000, true, true},
    {3'000, 10'000, false, false}, {3'001, 10'000, true, true},
};

sync::Changes changes_of(std::int64_t count) {
    sync::Changes changes;
    for (std::int64_t i = 0; i < count; ++i)
        changes.note(Change::missing("P" + std::to_string(i)));
    return changes;
}

TEST(GuardsTest, ChangesAreAcceptedAsTheyWereShownAndNoOthers) {
    Rig rig;
    const auto shown = changes_of(400);
    rig.request.accept_changes = sync::AcceptedChanges{shown.count(), shown.fingerprint()};
    EXPECT_FALSE(guard_changes(rig.rules, shown, 1'000));
    auto others = changes_of(399);
    others.note(Change::missing("Q"));
    EXPECT_TRUE(guard_changes(rig.rules, others, 1'000));
    EXPECT_TRUE(guard_missing(rig.rules, changes_of(401), 1'000));
}

TEST(GuardsTest, ChangesAreComparedWithTheShareAndTheNumberThatTheOperatorChose) {
    Rig rig;
    for (const auto& row : changes_rows) {
        SCOPED_TRACE(std::to_string(row.changes) + " of " + std::to_string(row.linked));
        EXPECT_EQ(guard_changes(rig.rules, changes_of(row.changes), row.linked).has_value(),
                  row.changes_alarm);
        EXPECT_EQ(guard_missing(rig.rules, changes_of(row.changes), row.linked).has_value(),
                  row.missing_alarm);
    }
    EXPECT_THAT(guard_changes(rig.rules, changes_of(400), 1'000)->reason,
                testing::AllOf(testing::StartsWith(
                                   "max_changes: 400 of 1000 linked patients would be changed"),
                               HasSubstr("medibridgectl accept-changes --expect 400")));
}

TEST(GuardsTest, ASideThatShowsNobodyIsSuspiciousOnlyIfSomebodyIsLinked) {
    const ReadResult nobody;
    ReadResult somebody;
    somebody.pages = 1;
    EXPECT_TRUE(sync::guard_empty_medicapp(nobody, 1));
    EXPECT_FALSE(sync::guard_empty_medicapp(nobody, 0));
    EXPECT_FALSE(sync::guard_empty_medicapp(somebody, 1));
    EXPECT_EQ(sync::guard_empty_source("his", nobody, true)->source, "his");
    EXPECT_FALSE(sync::guard_empty_source("his", nobody, false));
    EXPECT_FALSE(sync::guard_empty_source("his", somebody, true));
}

struct RewindRow {
    const char* name;
    std::size_t modified_last;
    std::vector<std::optional<Instant>> shown; ///< nothing: not there; linked at two hours
    const char* words;                         ///< nullptr: plausible
};

const RewindRow rewind_rows[] = {
    {"nobody was read", 0, {}, nullptr},
    {"as last seen", 1, {Instant(hours(2))}, nullptr},
    {"times cut to seconds", 1, {Instant(hours(2)) - seconds(1)}, nullptr},
    {"older", 0, {Instant(hours(1))}, "a linked patient is older"},
    {"two are older", 1, {Instant(hours(1)), Instant(hours(1))}, "2 linked patients are older"},
    {"two are missing", 2, {std::nullopt, std::nullopt}, nullptr},
    {"all are missing", 3, {std::nullopt, std::nullopt, std::nullopt}, "none of the 3"},
    {"one is there", 3, {std::nullopt, std::nullopt, Instant(hours(2))}, nullptr},
};

sync::RewindSamples sampled(const RewindRow& row, const sync::Consent& accepted) {
    Rig rig;
    sync::RewindSamples samples(accepted, row.modified_last, row.shown.size());
    for (std::size_t i = 0; i < row.shown.size(); ++i) {
        auto link = *rig.linked().known.link;
        link.external_id = "P" + std::to_string(i);
        auto patient = Rig::patient();
        patient.modified_at = row.shown[i];
        samples.note(link, row.shown[i] ? std::optional(patient) : std::nullopt);
    }
    return samples;
}

TEST(GuardsTest, OlderPatientsOrAllMissingProveThatMedicappWentBack) {
    for (const auto& row : rewind_rows) {
        SCOPED_TRACE(row.name);
        const auto alarm = sampled(row, {}).alarm();
        EXPECT_EQ(alarm.has_value(), row.words != nullptr);
        if (!alarm || !row.words) continue;
        EXPECT_THAT(alarm->reason, HasSubstr(row.words));
        EXPECT_EQ(alarm->changes.count(), static_cast<std::int64_t>(row.shown.size()));
        EXPECT_EQ(alarm->evidence.size(), row.shown.size());
    }
}

TEST(GuardsTest, WhoWasShownIsNoProofThatMedicappWentBackAgain) {
    const auto older = Instant(hours(1));
    const RewindRow first{"", 3, {older, older, std::nullopt}, nullptr};
    const auto shown = sync::Consent::to(sampled(first, {}).alarm()->evidence);
    EXPECT_FALSE(sampled(first, shown).alarm());
    auto row = first;
    row.shown[0] = older - minutes(1);
    const auto alarm = sampled(row, shown).alarm();
    ASSERT_TRUE(alarm) << "further back";
    EXPECT_EQ(alarm->changes.count(), 1) << "only what is new";
    row.shown[0] = Instant(hours(2));
    EXPECT_FALSE(sampled(row, shown).alarm()) << "less than was shown";
    const RewindRow missing{"", 5, std::vector<std::optional<Instant>>(5), nullptr};
    EXPECT_TRUE(sampled(missing, shown).alarm()) << "four more are missing";
    const RewindRow few{"", 4, {older, older, std::nullopt, std::nullopt}, nullptr};
    EXPECT_FALSE(sampled(few, shown).alarm()) << "one more may have been erased";
}

TEST(GuardsTest, ARecordIsStaleIfItIsOlderAndMoreThanItsTimeDiffers) {
    Rig rig;
    auto older = Rig::record("+33622222222");
    older.modified_at = Instant(minutes(30));
    auto corrected = Rig::record();
    corrected.modified_at = Instant(minutes(30));
    sync::Surveyed surveyed;
    surveyed.note(rig.linked(corrected), minutes(5), {});
    EXPECT_FALSE(guard_rewound_source({}, "his", surveyed));
    surveyed.note(rig.linked(older), hours(1), {});
    EXPECT_FALSE(guard_rewound_source({}, "his", surveyed)) << "within the tolerance";
    surveyed.note(rig.linked(older), minutes(5), {"P1"});
    EXPECT_FALSE(guard_rewound_source({}, "his", surveyed)) << "shown twice: the newest counts";
    surveyed.note(rig.linked(older), minutes(5), {});
    const auto alarm = guard_rewound_source({}, "his", surveyed);
    ASSERT_TRUE(alarm);
    EXPECT_EQ(alarm->changes.count_of(reconcile::Field::phone), 1);
    EXPECT_EQ(alarm->changes.examples().front().external_id, "P1");
    const auto shown = sync::Consent::to(alarm->evidence);
    EXPECT_FALSE(guard_rewound_source(shown, "his", surveyed)) << "an operator has seen it";
    older.modified_at = Instant(minutes(29));
    surveyed.note(rig.linked(older), minutes(5), {});
    EXPECT_TRUE(guard_rewound_source(shown, "his", surveyed)) << "further back";
    surveyed.note(rig.linked(), minutes(5), {});
    EXPECT_FALSE(guard_rewound_source({}, "his", surveyed)) << "a newer record of theirs came";
}

TEST(GuardsTest, AChangedMappingStopsTheCycleUnlessItIsMeantOrOnlyShown) {
    Rig rig;
    rig.settings.mappings["his"] = {{"fields.phone", "tel"}, {"id", "ipp"}};
    const auto before = mapping_digests(rig.rules, "his");
    const auto effects = [&rig, &before] {
        sync::MappingChanges changes;
        changes.note(rig.rules, "his", before);
        return changes.effects(rig.rules);
    };
    EXPECT_FALSE(effects().notice.alarm) << "nothing changed";
    rig.settings.mappings["his"] = {{"fields.phone", "mobile"}, {"path", "/p"}, {"id", "ipp"}};
    ASSERT_TRUE(effects().notice.alarm);
    EXPECT_EQ(effects().notice.alarm->fields, "fields.phone,path");
    EXPECT_TRUE(effects().events.empty());
    rig.request.accept_mapping = sync::Consent::to(effects().notice.alarm->evidence);
    EXPECT_FALSE(effects().notice.alarm);
    EXPECT_EQ(effects().events.size(), 1u);
    rig.settings.mappings["his"]["fields.phone"] = "office";
    EXPECT_TRUE(effects().notice.alarm) << "another change than was shown";
    rig.request.accept_mapping = sync::Consent::to_all_that_is_found();
    EXPECT_FALSE(effects().notice.alarm);
    rig.request = {};
    rig.request.dry_run = true;
    EXPECT_FALSE(effects().notice.alarm);
    rig.request.looks_for_guards = true;
    EXPECT_TRUE(effects().notice.alarm);
    sync::MappingChanges first;
    first.note(rig.rules, "his", "");
    EXPECT_FALSE(first.any()) << "it was never read";
}

} // namespace
} // namespace medibridge::tests
