#include "world.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::HoldReason;
using sync::DecisionKind;
using testing::HasSubstr;
using testing::IsEmpty;
using Call = ModelMedicapp::Call;

/// Everybody is linked, and P1 has become somebody else in the HIS.
void hold_divergence(World& world) {
    world.fill_his(3);
    world.run();
    world.medicapp.writes.clear();
    world.his.edit("P1", Field::last_name, "Autrement");
    world.his.edit("P1", Field::birth_date, "1999-09-09");
    world.run();
    ASSERT_EQ(world.held().size(), 1u);
    ASSERT_EQ(world.held().front().reason, HoldReason::divergence);
}

/// Medicapp has P1 without an externalId. Their id there.
std::string hold_duplicate(World& world) {
    world.fill_his(2);
    auto same = world.his.at("P1").patient;
    same.set_external_id("");
    const auto id = world.medicapp.add(same);
    world.run();
    world.medicapp.writes.clear();
    EXPECT_EQ(world.held().size(), 1u);
    EXPECT_EQ(world.held().front().reason, HoldReason::possible_duplicate);
    return id;
}

std::vector<state::AuditEntry> audit_of(World& world, const std::string& external_id) {
    state::AuditQuery query;
    query.external_id = external_id;
    query.after_id = 0;
    return world.state().audit(query);
}

/// P1 was erased in Medicapp.
void hold_erased(World& world) {
    world.fill_his(2);
    world.run();
    world.medicapp.patients.erase(world.medicapp.find("P1")->id);
    sync::Request full;
    full.full = true;
    world.run(full);
    ASSERT_EQ(world.held().size(), 1u);
    ASSERT_EQ(world.held().front().reason, HoldReason::erased_in_medicapp);
}

/// And no source shows them.
void hold_erased_and_unknown(World& world) {
    hold_erased(world);
    std::erase_if(world.his.records,
                  [](const auto& record) { return record.patient.external_id() == "P1"; });
}

TEST(Decision, ThatNeedsARecordIsNotOfferedWhereNoneIsShown) {
    World world;
    hold_erased_and_unknown(world);
    const auto shown = world.look("P1");
    EXPECT_THAT(sync::decisions_on(shown), testing::Not(testing::Contains(DecisionKind::create)));
    ASSERT_EQ(shown.refused.size(), 1u);
    EXPECT_EQ(shown.refused.front().refused, "no source shows the patient's record now");
}

TEST(Decision, WaitsForTheRecordWhereASourceIsSentTo) {
    World world;
    world.his.is_inbox = true;
    hold_erased_and_unknown(world);
    // Nobody knows any more whose record it was, as of who was erased before they were linked.
    auto held = world.held().front();
    held.source.clear();
    state::Batch batch;
    batch.hold(held);
    world.state().commit(batch);
    world.look_and_decide("P1", DecisionKind::create);
    EXPECT_EQ(world.state().decisions().size(), 1u);
}

TEST(Decision, OfAChangeThatIsRightWritesItAndConfirmsTheIdentity) {
    World world;
    hold_divergence(world);
    world.look_and_decide("P1", DecisionKind::update);
    const auto report = world.run();
    EXPECT_EQ(report.updated, 1);
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_THAT(world.state().decisions(), IsEmpty());
    EXPECT_EQ(text(*world.medicapp.find("P1"), Field::last_name), "Autrement");
    // Another such change counts against the identity that was confirmed now.
    world.his.edit("P1", Field::first_name, "Zoé");
    world.run();
    EXPECT_EQ(world.held().size(), 1u);
    const auto lines = audit_of(world, "P1");
    const auto updated = std::ranges::find(lines, "updated", &state::AuditEntry::action);
    ASSERT_NE(updated, lines.end());
    EXPECT_EQ(updated->actor.name, "anne");
}

TEST(Decision, ToLinkMakesNoSecondPatient) {
    World world;
    const auto id = hold_duplicate(world);
    world.look_and_decide("P1", DecisionKind::link, id);
    const auto report = world.run();
    EXPECT_EQ(report.linked, 1);
    ASSERT_NE(world.medicapp.find("P1"), nullptr);
    EXPECT_EQ(world.medicapp.find("P1")->id, id);
    EXPECT_EQ(world.medicapp.count(Call::create), 1) << "P2 alone";
    EXPECT_THAT(world.held(), IsEmpty());
}

TEST(Decision, ToLinkTwoToOneIsRefusedForWhatItIs) {
    World world;
    const auto id = hold_duplicate(world);
    auto again = world.his.at("P1");
    again.patient.set_external_id("P9");
    world.his.records.push_back(again);
    world.run();
    world.look_and_decide("P1", DecisionKind::link, id);
    world.look_and_decide("P9", DecisionKind::link, id);
    EXPECT_EQ(world.run().linked, 1);
    const auto& linked = world.medicapp.patients.at(id).patient.external_id();
    const auto lines = audit_of(world, linked == "P1" ? "P9" : "P1");
    const auto refused = std::ranges::find(lines, "decision_refused", &state::AuditEntry::action);
    ASSERT_NE(refused, lines.end());
    EXPECT_THAT(refused->detail, HasSubstr("another patient was linked to that"));
}

TEST(Decision, ToCreateMakesASecondPatientOnce) {
    World world;
    hold_duplicate(world);
    world.look_and_decide("P1", DecisionKind::create);
    EXPECT_EQ(world.run().created, 1);
    EXPECT_EQ(world.medicapp.patients.size(), 3u);
    EXPECT_THAT(world.held(), IsEmpty());
    world.let_settle();
    world.medicapp.writes.clear();
    world.run();
    sync::Request full;
    full.full = true;
    world.run(full);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

TEST(Decision, ToBringBackWhoWasErased) {
    World world;
    hold_erased(world);
    sync::Request full;
    full.full = true;
    world.look_and_decide("P1", DecisionKind::create);
    EXPECT_EQ(world.run().created, 1);
    EXPECT_THAT(world.held(), IsEmpty());
    world.run(full);
    EXPECT_THAT(world.held(), IsEmpty());
}

/// A source that is sent to cannot be asked, and what it had sent was wiped with the erasure.
class ErasedOfAnInbox : public testing::Test {
  protected:
    ErasedOfAnInbox() {
        world.his.is_inbox = true;
        world.fill_his(2);
        world.run();
        message = world.his.at("P1");
        world.medicapp.patients.erase(world.medicapp.find("P1")->id);
        whole.full = true;
        world.run(whole);
        std::erase_if(world.his.records,
                      [](const auto& record) { return record.patient.external_id() == "P1"; });
        world.medicapp.writes.clear();
        world.look_and_decide("P1", DecisionKind::create);
        world.run();
        world.run(whole);
    }
    void send() {
        world.his.records.push_back(message);
        world.his.edit("P1", Field::phone, new_phone);
        world.run();
    }

    World world;
    reconcile::SourceRecord message;
    sync::Request whole;
};

TEST_F(ErasedOfAnInbox, AreCreatedWhenTheyAreSentAgain) {
    EXPECT_EQ(world.log.count("decision.refused"), 0);
    ASSERT_EQ(world.state().decisions().size(), 1u);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    world.restart();
    send();
    ASSERT_NE(world.medicapp.find("P1"), nullptr);
    EXPECT_THAT(world.held(), IsEmpty());
    EXPECT_THAT(world.state().decisions(), IsEmpty());
    EXPECT_EQ(world.log.count("decision.applied"), 1);
}

TEST_F(ErasedOfAnInbox, AreNotIfTheOperatorTakesThatBack) {
    world.look_and_decide("P1", DecisionKind::ignore);
    EXPECT_THAT(world.state().decisions(), IsEmpty());
    send();
    EXPECT_EQ(world.medicapp.find("P1"), nullptr);
    EXPECT_EQ(world.held().front().reason, HoldReason::erased_in_medicapp);
}

TEST_F(ErasedOfAnInbox, AreLookedAtAgainWhereSomebodyThereLooksLikeThem) {
    auto same = message.patient;
    same.set_external_id("");
    world.medicapp.add(same);
    send();
    EXPECT_EQ(world.medicapp.find("P1"), nullptr);
    EXPECT_EQ(world.held().front().reason, HoldReason::possible_duplicate);
}

/// What operators heard of their decisions.
class Hearing final : public sync::Observer {
  public:
    void concluded(const sync::Conclusion& conclusion) override { all.push_back(conclusion); }
    std::vector<sync::Conclusion> all;
};

TEST(Decision, IsConcludedOnceWhereOtherSourcesAreAskedAfterIt) {
    World world;
    Hearing hearing;
    ModelSource other{"other"};
    world.sources.push_back(&other);
    world.observer = &hearing;
    world.restart();
    hold_divergence(world);
    world.look_and_decide("P1", DecisionKind::update);
    EXPECT_EQ(world.run().updated, 1);
    ASSERT_EQ(hearing.all.size(), 1u);
    EXPECT_TRUE(hearing.all[0].applied);
    EXPECT_EQ(world.log.count("decision.refused"), 0);
}

/// A slip of the id: the token stands for what was shown, and that patient was not.
TEST(Decision, ToLinkToAStrangerWhoWasNotShownIsRefused) {
    World world;
    hold_duplicate(world);
    reconcile::Patient stranger;
    stranger[Field::last_name] = reconcile::FieldValue::known("SEUL");
    stranger[Field::first_name] = reconcile::FieldValue::known("Max");
    stranger[Field::birth_date] = reconcile::FieldValue::known("1991-01-01");
    sync::Order order;
    order.key = "P1";
    order.kind = DecisionKind::link;
    order.medicapp_id = world.medicapp.add(stranger);
    order.token = reconcile::hex(world.look("P1").token);
    EXPECT_THAT(world.decide(order), testing::HasSubstr("not among those shown"));
    world.run();
    EXPECT_EQ(world.held().size(), 1u);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

TEST(Decision, ThatIsRefusedLeavesThePatientHeldWhateverTheRulesSayOfTheNewRecord) {
    World world;
    const auto id = hold_duplicate(world);
    world.look_and_decide("P1", DecisionKind::link, id);
    world.his.edit("P1", Field::birth_date, "1961-07-08"); // nobody's look-alike any more
    world.run();
    EXPECT_EQ(world.log.count("decision.refused"), 1);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    ASSERT_EQ(world.held().size(), 1u);
    EXPECT_EQ(world.held().front().reason, HoldReason::possible_duplicate);
    world.run();
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

TEST(Decision, IsRefusedToWhoeverDidNotSeeWhatAColleagueDecided) {
    World world;
    hold_duplicate(world);
    sync::Order create;
    create.key = "P1";
    create.kind = DecisionKind::create;
    create.token = reconcile::hex(world.look("P1").token);
    world.look_and_decide("P1", DecisionKind::ignore);
    EXPECT_NE(world.decide(create), "");
    create.token = reconcile::hex(world.look("P1").token);
    EXPECT_EQ(world.decide(create), "");
}

TEST(Decision, IsNotJudgedWhileASideCannotBeRead) {
    World world;
    hold_divergence(world);
    sync::Order order;
    order.key = "P1";
    order.kind = DecisionKind::update;
    order.token = reconcile::hex(world.look("P1").token);
    world.his.broken = connectors::SourceError(connectors::SourceError::Kind::unavailable, "down");
    EXPECT_THROW(world.decide(order), sync::SideUnreadable);
    order.kind = DecisionKind::ignore;
    order.token.clear();
    EXPECT_EQ(world.decide(order), "") << "to leave somebody alone needs no side";
}

TEST(Decision, IsRefusedWhereTheRecordChangesBeforeTheCycle) {
    World world;
    hold_divergence(world);
    world.look_and_decide("P1", DecisionKind::update);
    world.his.edit("P1", Field::first_name, "Zoé");
    world.run();
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    EXPECT_EQ(world.held().size(), 1u);
    EXPECT_THAT(world.state().decisions(), IsEmpty());
    EXPECT_EQ(world.log.count("decision.refused"), 1);
}

TEST(Decision, IsRefusedWhereMedicappChangesBeforeTheCycle) {
    World world;
    hold_divergence(world);
    world.look_and_decide("P1", DecisionKind::update);
    world.medicapp.edit(world.medicapp.find("P1")->id, Field::phone, new_phone);
    world.run();
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
    EXPECT_EQ(world.held().size(), 1u);
    EXPECT_EQ(world.log.count("decision.refused"), 1);
}

TEST(Decision, IsNotTakenOnStaleKnowledge) {
    World world;
    hold_divergence(world);
    sync::Order order;
    order.key = "P1";
    order.kind = DecisionKind::update;
    order.token = reconcile::hex(world.look("P1").token);
    world.his.edit("P1", Field::first_name, "Zoé");
    EXPECT_THAT(world.decide(order), HasSubstr("changed since you looked"));
    EXPECT_THAT(world.state().decisions(), IsEmpty());
}

TEST(Decision, ThatDoesNotFitIsRefused) {
    World world;
    hold_divergence(world);
    sync::Order order;
    order.key = "P1";
    order.kind = DecisionKind::create;
    EXPECT_THAT(world.decide(order), HasSubstr("does not fit"));
    order.key = "P2";
    EXPECT_THAT(world.decide(order), HasSubstr("not held"));
}

TEST(Decision, ToIgnoreEndsWhenTheRecordChanges) {
    World world;
    hold_divergence(world);
    world.look_and_decide("P1", DecisionKind::ignore);
    EXPECT_FALSE(is_to_decide(world.held().front()));
    sync::Request full;
    full.full = true;
    world.run(full);
    EXPECT_FALSE(is_to_decide(world.held().front())) << "the record is the same";
    world.his.edit("P1", Field::phone, new_phone);
    world.run();
    EXPECT_TRUE(is_to_decide(world.held().front()));
}

TEST(Decision, ToRetryLooksAgainAndSaysThatNothingHasChanged) {
    World world;
    hold_divergence(world);
    const auto before = world.held().front().attempts;
    world.look_and_decide("P1", DecisionKind::retry);
    world.run();
    EXPECT_EQ(world.held().front().attempts, before + 1);
    EXPECT_EQ(world.log.count("decision.applied"), 1);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

TEST(Decision, AboutWhomNoSourceShowsIsRefused) {
    World world;
    hold_divergence(world);
    world.look_and_decide("P1", DecisionKind::update);
    std::erase_if(world.his.records, [](const reconcile::SourceRecord& record) {
        return record.patient.external_id() == "P1";
    });
    world.run();
    EXPECT_THAT(world.state().decisions(), IsEmpty());
    EXPECT_EQ(world.log.count("decision.refused"), 1);
    EXPECT_THAT(world.medicapp.writes, IsEmpty());
}

TEST(Decision, SurvivesTheEndOfTheProcessAtEveryStep) {
    for (int step = 1; step < 12; ++step) {
        World world;
        const auto id = hold_duplicate(world);
        world.look_and_decide("P1", DecisionKind::link, id);
        const int before = world.commits;
        world.before_commit = [&](int number) {
            if (number == before + step) throw std::runtime_error("the process ends");
        };
        try {
            world.run();
        } catch (const std::runtime_error&) { // NOLINT: the end of the process
        }
        world.before_commit = nullptr;
        world.restart();
        world.run();
        ASSERT_NE(world.medicapp.find("P1"), nullptr) << "step " << step;
        EXPECT_EQ(world.medicapp.find("P1")->id, id) << "step " << step;
        EXPECT_EQ(world.medicapp.patients.size(), 2u) << "step " << step;
        EXPECT_THAT(world.held(), IsEmpty()) << "step " << step;
        EXPECT_THAT(world.state().decisions(), IsEmpty()) << "step " << step;
    }
}

TEST(Inquiry, ShowsBothSidesAndWhatEachDecisionWouldDo) {
    World world;
    hold_divergence(world);
    const auto seen = world.look("P1");
    ASSERT_NE(seen.record(), nullptr);
    EXPECT_EQ(seen.record()->patient[Field::last_name].text(), "Autrement");
    ASSERT_TRUE(seen.medicapp);
    EXPECT_THAT(text(*seen.medicapp, Field::last_name), HasSubstr("Petit"));
    ASSERT_EQ(seen.previews.size(), 3u);
    EXPECT_EQ(seen.previews[0].decision, DecisionKind::update);
    EXPECT_EQ(seen.previews[0].outcome.plan.write, fields({Field::last_name, Field::birth_date}));
}

TEST(Inquiry, ShowsWhatOfAnAddressIsWithheldAlsoLongAfterItWasLeftOut) {
    World world;
    world.fill_his(1);
    world.his.edit("P1", Field::street, "1 rue Neuve");
    world.his.edit("P1", Field::city, "Lyon");
    world.run();
    EXPECT_TRUE(world.look("P1").withheld.empty());
    auto& record = world.his.records.front();
    record.patient[Field::street] = reconcile::FieldValue();
    world.his.edit("P1", Field::city, "Nantes");
    world.run();
    ASSERT_EQ(text(*world.medicapp.find("P1"), Field::city), "Lyon");
    EXPECT_TRUE(world.look("P1").withheld.has(Field::city));
    world.his.edit("P1", Field::street, "2 rue Vieille");
    world.run();
    ASSERT_EQ(text(*world.medicapp.find("P1"), Field::city), "Nantes");
    EXPECT_TRUE(world.look("P1").withheld.empty());
}

TEST(Inquiry, ShowsWhoMayBeTheSamePerson) {
    World world;
    const auto id = hold_duplicate(world);
    const auto seen = world.look("P1");
    ASSERT_EQ(seen.candidates.size(), 1u);
    EXPECT_EQ(seen.candidates[0].patient.id, id);
    EXPECT_FALSE(seen.medicapp);
}

} // namespace
} // namespace medibridge::tests
