#include "opening.hpp"
#include "record_text.hpp"
#include "samples.hpp"
#include "scratch.hpp"

#include <ctime>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

namespace medibridge::state::test {
namespace {

class RoundTripTest : public testing::Test {
  protected:
    /// Each commit is read back from the file, not from this process's memory.
    template <class... Changes>
    void commit(Changes... changes) {
        store->commit(batch(std::move(changes)...));
        store.reset();
        store = open_sqlite(scratch.state_file());
    }
    Known known(const std::string& external_id) { return store->look_up({external_id}).front(); }

    Scratch scratch;
    std::unique_ptr<Store> store = open_sqlite(scratch.state_file());
};

TEST_F(RoundTripTest, LinkComesBackWithEveryMember) {
    const Link full = link("P1", "m1");
    Link bare;
    bare.external_id = "P2";
    bare.medicapp_id = "m2";
    commit(Batch::PutLink{full}, Batch::PutLink{bare});
    EXPECT_EQ(text(known("P1").link), text(full));
    EXPECT_EQ(text(known("P2").link), text(bare));
}

TEST_F(RoundTripTest, LinkIsReplacedWhole) {
    commit(Batch::PutLink{link("P1", "m1", 1)});
    Link next = link("P1", "m1", 50);
    next.baselines.his.modified_at.reset();
    next.source = "other";
    commit(Batch::PutLink{next});
    EXPECT_EQ(text(known("P1").link), text(next));
    next.medicapp_id = "m2";
    commit(Batch::PutLink{next});
    EXPECT_EQ(text(known("P1").link), text(next));
    EXPECT_EQ(text(store->links_to({"m1", "m2"})), "none\n" + text(next) + "\n");
    EXPECT_EQ(store->counts().links, 1);
}

TEST_F(RoundTripTest, LookUpAndLinksToAnswerInTheOrderAsked) {
    commit(Batch::PutLink{link("P1", "m1")}, Batch::PutLink{link("P2", "m2")});
    const auto found = store->look_up({"P2", "nobody", "P1", "P2", ""});
    ASSERT_EQ(found.size(), 5U);
    EXPECT_EQ(found[0].link->medicapp_id, "m2");
    EXPECT_FALSE(found[1].link);
    EXPECT_EQ(found[2].link->medicapp_id, "m1");
    EXPECT_EQ(found[3].link->medicapp_id, "m2");
    EXPECT_EQ(text(found[4]), text(Known{}));
    const auto links = store->links_to({"m2", "nobody", "m1"});
    EXPECT_EQ(text(links), text(found[0].link) + "\nnone\n" + text(found[2].link) + "\n");
}

TEST_F(RoundTripTest, IdentifiersAreBytesAndMayHoldAnything) {
    using namespace std::string_literals;
    const std::string odd = "P\0 'x\" ; DROP TABLE link; \xc3\xa9\xff"s;
    commit(Batch::PutLink{link(odd, odd)}, Batch::Hold{held(odd)});
    EXPECT_EQ(text(known(odd).link), text(link(odd, odd)));
    EXPECT_EQ(text(known(odd).held), text(held(odd)));
    EXPECT_FALSE(known("P").link);
}

TEST_F(RoundTripTest, AMedicappPatientCannotBeLinkedTwice) {
    commit(Batch::PutLink{link("P1", "m1")});
    EXPECT_THROW(store->commit(batch(Batch::Hold{held("P3")}, Batch::PutLink{link("P2", "m1")})),
                 std::logic_error);
    EXPECT_FALSE(known("P2").link);
    EXPECT_FALSE(known("P3").held) << "a refused batch must leave nothing behind";
    commit(Batch::DropLink{"P1"}, Batch::PutLink{link("P2", "m1")});
    EXPECT_EQ(store->links_to({"m1"}).front()->external_id, "P2");
}

TEST_F(RoundTripTest, ABatchWithoutKeysIsRefused) {
    EXPECT_THROW(store->commit(batch(Batch::PutLink{link("", "m1")})), std::logic_error);
    EXPECT_THROW(store->commit(batch(Batch::PutLink{link("P1", "")})), std::logic_error);
    EXPECT_THROW(store->commit(batch(Batch::Hold{held("")})), std::logic_error);
    EXPECT_EQ(text(store->counts()), text(Counts{}));
}

TEST_F(RoundTripTest, UnlinkedPatientIsFoundByItsExternalId) {
    const Unlinked one = unlinked("m1", "P1");
    commit(Batch::PutUnlinked{one}, Batch::PutUnlinked{unlinked("m2")});
    EXPECT_EQ(text(known("P1").unlinked), text(one));
    EXPECT_FALSE(known("").unlinked);
    commit(Batch::PutUnlinked{unlinked("m1", "P2")});
    EXPECT_FALSE(known("P1").unlinked);
    EXPECT_TRUE(known("P2").unlinked);
}

TEST_F(RoundTripTest, OfTwoUnlinkedWithOneExternalIdTheNewestIsTold) {
    Unlinked older = unlinked("m1", "P1");
    Unlinked newer = unlinked("m2", "P1");
    Unlinked undated = unlinked("m0", "P1");
    newer.modified_at = *older.modified_at + Instant::duration{1};
    undated.modified_at.reset();
    commit(Batch::PutUnlinked{newer}, Batch::PutUnlinked{older}, Batch::PutUnlinked{undated});
    EXPECT_EQ(known("P1").unlinked->medicapp_id, "m2");
}

TEST_F(RoundTripTest, MatchingFindsEachUnlinkedOnceByAnyOfItsKeys) {
    Unlinked one = unlinked("m1");
    one.matching_keys = {digest(1), digest(2), digest(1)};
    Unlinked two = unlinked("m2");
    two.matching_keys = {digest(2)};
    Unlinked named = unlinked("m3", "P3");
    named.matching_keys = {digest(2)};
    commit(Batch::PutUnlinked{one}, Batch::PutUnlinked{two}, Batch::PutUnlinked{named});
    one.matching_keys = {digest(1), digest(2)};
    EXPECT_EQ(text(store->matching({digest(1), digest(2)})), text(one) + "\n" + text(two) + "\n");
    EXPECT_TRUE(store->matching({digest(3)}).empty());
    EXPECT_TRUE(store->matching({}).empty());
}

TEST_F(RoundTripTest, MatchingKeysAreReplacedAndGoWithTheirPatient) {
    Unlinked one = unlinked("m1");
    one.matching_keys = {digest(1)};
    Unlinked two = unlinked("m2");
    two.matching_keys = {digest(1)};
    commit(Batch::PutUnlinked{one}, Batch::PutUnlinked{two});
    one.matching_keys = {digest(5)};
    commit(Batch::PutUnlinked{one});
    EXPECT_EQ(text(store->matching({digest(1)})), text(two) + "\n");
    EXPECT_EQ(text(store->matching({digest(5)})), text(one) + "\n");
    commit(Batch::DropUnlinked{"m1"}, Batch::PutLink{link("P2", "m2")});
    EXPECT_TRUE(store->matching({digest(1), digest(5)}).empty());
    EXPECT_EQ(store->counts().unlinked, 0);
    commit(Batch::DropLink{"P2"}, Batch::PutUnlinked{unlinked("m2")});
    EXPECT_TRUE(store->matching({digest(1)}).empty()) << "old keys must not come back to life";
}

TEST_F(RoundTripTest, IntentComesBackUntilItIsDropped) {
    const Intent create = intent("P1");
    const Intent update = intent("P2", Intent::Kind::update);
    commit(Batch::PutIntent{update}, Batch::PutIntent{create});
    EXPECT_EQ(text(store->intents()), text(create) + "\n" + text(update) + "\n");
    EXPECT_EQ(text(known("P2").intent), text(update));
    commit(Batch::PutIntent{intent("P1", Intent::Kind::update)}, Batch::DropIntent{"P2"});
    EXPECT_EQ(text(store->intents()), text(intent("P1", Intent::Kind::update)) + "\n");
}

TEST_F(RoundTripTest, HeldComesBackOldestFirstWithEveryReason) {
    Batch all;
    for (std::int64_t i = 0; i <= static_cast<int>(reconcile::HoldReason::rejected); ++i) {
        Held one = held("record:" + std::to_string(i), 5000 - i);
        one.reason = static_cast<reconcile::HoldReason>(i);
        all.add(Batch::Hold{one});
    }
    store->commit(all);
    const std::vector<Held> found = store->held();
    ASSERT_EQ(found.size(), all.size());
    for (std::size_t i = 0; i < found.size(); ++i)
        EXPECT_EQ(text(found[i]),
                  text(std::get<Batch::Hold>(all.changes()[found.size() - 1 - i]).held));
}

TEST_F(RoundTripTest, HoldReplacesAndReleaseForgets) {
    commit(Batch::Hold{held("P1", 1000)});
    commit(Batch::Hold{held("P1", 2000)});
    EXPECT_EQ(text(known("P1").held), text(held("P1", 2000)));
    EXPECT_EQ(store->counts().held, 1);
    commit(Batch::Release{"P1"});
    EXPECT_FALSE(known("P1").held);
}

TEST_F(RoundTripTest, WhatIsHeldIsCountedByReasonAndByWhetherItIsToDecide) {
    EXPECT_EQ(text(store->waiting()), text(Waiting{}));
    EXPECT_EQ(store->waiting().oldest_to_decide_ms, 0);
    using reconcile::HoldReason;
    const auto hold = [&](const std::string& key, HoldReason reason, std::int64_t at_ms,
                          bool acknowledged = false) {
        Held one = held(key, at_ms);
        one.reason = reason;
        one.acknowledged = acknowledged;
        commit(Batch::Hold{one});
    };
    hold("P1", HoldReason::deceased, 10);
    hold("P2", HoldReason::divergence, 20, true);
    hold("P3", HoldReason::divergence, 40);
    hold("P4", HoldReason::divergence, 30);
    hold("P5", HoldReason::invalid, 50);
    const Waiting waiting = store->waiting();
    EXPECT_EQ(waiting.to_decide, 3);
    EXPECT_EQ(waiting.excluded, 2);
    EXPECT_EQ(waiting.oldest_to_decide_ms, 30);
    EXPECT_EQ(waiting.reasons, (std::map<HoldReason, std::int64_t>{{HoldReason::invalid, 1},
                                                                   {HoldReason::deceased, 1},
                                                                   {HoldReason::divergence, 3}}));
}

TEST_F(RoundTripTest, WhatIsHeldWasLookedAtWhenItWasHeldUnlessItIsSaid) {
    Held one = held("P1", 1000);
    one.looked_at_ms = 0;
    commit(Batch::Hold{one});
    EXPECT_EQ(known("P1").held->looked_at_ms, 1000);
    one.looked_at_ms = 3000;
    one.acknowledged = true;
    commit(Batch::Hold{one});
    EXPECT_EQ(known("P1").held->looked_at_ms, 3000);
    EXPECT_TRUE(known("P1").held->acknowledged);
    commit(Batch::Hold{held("P1", 1000)});
    EXPECT_FALSE(known("P1").held->acknowledged) << "a new hold is to decide again";
}

TEST_F(RoundTripTest, WhatOtherSourcesShowedIsKeptAsLongAsAnOperatorLeavesIt) {
    Held one = held("P1", 1000);
    one.acknowledged = true;
    one.others["other"] = Digest{1, 2};
    one.others["third"] = Digest{3};
    commit(Batch::Hold{one});
    EXPECT_EQ(known("P1").held->others, one.others);
    one.others.erase("third");
    commit(Batch::Hold{one});
    EXPECT_EQ(known("P1").held->others, one.others);
    one.acknowledged = false;
    commit(Batch::Hold{one});
    one.acknowledged = true;
    one.others.clear();
    commit(Batch::Hold{one});
    EXPECT_TRUE(known("P1").held->others.empty());
    one.others["other"] = Digest{1};
    commit(Batch::Hold{one}, Batch::Release{"P1"});
    one.others.clear();
    commit(Batch::Hold{one});
    EXPECT_TRUE(known("P1").held->others.empty());
}

TEST_F(RoundTripTest, TombstonesAreFoundByTheMedicappPatient) {
    commit(Batch::PutTombstone{{"P1", "m1"}}, Batch::PutTombstone{{"P2", "m2"}},
           Batch::PutTombstone{{"P3", "m1"}});
    const auto found = store->tombstones_of({"m1", "m9"});
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].external_id, "P1");
    EXPECT_EQ(found[1].external_id, "P3");
    EXPECT_TRUE(store->tombstones_of({}).empty());
}

TEST_F(RoundTripTest, ADecisionComesBackUntilItIsDropped) {
    OperatorDecision bare;
    bare.external_id = "P2";
    commit(Batch::PutDecision{decision("P1", 2000)}, Batch::PutDecision{bare});
    EXPECT_EQ(text(known("P1").decision), text(decision("P1", 2000)));
    EXPECT_EQ(text(known("P2").decision), text(bare));
    EXPECT_FALSE(known("P3").decision);
    EXPECT_EQ(text(store->decisions()), text(bare) + "\n" + text(decision("P1", 2000)) + "\n");
    commit(Batch::PutDecision{decision("P1", 3000)}, Batch::DropDecision{"P2"});
    EXPECT_EQ(text(store->decisions()), text(decision("P1", 3000)) + "\n");
    commit(Batch::DropDecision{"P1"}, Batch::DropDecision{"P1"});
    EXPECT_TRUE(store->decisions().empty());
}

TEST_F(RoundTripTest, EveryKindOfDecisionComesBack) {
    for (const char* word : {"retry", "link", "create", "update", "ignore"}) {
        const auto kind = decision_named(word);
        ASSERT_TRUE(kind) << word;
        EXPECT_EQ(name(*kind), word);
        OperatorDecision one = decision("P1");
        one.kind = *kind;
        commit(Batch::PutDecision{one});
        EXPECT_EQ(known("P1").decision->kind, *kind);
    }
    EXPECT_FALSE(decision_named("merge"));
}

TEST_F(RoundTripTest, TombstonesAndRedirectsAreKept) {
    commit(Batch::PutTombstone{{"P1", "m1"}}, Batch::PutRedirect{"P2", "P3"});
    EXPECT_EQ(text(known("P1").tombstone), text(Tombstone{"P1", "m1"}));
    EXPECT_EQ(known("P2").redirect, "P3");
    EXPECT_EQ(known("P3").redirect, "");
    EXPECT_FALSE(known("P2").merged_at);
    const Instant said{std::chrono::milliseconds(1'764'000'000'123)};
    commit(Batch::DropTombstone{"P1"}, Batch::PutRedirect{"P2", "P4", said});
    EXPECT_FALSE(known("P1").tombstone);
    EXPECT_EQ(known("P2").redirect, "P4");
    EXPECT_EQ(known("P2").merged_at, said);
    commit(Batch::PutRedirect{"P2", ""});
    EXPECT_EQ(known("P2").redirect, "");
}

TEST_F(RoundTripTest, RelatedNumbersAreFoundOverAnyNumberOfSteps) {
    commit(Batch::PutPrior{"P2", "P1"}, Batch::PutPrior{"P3", "P2"}, Batch::PutPrior{"P3", "P2"},
           Batch::PutPrior{"P9", "P8"});
    EXPECT_THAT(store->related("P1"), testing::UnorderedElementsAre("P2", "P3"));
    EXPECT_THAT(store->related("P2"), testing::UnorderedElementsAre("P1", "P3"));
    EXPECT_THAT(store->related("P4"), testing::IsEmpty());
    EXPECT_TRUE(known("P1").related);
    EXPECT_TRUE(known("P3").related);
    EXPECT_FALSE(known("P4").related);
}

TEST_F(RoundTripTest, ARedirectRelatesForEver) {
    Batch batch;
    batch.put_redirect("P1", "P2");
    batch.put_redirect("P1", "P3");
    batch.drop_redirect("P1");
    store->commit(batch);
    EXPECT_THAT(store->related("P1"), testing::UnorderedElementsAre("P2", "P3"));
}

TEST_F(RoundTripTest, WhatWasTakenIsKeptBySourceUntilTheLinkIsDropped) {
    commit(Batch::PutLink{link("P1", "m1")}, Batch::PutTaken{{"P1", "adt", digest(1)}},
           Batch::PutTaken{{"P1", "view", digest(2)}}, Batch::PutTaken{{"P2", "view", digest(3)}});
    commit(Batch::PutTaken{{"P1", "adt", digest(4)}});
    using Taken = std::map<std::string, Digest>;
    EXPECT_EQ(known("P1").taken, (Taken{{"adt", digest(4)}, {"view", digest(2)}}));
    commit(Batch::DropLink{"P1"}, Batch::Forget{"P2"});
    EXPECT_TRUE(known("P1").taken.empty());
    EXPECT_TRUE(known("P2").taken.empty());
}

TEST_F(RoundTripTest, WhomAPersonToldApartIsKeptUntilThePatientIsForgotten) {
    commit(Batch::TellApart{{"P1", digest(1)}}, Batch::TellApart{{"P1", digest(2)}},
           Batch::TellApart{{"P1", digest(1)}}, Batch::TellApart{{"P2", digest(3)}});
    EXPECT_EQ(known("P1").told_apart, (std::set<Digest>{digest(1), digest(2)}));
    EXPECT_TRUE(known("P3").told_apart.empty());
    commit(Batch::Forget{"P1"});
    EXPECT_TRUE(known("P1").told_apart.empty());
    EXPECT_EQ(known("P2").told_apart, (std::set<Digest>{digest(3)}));
}

TEST_F(RoundTripTest, WhatWasToldApartIsWithdrawnOfOnePatient) {
    commit(Batch::TellApart{{"P1", digest(1)}}, Batch::TellApart{{"P2", digest(3)}});
    commit(Batch::WithdrawApart{"P1"}, Batch::TellApart{{"P1", digest(2)}});
    EXPECT_EQ(known("P1").told_apart, (std::set<Digest>{digest(2)}));
    commit(Batch::TellApart{{"P1", digest(4)}}, Batch::WithdrawApart{"P1"});
    EXPECT_TRUE(known("P1").told_apart.empty());
    EXPECT_EQ(known("P2").told_apart, (std::set<Digest>{digest(3)}));
}

TEST_F(RoundTripTest, WhatWasTakenGoesOnUnderAnotherExternalId) {
    commit(Batch::PutTaken{{"P1", "adt", digest(1)}}, Batch::PutTaken{{"P2", "adt", digest(2)}},
           Batch::PutTaken{{"P2", "view", digest(3)}});
    commit(Batch::MoveTaken{"P1", "P2"}, Batch::MoveTaken{"nobody", "P2"});
    using Taken = std::map<std::string, Digest>;
    EXPECT_TRUE(known("P1").taken.empty());
    EXPECT_EQ(known("P2").taken, (Taken{{"adt", digest(1)}, {"view", digest(3)}}));
}

TEST_F(RoundTripTest, WatermarkComesBackForItsSideOnly) {
    Watermark empty;
    empty.side = "his:dpi";
    commit(Batch::PutWatermark{watermark("medicapp")});
    EXPECT_EQ(text(store->watermark("medicapp")), text(watermark("medicapp")));
    EXPECT_EQ(text(store->watermark("his:dpi")), text(empty));
    empty.side = "medicapp";
    commit(Batch::PutWatermark{empty});
    EXPECT_EQ(text(store->watermark("medicapp")), text(empty));
}

TEST_F(RoundTripTest, MetaComesBackAndAnEmptyValueIsNone) {
    commit(Batch::PutMeta{"mapping", "abc"});
    EXPECT_EQ(store->meta("mapping"), "abc");
    EXPECT_EQ(store->meta("other"), "");
    commit(Batch::PutMeta{"mapping", ""});
    EXPECT_EQ(store->meta("mapping"), "");
}

TEST_F(RoundTripTest, AuditIsToldNewestFirst) {
    commit(Batch::Audit{audit_entry("P1", 10)}, Batch::Audit{audit_entry("P2", 10)});
    commit(Batch::Audit{audit_entry("P3", 5)});
    EXPECT_EQ(text(store->audit({.limit = 2})),
              text(audit_entry("P3", 5)) + "\n" + text(audit_entry("P2", 10)) + "\n");
    EXPECT_EQ(store->audit({.limit = 100}).size(), 3U);
    EXPECT_TRUE(store->audit({.limit = 0}).empty());
}

TEST_F(RoundTripTest, AnAuditEntryWithoutTimeGetsTheMachines) {
    const std::int64_t before = std::int64_t{std::time(nullptr)} * 1000;
    commit(Batch::Audit{audit_entry("P1", 0)});
    EXPECT_GE(store->audit({.limit = 1}).front().at_ms, before);
}

TEST_F(RoundTripTest, DroppingWhatIsNotThereIsNoError) {
    commit(Batch::DropLink{"x"}, Batch::DropUnlinked{"x"}, Batch::DropIntent{"x"},
           Batch::Release{"x"}, Batch::DropTombstone{"x"});
    EXPECT_EQ(text(store->counts()), text(Counts{}));
}

TEST_F(RoundTripTest, ChangesApplyInTheOrderGiven) {
    commit(Batch::PutLink{link("P1", "m1")}, Batch::DropLink{"P1"}, Batch::Release{"P2"},
           Batch::Hold{held("P2")});
    EXPECT_FALSE(known("P1").link);
    EXPECT_TRUE(known("P2").held);
}

TEST_F(RoundTripTest, AnEmptyBatchIsNoWork) {
    EXPECT_NO_THROW(store->commit(Batch()));
}

TEST_F(RoundTripTest, EachLinkVisitsAllAndMayUseTheStore) {
    Batch all;
    for (int i = 0; i < 600; ++i)
        all.add(Batch::PutLink{link("P" + std::to_string(i), "m" + std::to_string(i))});
    store->commit(all);
    std::set<std::string> seen;
    store->each_link([&](const Link& one) {
        seen.insert(one.external_id);
        store->commit(batch(Batch::DropLink{one.external_id}));
    });
    EXPECT_EQ(seen.size(), 600U);
    EXPECT_EQ(store->counts().links, 0);
}

TEST_F(RoundTripTest, EachLinkedIdNamesAllAndMayUseTheStore) {
    Batch all;
    std::set<std::string> linked;
    for (int i = 0; i < 600; ++i) {
        // Of each form in which the state keeps them.
        auto id = std::to_string(100 + i);
        id = i % 3 == 0 ? "0d9b7a36-77b0-4c1e-9b7c-5a0f2f6d7" + id : i % 3 == 1 ? "pat_" + id : id;
        all.add(Batch::PutLink{link("P" + std::to_string(i), id)});
        linked.insert(id);
    }
    store->commit(all);
    std::set<std::string> seen;
    store->each_linked_id([&](const std::string& id) {
        EXPECT_TRUE(seen.insert(id).second) << id;
        const auto there = store->links_to({id});
        ASSERT_TRUE(there.front()) << id;
        store->commit(batch(Batch::DropLink{there.front()->external_id}));
    });
    EXPECT_EQ(seen, linked);
    EXPECT_EQ(store->counts().links, 0);
}

TEST_F(RoundTripTest, AVisitorThatThrowsLeavesTheStoreUsable) {
    commit(Batch::PutLink{link("P1", "m1")});
    EXPECT_THROW(store->each_link([](const Link&) { throw std::runtime_error("enough"); }),
                 std::runtime_error);
    commit(Batch::DropLink{"P1"});
    EXPECT_EQ(store->counts().links, 0);
}

TEST_F(RoundTripTest, CountsCountEachKind) {
    commit(Batch::PutLink{link("P1", "m1")}, Batch::PutUnlinked{unlinked("m2")},
           Batch::PutUnlinked{unlinked("m3")}, Batch::Hold{held("P4")},
           Batch::PutIntent{intent("P5")}, Batch::PutTombstone{{"P6", "m6"}});
    EXPECT_EQ(text(store->counts()), text(Counts{1, 2, 1, 1, 1}));
}

} // namespace
} // namespace medibridge::state::test
