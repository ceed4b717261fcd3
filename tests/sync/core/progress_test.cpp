#include "rig.hpp"

#include "sync/core/medicapp_page.hpp"
#include "sync/core/progress.hpp"
#include "sync/core/recording.hpp"
#include "sync/core/shown_patients.hpp"
#include "sync/core/views.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::tests {
namespace {

using reconcile::Instant;
using state::Batch;
using sync::CycleStatus;
using sync::Observations;
using sync::Progress;
using sync::SourceTrouble;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> events_of(const sync::Effects& effects) {
    std::vector<std::string> names;
    for (const auto& event : effects.events)
        names.emplace_back(event.type().name);
    return names;
}

std::vector<std::string> changes_of(const sync::Effects& effects) {
    std::vector<std::string> words;
    for (const auto& change : effects.changes.changes()) {
        if (const auto* mark = std::get_if<Batch::PutWatermark>(&change))
            words.push_back("watermark " + mark->watermark.side);
        else if (const auto* meta = std::get_if<Batch::PutMeta>(&change))
            words.push_back(meta->key + "=" + meta->value);
        else if (const auto* intent = std::get_if<Batch::DropIntent>(&change))
            words.push_back("drop intent " + intent->external_id);
        else if (const auto* released = std::get_if<Batch::Release>(&change))
            words.push_back("release " + released->key);
    }
    return words;
}

TEST(ProgressTest, AnOutageIsLoggedAtItsStartAndItsEnd) {
    sync::Memory memory;
    const auto failed = [&memory](SourceTrouble trouble) {
        return source_failed(memory, "his", trouble, "no answer");
    };
    const auto first = failed(SourceTrouble::unavailable);
    EXPECT_THAT(events_of(first), ElementsAre("source.unavailable"));
    EXPECT_EQ(first.notice.left, "source his: no answer");
    EXPECT_EQ(first.sources.at(0).trouble, "no answer");
    EXPECT_THAT(events_of(failed(SourceTrouble::unavailable)), IsEmpty());
    EXPECT_THAT(events_of(source_read(memory, "his")), ElementsAre("source.recovered"));
    EXPECT_THAT(events_of(source_read(memory, "his")), IsEmpty());
    const auto refused = failed(SourceTrouble::unauthorized);
    EXPECT_THAT(events_of(refused), ElementsAre("auth.refused"));
    EXPECT_EQ(refused.notice.credentials, "source his: no answer");
    EXPECT_EQ(refused.notice.left, "");
}

TEST(ProgressTest, AListThatGoesOnMovingIsLeft) {
    EXPECT_THAT(events_of(sync::source_moved("his", "", 1)), ElementsAre("source.unstable_list"));
    const auto last = sync::source_moved("his", "total says 2", sync::limits::reading_passes);
    EXPECT_THAT(events_of(last), IsEmpty());
    EXPECT_THAT(last.notice.left, HasSubstr("total says 2"));
}

TEST(ProgressTest, OurNewestWriteIsRememberedAsText) {
    const sync::Written written{"m 1", Instant(std::chrono::milliseconds(1'234))};
    EXPECT_EQ(newest_write_text(written), "1234 m 1");
    const auto read = sync::newest_write_from("1234 m 1");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->medicapp_id, "m 1");
    EXPECT_EQ(read->at, written.at);
    EXPECT_EQ(sync::newest_write_text(std::nullopt), "");
    EXPECT_FALSE(sync::newest_write_from(""));
}

class WatermarksTest : public testing::Test {
  protected:
    WatermarksTest() {
        medicapp.before.side = "medicapp";
        medicapp.read.emplace();
        his.source = "his";
        his.before.side = "his:his";
        his.read.emplace();
    }
    std::vector<std::string> moved(bool reread = false) {
        return changes_of(
            move_watermarks(rig.rules, status, observations, medicapp, {his}, reread));
    }

    Rig rig;
    CycleStatus status;
    Observations observations;
    Progress medicapp;
    Progress his;
};

TEST_F(WatermarksTest, MoveForEachSideThatWasRead) {
    EXPECT_THAT(moved(), ElementsAre("watermark medicapp", "watermark his:his", "mapping:his="));
    his.read.reset();
    EXPECT_THAT(moved(), ElementsAre("watermark medicapp"));
}

TEST_F(WatermarksTest, OfASourceWithACursorTheSourceItselfKnows) {
    his.keeps_cursor = true;
    EXPECT_THAT(moved(), ElementsAre("watermark medicapp", "mapping:his="));
}

TEST_F(WatermarksTest, MedicappsStaysWhileAChangeOfItsWaits) {
    his.read.reset();
    observations.want("P1");
    EXPECT_THAT(moved(), IsEmpty());
    observations.forget_wanted();
    observations.note_change("P1", {});
    EXPECT_THAT(moved(), IsEmpty());
}

TEST_F(WatermarksTest, WhatAnEarlierRunLeftOpenIsSettledByACompleteCycle) {
    his.read.reset();
    medicapp.read.reset();
    state::Intent intent;
    intent.external_id = "P1";
    observations.note_old_intents({intent});
    EXPECT_THAT(moved(true), ElementsAre("sources:reread=", "drop intent P1"));
    status.heed({.left = "something"});
    EXPECT_THAT(moved(true), IsEmpty());
}

TEST_F(WatermarksTest, TheNextCycleMayHaveToReadAllSources) {
    his.read.reset();
    medicapp.read.reset();
    status.heed({.reread = true});
    EXPECT_THAT(moved(), ElementsAre("sources:reread=1"));
}

TEST(MedicappPassTest, IsProvenByAListThatStoodStill) {
    struct Row {
        const char* name;
        std::vector<std::vector<std::string>> pages;
        std::int64_t total;
        bool proven;
    };
    const Row rows[] = {
        {"one page", {{"m1", "m2"}}, 2, true},
        {"an id is missing", {{"m1"}}, 2, false},
        {"an id twice", {{"m1", "m2"}, {"m2"}}, 2, false},
        {"nobody", {{}}, 0, true},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        sync::MedicappPass pass("m1");
        connectors::ListQuery query;
        query.per_page = 2;
        for (const auto& ids : row.pages) {
            connectors::MedicappPage page;
            page.total = row.total;
            for (const auto& id : ids)
                page.patients.emplace_back().id = id;
            page.page = query.page;
            page.total_pages = row.total == 0 ? 0 : static_cast<std::int64_t>(row.pages.size());
            pass.note(page, query);
            ++query.page;
        }
        EXPECT_EQ(pass.proven(), row.proven);
    }
    EXPECT_THAT(events_of(sync::MedicappPass("").moved(1)), ElementsAre("medicapp.unstable_list"));
    EXPECT_EQ(sync::MedicappPass("").moved(1).notice.left, "");
    EXPECT_EQ(sync::MedicappPass("").moved(sync::limits::reading_passes).notice.left,
              "Medicapp's list could not be confirmed complete: it differed each time it was read");
}

state::Held held_of(const std::string& key, reconcile::HoldReason reason,
                    const std::string& source = "his") {
    state::Held held;
    held.key = key;
    held.source = source;
    held.reason = reason;
    return held;
}

TEST(VanishedRecordsTest, HoldsEndWithTheRecordsThatCausedThem) {
    using reconcile::HoldReason;
    Rig rig;
    auto nameless = Rig::record();
    nameless.patient.set_external_id({});
    sync::VanishedRecords vanished;
    vanished.note({nameless}, rig.digester);
    sync::ShownPatients shown;
    shown.note(Rig::record());
    const auto shown_key = sync::state_key(nameless, rig.digester);
    const std::vector<state::Held> held{
        held_of(shown_key, HoldReason::invalid),
        held_of("record:00", HoldReason::invalid),
        held_of("record:01", HoldReason::invalid, "other"),
        held_of("P1", HoldReason::divergence),
        held_of("P2", HoldReason::divergence),
        held_of("P3", HoldReason::deceased),
    };
    EXPECT_THAT(changes_of(vanished.release(rig.rules, "his", shown, held)),
                ElementsAre("release record:00", "release P2"));
    EXPECT_THAT(vanished.release(rig.rules, "his", shown, held).released, IsEmpty());
    rig.source_names = {"his", "other"};
    EXPECT_EQ(vanished.release(rig.rules, "his", shown, held).released.at(0).external_id, "P2");
}

} // namespace
} // namespace medibridge::tests
