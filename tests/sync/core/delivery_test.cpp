#include "rig.hpp"

#include "sync/core/decision_table.hpp"
#include "sync/core/delivery.hpp"
#include "sync/core/views.hpp"

#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <ostream>
#include <vector>

namespace medibridge::tests {
namespace {

using connectors::ApiError;
using connectors::Failure;
using sync::Delivery;
using sync::Effects;
using sync::Item;

const char* const old_phone = "+33611111111";
const char* const new_phone = "+33622222222";

ApiError error(Failure failure, int status, std::string message = {}) {
    ApiError what(failure);
    what.status = status;
    what.message = std::move(message);
    return what;
}

/// What Medicapp may answer, by the names that the tables use.
Delivery::Answer answer(const std::string& word) {
    static const std::map<std::string, ApiError> errors{
        {"400", error(Failure::rejected, 400)},
        {"400 phone", error(Failure::rejected, 400, "phone is not valid")},
        {"405", error(Failure::rejected, 405)},
        {"451", error(Failure::rejected, 451, "phone")},
        {"401", error(Failure::unauthorized, 401)},
        {"403 alone", error(Failure::refused, 403)},
        {"404", error(Failure::not_found, 404)},
        {"409", error(Failure::conflict, 409)},
        {"429", error(Failure::unavailable, 429)},
        {"lost", error(Failure::unknown, 0)},
        {"500", error(Failure::unknown, 500)},
        {"503", error(Failure::unknown, 503)},
        {"cut off", error(Failure::cancelled, 0)},
    };
    if (word == "taken") return Rig::patient(new_phone);
    if (word == "as before") return Rig::patient(old_phone);
    if (word == "empty") { // 200 without a body
        connectors::MedicappPatient nobody;
        nobody.id = "m1";
        return nobody;
    }
    if (word == "not linked") {
        auto patient = Rig::patient(old_phone);
        patient.patient.set_external_id({});
        return patient;
    }
    return std::unexpected(errors.at(word));
}

void append(std::string& text, const std::string& word) {
    text += (text.empty() ? "" : ", ") + word;
}

bool drops_intent(const Effects& effects) {
    for (const auto& change : effects.changes.changes())
        if (std::holds_alternative<state::Batch::DropIntent>(change)) return true;
    return false;
}

/// What follows, in words.
std::string told(const Effects& effects) {
    std::string text;
    for (const auto& event : effects.events)
        if (event.type().name == "field.dropped") append(text, "a field dropped");
    for (const auto& deed : effects.deeds)
        append(text, std::string(name(deed.action)) +
                         (deed.action == sync::Action::held ? " " + deed.detail : ""));
    if (effects.notice.refused) append(text, "this patient refused");
    if (effects.notice.halt) append(text, "halt");
    if (!effects.notice.left.empty()) append(text, "something left");
    if (effects.counts.deferred > 0) append(text, "deferred");
    if (!drops_intent(effects)) append(text, "intent stays");
    return text;
}

std::string told(const Delivery::Step& step) {
    if (const auto* send = std::get_if<Delivery::Send>(&step))
        return std::string(send->request.index() == 0 ? "POST" : "PUT") +
               (send->probe ? " less" : "");
    if (std::get_if<Delivery::Look>(&step)) return "GET";
    if (std::get_if<Delivery::Keep>(&step)) return "keep";
    if (const auto* park = std::get_if<Delivery::Park>(&step))
        return park->why == sync::UnclearCreates::Why::taken ? "park taken" : "park uncertain";
    return told(std::get<Delivery::Done>(step).effects);
}

/// The steps of one write, told one after the other, with those answers.
std::string course(Rig& rig, Item item, const std::vector<std::string>& answers) {
    Delivery delivery(rig.rules, std::move(item));
    auto step = delivery.start();
    auto text = told(step);
    for (const auto& word : answers) {
        step = word == "kept"      ? delivery.kept()
               : word == "no more" ? delivery.skipped()
                                   : delivery.answered(answer(word));
        text += "; " + told(step);
    }
    return text;
}

/// P1 with another phone, decided.
Item decided(Rig& rig, const std::string& kind) {
    const auto record = Rig::record(new_phone);
    if (kind == "create") {
        auto item = rig.stranger(record);
        item.decision = decide(rig.rules, item, {});
        return item;
    }
    if (kind == "update") {
        auto item = rig.linked(record);
        item.decision = decide(rig.rules, item, {});
        return item;
    }
    auto item = rig.stranger(record);
    auto holder = Rig::patient(old_phone);
    holder.patient.set_external_id({});
    holder.patient[reconcile::Field::phone] = {};
    item.decision = decide_adoption(rig.rules, item, std::nullopt, holder);
    item.detail = std::make_shared<const connectors::MedicappPatient>(holder);
    return item;
}

/// A row: what is written, what Medicapp answers in turn, and the course that follows.
struct Course {
    const char* kind;
    std::vector<std::string> answers;
    const char* course;
};

std::ostream& operator<<(std::ostream& out, const Course& one) {
    out << one.kind;
    for (const auto& word : one.answers)
        out << ", " << word;
    return out;
}

TEST(DeliveryTest, EachAnswerToEachKindOfWriteHasItsCourse) {
    const Course courses[] = {
        {"create", {"taken"}, "POST; created"},
        {"create", {"400 phone", "taken"}, "POST; POST less; a field dropped, created"},
        {"create", {"400", "taken"}, "POST; POST less; a field dropped, created"},
        {"create", {"400", "400"}, "POST; POST less; held rejected: HTTP 400"},
        {"create", {"400", "no more"}, "POST; POST less; something left, deferred"},
        {"create", {"400 phone", "no more"}, "POST; POST less; something left, deferred"},
        {"create", {"405"}, "POST; held rejected: HTTP 405"},
        {"create", {"401"}, "POST; halt, deferred"},
        {"create", {"403 alone"}, "POST; this patient refused"},
        {"create", {"404"}, "POST; this patient refused"},
        {"create", {"409"}, "POST; park taken"},
        {"create", {"429"}, "POST; halt, deferred"},
        {"create", {"lost"}, "POST; park uncertain"},
        {"create", {"500"}, "POST; park uncertain"},
        {"create", {"cut off"}, "POST; halt, deferred, intent stays"},

        {"update", {"taken"}, "PUT; updated"},
        {"update", {"as before"}, "PUT; held rejected (phone): Medicapp kept its own value"},
        {"update", {"400"}, "PUT; held rejected: HTTP 400"},
        {"update", {"400 phone", "as before"}, "PUT; PUT less; a field dropped"},
        {"update", {"405"}, "PUT; held rejected: HTTP 405"},
        {"update", {"451"}, "PUT; held rejected: HTTP 451"},
        {"update", {"401"}, "PUT; halt, deferred"},
        {"update", {"403 alone"}, "PUT; this patient refused"},
        {"update", {"404", "404"}, "PUT; GET; held erased_in_medicapp"},
        {"update", {"404", "as before"}, "PUT; GET; something left, deferred, intent stays"},
        {"update", {"404", "500"}, "PUT; GET; this patient refused, intent stays"},
        {"update", {"409"}, "PUT; held external_id_taken (externalId)"},
        {"update", {"429"}, "PUT; halt, deferred"},
        {"update", {"lost", "taken"}, "PUT; GET; updated"},
        {"update", {"lost", "as before", "taken"}, "PUT; GET; PUT; updated"},
        {"update",
         {"lost", "as before", "lost", "as before", "lost"},
         "PUT; GET; PUT; GET; PUT; this patient refused, intent stays"},
        {"update", {"lost", "429"}, "PUT; GET; halt, something left, deferred, intent stays"},
        {"update", {"500", "500"}, "PUT; GET; this patient refused, intent stays"},
        {"update",
         {"503", "as before", "503", "as before", "503"},
         "PUT; GET; PUT; GET; PUT; this patient refused, intent stays"},
        {"update", {"empty", "taken"}, "PUT; GET; updated"},
        {"update", {"empty", "as before", "taken"}, "PUT; GET; PUT; updated"},
        {"update",
         {"empty", "as before", "empty", "as before", "empty", "as before"},
         "PUT; GET; PUT; GET; PUT; GET; held rejected (phone): Medicapp kept its own value"},
        {"update", {"cut off"}, "PUT; halt, deferred, intent stays"},

        {"adopt", {"taken"}, "PUT; updated, linked"},
        {"adopt", {"400", "400"}, "PUT; PUT less; held rejected: HTTP 400"},
        {"adopt", {"400 phone", "taken"}, "PUT; PUT less; a field dropped, linked"},
        {"adopt", {"401"}, "PUT; halt, deferred"},
        {"adopt", {"403 alone"}, "PUT; this patient refused"},
        {"adopt", {"404", "404"}, "PUT; GET; held erased_in_medicapp"},
        {"adopt", {"409"}, "PUT; held external_id_taken (externalId)"},
        {"adopt", {"429"}, "PUT; halt, deferred"},
        {"adopt", {"lost", "taken"}, "PUT; GET; updated, linked"},
        {"adopt", {"500", "500"}, "PUT; GET; this patient refused, intent stays"},
        {"adopt",
         {"400 phone", "empty", "as before"},
         "PUT; PUT less; GET; a field dropped, linked"},
        {"adopt",
         {"400 phone", "empty", "not linked", "taken"},
         "PUT; PUT less; GET; PUT; updated, linked"},
        {"adopt", {"cut off"}, "PUT; halt, deferred, intent stays"},
    };
    for (const auto& one : courses) {
        Rig rig;
        EXPECT_EQ(course(rig, decided(rig, one.kind), one.answers), one.course) << one;
    }
}

TEST(DeliveryTest, WhoWasErasedIsCreatedAgainOnceThatIsDurable) {
    Rig rig;
    rig.settings.policy.on_erased = reconcile::OnErased::recreate;
    EXPECT_EQ(course(rig, decided(rig, "update"), {"404", "404", "kept", "taken"}),
              "PUT; GET; keep; POST; created");
    EXPECT_EQ(course(rig, decided(rig, "update"), {"404", "404", "kept", "409"}),
              "PUT; GET; keep; POST; park taken");
}

TEST(DeliveryTest, WhatWasNotSentIsForTheNextCycle) {
    Rig rig;
    EXPECT_EQ(told(Delivery(rig.rules, decided(rig, "update")).not_sent()), "deferred");
}

TEST(DeliveryTest, TheIntentHoldsWhatIsSentAndNothingElse) {
    Rig rig;
    const auto item = decided(rig, "update");
    const auto intent = intent_of(item);
    EXPECT_EQ(intent.kind, state::Intent::Kind::update);
    EXPECT_EQ(intent.medicapp_id, "m1");
    for (const auto field : reconcile::all_fields())
        EXPECT_EQ(sync::is_unknown(sync::of(intent.sent, field)), field != reconcile::Field::phone);
}

TEST(UnclearCreatesTest, ANewRecordOfAWaitingPatientTakesTheOldOnesPlace) {
    Rig rig;
    sync::UnclearCreates unclear;
    unclear.park(decided(rig, "create"), sync::UnclearCreates::Why::taken);
    auto newer = Rig::record("+33633333333");
    EXPECT_TRUE(unclear.take_in("other", newer));
    auto somebody_else = Rig::record();
    somebody_else.patient.set_external_id("P2");
    EXPECT_FALSE(unclear.take_in("other", somebody_else));
    const auto waiting = unclear.remove_taken();
    ASSERT_EQ(waiting.size(), 1u);
    EXPECT_EQ(waiting[0].source, "other");
    EXPECT_EQ(waiting[0].record.patient[reconcile::Field::phone].text(), "+33633333333");
}

TEST(UnclearCreatesTest, WhatIsLeftWaitsForTheNextCycle) {
    Rig rig;
    sync::UnclearCreates unclear;
    auto refused = decided(rig, "create");
    refused.failure = error(Failure::unknown, 500);
    unclear.park(std::move(refused), sync::UnclearCreates::Why::uncertain);
    unclear.park(decided(rig, "create"), sync::UnclearCreates::Why::taken);
    EXPECT_EQ(unclear.remove_refused(rig.rules).size(), 1u);
    EXPECT_EQ(told(unclear.remove_all()), "something left, deferred, intent stays");
    EXPECT_EQ(unclear.size(), 0u);
}

} // namespace
} // namespace medibridge::tests
