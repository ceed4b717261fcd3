#include "rig.hpp"

#include "base/log/catalogue.hpp"
#include "sync/core/guards.hpp"

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

TEST(GuardsTest, ChangesTellHowManyOfEachFieldAndSomeExamples) {
    sync::Changes changes;
    reconcile::FieldSet phone;
    phone.add(reconcile::Field::phone);
    for (int i = 0; i < 25; ++i)
        changes.note(Change::reassertion("P" + std::to_string(i), phone));
    EXPECT_EQ(changes.count(), 25);
    EXPECT_EQ(changes.count_of(reconcile::Field::phone), 25);
    EXPECT_EQ(changes.count_of(reconcile::Field::email), 0);
    EXPECT_EQ(changes.examples().size(), sync::Changes::most_examples);
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

TEST(GuardsTest, OlderPatientsOrAllMissingProveThatMedicappWentBack) {
    Rig rig;
    const auto link = *rig.linked().known.link;
    for (const auto& row : rewind_rows) {
        SCOPED_TRACE(row.name);
        sync::RewindSamples samples(row.modified_last, row.shown.size());
        for (const auto& at : row.shown) {
            auto patient = Rig::patient();
            patient.modified_at = at;
            samples.note(link, at ? std::optional(patient) : std::nullopt);
        }
        const auto alarm = samples.alarm();
        EXPECT_EQ(alarm.has_value(), row.words != nullptr);
        if (alarm && row.words) EXPECT_THAT(alarm->reason, HasSubstr(row.words));
        if (alarm) EXPECT_EQ(alarm->changes.count(), 1) << "all samples are of one patient";
    }
}

TEST(GuardsTest, ARecordIsStaleIfItIsOlderAndMoreThanItsTimeDiffers) {
    Rig rig;
    auto older = Rig::record("+33622222222");
    older.modified_at = Instant(minutes(30));
    auto corrected = Rig::record();
    corrected.modified_at = Instant(minutes(30));
    sync::Surveyed surveyed;
    surveyed.note(rig.linked(corrected), minutes(5), {});
    EXPECT_FALSE(guard_rewound_source("his", surveyed));
    surveyed.note(rig.linked(older), hours(1), {});
    EXPECT_FALSE(guard_rewound_source("his", surveyed)) << "within the tolerance";
    surveyed.note(rig.linked(older), minutes(5), {"P1"});
    EXPECT_FALSE(guard_rewound_source("his", surveyed)) << "shown twice: the newest counts";
    surveyed.note(rig.linked(older), minutes(5), {});
    const auto alarm = guard_rewound_source("his", surveyed);
    ASSERT_TRUE(alarm);
    EXPECT_EQ(alarm->changes.count_of(reconcile::Field::phone), 1);
    EXPECT_EQ(alarm->changes.examples().front().external_id, "P1");
    surveyed.note(rig.linked(), minutes(5), {});
    EXPECT_FALSE(guard_rewound_source("his", surveyed)) << "a newer record of theirs came";
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
    rig.request.accept_mapping = true;
    EXPECT_FALSE(effects().notice.alarm);
    EXPECT_EQ(effects().events.size(), 1u);
    sync::MappingChanges first;
    first.note(rig.rules, "his", "");
    EXPECT_FALSE(first.any()) << "it was never read";
}

} // namespace
} // namespace medibridge::tests
