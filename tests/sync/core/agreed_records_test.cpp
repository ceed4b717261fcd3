#include "rig.hpp"

#include "sync/core/agreed_records.hpp"
#include "sync/core/judgement.hpp"
#include "sync/core/views.hpp"

#include <functional>
#include <gtest/gtest.h>
#include <memory>

namespace medibridge::tests {
namespace {

using reconcile::HoldReason;
using reconcile::Instant;
using std::chrono::hours;
using sync::AgreedRecords;
using sync::Item;
using sync::Observations;

/// A survey of P1's record, and what of it is left out when it comes again.
struct Survey {
    Rig rig;
    Observations observations;
    AgreedRecords agreed;
    std::unordered_set<std::string> repeated;

    void decide(Item item) {
        judge_item(rig.rules, item, {});
        agreed.note(rig.rules, observations, item);
    }
    std::int64_t left_out(const reconcile::Assessed& record = Rig::record()) {
        std::vector<reconcile::Assessed> records{record};
        const auto count = agreed.take_out(observations, repeated, records);
        EXPECT_EQ(records.size(), count == 0 ? 1u : 0u);
        return count;
    }
};

TEST(AgreedRecordsTest, WhatComesAgainAsItWasIsLeftOut) {
    Survey survey;
    EXPECT_EQ(survey.left_out(), 0) << "nothing was decided so far";
    survey.decide(survey.rig.linked());
    EXPECT_EQ(survey.left_out(), 1);
}

TEST(AgreedRecordsTest, WhatCallsForSomethingIsDecidedAgain) {
    using Make = std::function<Item(Rig&)>;
    const auto with = [](std::function<void(Item&)> change) -> Make {
        return [change = std::move(change)](Rig& rig) {
            auto item = rig.linked();
            change(item);
            return item;
        };
    };
    const std::pair<const char*, Make> cases[] = {
        {"new", [](Rig& rig) { return rig.stranger(); }},
        {"listed", [](Rig& rig) { return rig.listed(); }},
        {"changed", [](Rig& rig) { return rig.linked(Rig::record("+33622222222")); }},
        {"held", [](Rig& rig) { return rig.held(rig.linked(), HoldReason::divergence); }},
        {"remapped", with([](Item& item) { item.remapped = true; })},
        {"unconfirmed", with([](Item& item) { item.unconfirmed = true; })},
        {"altered", with([](Item& item) { item.known.altered = "held"; })},
        {"merged before", with([](Item& item) { item.known.redirect = "P2"; })},
        {"refused", with([](Item& item) { item.known.refusal.emplace(); })},
        {"unanswered", with([](Item& item) { item.known.intent.emplace(); })},
        {"decided", with([](Item& item) {
             item.known.decision = std::make_shared<const state::OperatorDecision>();
         })},
        {"with a time that is not believed",
         with([](Item& item) { item.record.unbelieved_at = Instant(hours(9)); })},
    };
    for (const auto& [what, make] : cases) {
        Survey survey;
        auto item = make(survey.rig);
        const auto record = item.record;
        survey.decide(std::move(item));
        EXPECT_EQ(survey.left_out(record), 0) << what;
    }
}

TEST(AgreedRecordsTest, WhatComesOtherwiseIsDecided) {
    using Change = std::function<void(reconcile::Assessed&)>;
    const std::pair<const char*, Change> cases[] = {
        {"another value",
         [](auto& record) {
             record.patient[reconcile::Field::phone] = reconcile::FieldValue::known("+33622222222");
         }},
        {"emptied",
         [](auto& record) {
             record.patient[reconcile::Field::phone] = reconcile::FieldValue::cleared();
         }},
        {"another time", [](auto& record) { record.modified_at = Instant(hours(7)); }},
        {"no time", [](auto& record) { record.modified_at.reset(); }},
        {"a time that is not believed",
         [](auto& record) { record.unbelieved_at = Instant(hours(7)); }},
        {"a usual name", [](auto& record) { record.other_last_name = "BERNARD"; }},
        {"a merge", [](auto& record) { record.merged_into = "P2"; }},
        {"a hold",
         [](auto& record) { record.hold = reconcile::SelfHold{HoldReason::deceased, {}}; }},
        {"another patient", [](auto& record) { record.patient.set_external_id("P2"); }},
    };
    Survey survey;
    survey.decide(survey.rig.linked());
    for (const auto& [what, change] : cases) {
        auto record = Rig::record();
        change(record);
        EXPECT_EQ(survey.left_out(record), 0) << what;
    }
}

TEST(AgreedRecordsTest, WhoseStateMayHaveChangedIsDecided) {
    const std::pair<const char*, std::function<void(Survey&)>> cases[] = {
        {"wanted", [](Survey& survey) { survey.observations.want("P1"); }},
        {"wanted of the source", [](Survey& survey) { survey.observations.want_of("his", "P1"); }},
        {"changed in Medicapp", [](Survey& survey) { survey.observations.note_change("P1", {}); }},
        {"shown again", [](Survey& survey) { survey.repeated.insert("P1"); }},
        {"erased", [](Survey& survey) { survey.agreed.except({"P1"}); }},
    };
    for (const auto& [what, change] : cases) {
        Survey survey;
        survey.decide(survey.rig.linked());
        change(survey);
        EXPECT_EQ(survey.left_out(), 0) << what;
    }
}

TEST(AgreedRecordsTest, WhereSeveralSourcesSpeakAllIsDecidedAgain) {
    Survey survey;
    survey.rig.source_names.insert("laboratory");
    survey.decide(survey.rig.linked());
    EXPECT_EQ(survey.left_out(), 0);
}

} // namespace
} // namespace medibridge::tests
