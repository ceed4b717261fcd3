#include "rig.hpp"

#include "control/erasing.hpp"
#include "run_task.hpp"

#include "sync/core/views.hpp"

#include <gmock/gmock.h>

// What an operator sees of one patient, and decides about them.
namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::FieldValue;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

reconcile::Patient ada(const std::string& phone = "+33612345678") {
    reconcile::Patient patient("IPP1");
    patient[Field::last_name] = FieldValue::known("Lovelace");
    patient[Field::first_name] = FieldValue::known("Ada");
    patient[Field::birth_date] = FieldValue::known("1915-12-10");
    patient[Field::phone] = FieldValue::known(phone);
    patient[Field::city] = FieldValue::known("Paris");
    return patient;
}

connectors::MedicappPatient in_medicapp(const reconcile::Patient& patient,
                                        const std::string& id = "m-1") {
    connectors::MedicappPatient it;
    it.id = id;
    it.patient = patient;
    it.shown = reconcile::every_field();
    return it;
}

sync::SourceSight shown(const reconcile::Patient& patient) {
    sync::SourceSight sight;
    sight.source = "dpi";
    sight.record.emplace();
    sight.record->patient = patient;
    return sight;
}

class PatientsTest : public ApiTest {
  protected:
    void hold(reconcile::HoldReason reason) {
        state::Held held;
        held.key = "IPP1";
        held.source = "dpi";
        held.reason = reason;
        held.held_at_ms = backend_.now;
        state::Batch batch;
        batch.hold(held);
        commit(std::move(batch));
    }
    /// With both sides as they are there.
    void link(const reconcile::Patient& patient) {
        reconcile::Assessed record;
        record.patient = patient;
        state::Link link;
        link.external_id = "IPP1";
        link.medicapp_id = "m-1";
        link.source = "dpi";
        link.baselines.his = sync::his_view(record, backend_.digester());
        link.baselines.medicapp = sync::medicapp_view(in_medicapp(patient), "IPP1",
                                                      backend_.digester(), backend_.its.identity);
        state::Batch batch;
        batch.put_link(link);
        commit(std::move(batch));
    }
    Answer decide(const nlohmann::json& body) {
        return post("/held/IPP1/decision", body, "/held/{id}/decision");
    }
};

TEST_F(PatientsTest, AHeldPatientIsShownAsBothSidesHaveThem) {
    hold(reconcile::HoldReason::possible_duplicate);
    auto& sight = backend_.sight;
    sight.sources = {shown(ada())};
    sight.candidates.push_back({in_medicapp(ada("+33600000000")), {}});
    sight.candidates[0].resemblance.agrees.add(Field::last_name);
    sight.differs.add(Field::phone);
    sync::Preview preview;
    preview.decision = sync::DecisionKind::create;
    preview.outcome.kind = sync::Decision::Kind::create;
    sight.previews = {preview};
    const auto json = get("/held/IPP1", "/held/{id}").json;
    EXPECT_EQ(json["reason"], "possible_duplicate");
    EXPECT_EQ(json["his"]["address"]["city"], "Paris");
    EXPECT_EQ(json["candidates"][0]["patient"]["phone"], "+33600000000");
    EXPECT_EQ(json["would_send"]["lastName"], "Lovelace");
    EXPECT_EQ(json["differs"], nlohmann::json::array({"phone"}));
    ASSERT_THAT(audit(), SizeIs(1));
    EXPECT_EQ(audit()[0].action, "looked");
    EXPECT_EQ(audit()[0].external_id, "IPP1");
    expect_error(get("/held/IPP2", "/held/{id}"), 404, "not_found");
    EXPECT_THAT(audit(), SizeIs(1)) << "nothing was seen";
}

TEST_F(PatientsTest, AHoldIsShownWithAllThatIsKnownOfIt) {
    state::Held held;
    held.key = "IPP1";
    held.source = "dpi";
    held.reason = reconcile::HoldReason::rejected;
    held.field = "phone,email";
    held.detail = "INVALID_PHONE";
    held.medicapp_id = "m-1";
    held.request_id = "req_8f14e45fceea167a";
    held.held_at_ms = backend_.now;
    state::Batch batch;
    batch.hold(held);
    commit(std::move(batch));
    auto& sight = backend_.sight;
    sight.sources = {shown(ada())};
    sight.sources[0].record->dropped = {{"email", "is no e-mail address"}};
    reconcile::Assessed other;
    other.patient = ada("+33699999999");
    sight.sources[0].contradicting = {other};
    sight.sources[0].differs.add(Field::phone);
    sight.other = sync::Inquiry::Other{"IPP9", "m-9", in_medicapp(ada(), "m-9"), true};
    sight.previews.push_back({sync::DecisionKind::link, {}, {}, "cannot be told now: no answer"});
    const auto json = get("/held/IPP1", "/held/{id}").json;
    EXPECT_EQ(json["fields"], nlohmann::json::array({"phone", "email"}));
    EXPECT_EQ(get("/patients/IPP1", "/patients/{id}").json["held"]["fields"], json["fields"]);
    EXPECT_EQ(json["detail"], "INVALID_PHONE");
    EXPECT_EQ(json["request_id"], "req_8f14e45fceea167a");
    EXPECT_EQ(json["medicapp_id"], "m-1");
    EXPECT_EQ(json["sources"][0]["dropped"][0]["field"], "email");
    EXPECT_EQ(json["sources"][0]["contradicting"][0]["phone"], "+33699999999");
    EXPECT_EQ(json["sources"][0]["differs"], nlohmann::json::array({"phone"}));
    EXPECT_EQ(json["other"]["is"], "survivor");
    EXPECT_EQ(json["other"]["patient"]["id"], "m-9");
    EXPECT_EQ(json["previews"][0]["effect"], "cannot be told now: no answer");
    EXPECT_EQ(json["previews"][0]["told"], false);
    EXPECT_EQ(json["would_send"], nlohmann::json::object()) << "nobody knows";
}

TEST_F(PatientsTest, ADecisionIsAnsweredInTimeWhereASideDoesNotAnswer) {
    hold(reconcile::HoldReason::possible_duplicate);
    runtime::Signal medicapp_answers(io_.get_executor());
    backend_.cycle_waits_for = &medicapp_answers;
    backend_.decision_patience = std::chrono::milliseconds(1);
    backend_.known.sides[0].up = false;
    const auto answer = decide({{"decision", "retry"}});
    EXPECT_EQ(answer.json["result"], "pending");
    EXPECT_THAT(answer.json["reason"].get<std::string>(), HasSubstr("Medicapp does not answer"));
    EXPECT_THAT(backend_.requests, SizeIs(1)) << "the cycle goes on";
    medicapp_answers.notify();
    io_.restart();
    io_.run();
}

TEST_F(PatientsTest, ADecisionIsTakenAndItsOutcomeTold) {
    hold(reconcile::HoldReason::possible_duplicate);
    backend_.cycle = [](sync::Observer& observer) {
        observer.concluded({"IPP1", "link", true, {}});
        return control::CycleEnd();
    };
    auto answer = decide({{"decision", "link"}, {"medicapp_id", "m-1"}, {"token", "abc"}});
    EXPECT_EQ(answer.json["result"], "applied");
    ASSERT_THAT(backend_.orders, SizeIs(1));
    EXPECT_EQ(backend_.orders[0].medicapp_id, "m-1");
    EXPECT_EQ(backend_.orders[0].token, "abc");
    backend_.cycle = [](sync::Observer& observer) {
        observer.concluded({"IPP1", "create", false, "the record has changed"});
        return control::CycleEnd();
    };
    answer = decide({{"decision", "create"}});
    EXPECT_EQ(answer.json["result"], "refused");
    EXPECT_EQ(answer.json["reason"], "the record has changed");
    // Meanwhile another operator decided otherwise.
    answer = decide({{"decision", "retry"}});
    EXPECT_EQ(answer.json["result"], "refused");
    EXPECT_EQ(answer.json["reason"], "create took its place meanwhile");
    backend_.cycle = [](sync::Observer&) { return control::CycleEnd(); };
    EXPECT_EQ(decide({{"decision", "retry"}}).json["result"], "pending");
    backend_.known.pause = control::Pause();
    EXPECT_THAT(decide({{"decision", "update"}}).json["reason"].get<std::string>(),
                HasSubstr("resume"));
    EXPECT_EQ(decide({{"decision", "ignore"}}).json["result"], "applied");
    backend_.refusal = "look at them again";
    EXPECT_EQ(decide({{"decision", "ignore"}}).json["result"], "refused");
    expect_error(decide({{"decision", "erase"}}), 400, "usage");
    expect_error(decide({{"decision", "link"}}), 400, "usage");
}

TEST_F(PatientsTest, WhySaysWhatWasAgreedAndWhatEachSideSaysNow) {
    link(ada());
    backend_.sight.sources = {shown(ada("+33699999999"))};
    backend_.sight.medicapp = in_medicapp(ada());
    state::Batch batch;
    for (const char* action : {"created", "updated"}) {
        state::AuditEntry entry;
        entry.external_id = "IPP1";
        entry.action = action;
        batch.audit(entry);
    }
    commit(std::move(batch));
    const auto json = get("/patients/IPP1", "/patients/{id}").json;
    EXPECT_EQ(json["linked"], true);
    EXPECT_EQ(json["medicapp_id"], "m-1");
    EXPECT_EQ(json["agreed"]["phone"], "differs");
    EXPECT_EQ(json["agreed"]["lastName"], "same");
    EXPECT_EQ(json["agreed"]["email"], "same") << "empty, as it was";
    EXPECT_EQ(json["pseudonym"], backend_.digester().pseudonym("IPP1"));
    ASSERT_THAT(json["history"], SizeIs(2));
    EXPECT_EQ(json["history"][0]["action"], "updated");
    EXPECT_EQ(audit().front().action, "looked");
}

TEST_F(PatientsTest, WhyTellsOfHoldsMergesAndErasuresToo) {
    hold(reconcile::HoldReason::deceased);
    state::Batch batch;
    batch.put_redirect("IPP1", "IPP2");
    batch.put_tombstone({"IPP1", "m-1"});
    commit(std::move(batch));
    const auto json = get("/patients/IPP1", "/patients/{id}").json;
    EXPECT_EQ(json["held"]["reason"], "deceased");
    EXPECT_EQ(json["merged_into"], "IPP2");
    EXPECT_EQ(json["erased"], "m-1");
    EXPECT_THAT(json["rule"].get<std::string>(), HasSubstr("died"));
    EXPECT_THAT(json["agreed"], IsEmpty());
    expect_error(get("/patients/IPP9", "/patients/{id}"), 404, "not_found");
}

TEST_F(PatientsTest, WhyTellsOfRequestsThatAreRefusedAndWhenTheyBecomeAHold) {
    state::Batch batch;
    batch.put_refusal({"IPP1", 2, false});
    state::AuditEntry line;
    line.external_id = "IPP1";
    line.action = "refused";
    line.detail = "HTTP 403";
    line.request_id = "req-1";
    batch.audit(line);
    commit(std::move(batch));
    backend_.sight.sources = {shown(ada())};
    const auto json = get("/patients/IPP1", "/patients/{id}").json;
    EXPECT_EQ(json["refused"]["cycles"], 2);
    EXPECT_EQ(json["refused"]["held_after"], 3);
    EXPECT_EQ(json["refused"]["others_served"], false);
    EXPECT_EQ(json["refused"]["answer"], "HTTP 403");
    EXPECT_EQ(json["refused"]["request_id"], "req-1");
    EXPECT_THAT(json["rule"].get<std::string>(), HasSubstr("refuses requests about this patient"));
    backend_.known.last_report.emplace();
    const auto later = get("/patients/IPP1", "/patients/{id}").json;
    EXPECT_EQ(later["refused"], nullptr) << "a complete cycle leaves nobody";
}

TEST_F(PatientsTest, WhySaysWhatOfAnAddressIsWithheldAndWhy) {
    link(ada());
    backend_.sight.sources = {shown(ada())};
    backend_.sight.medicapp = in_medicapp(ada());
    EXPECT_EQ(get("/patients/IPP1", "/patients/{id}").json["withheld"], nullptr);
    backend_.sight.withheld.add(Field::city);
    const auto json = get("/patients/IPP1", "/patients/{id}").json;
    EXPECT_EQ(json["agreed"]["address.city"], "withheld");
    EXPECT_EQ(json["agreed"]["lastName"], "same");
    EXPECT_EQ(json["withheld"]["fields"], nlohmann::json::array({"address.city"}));
    EXPECT_THAT(json["withheld"]["reason"].get<std::string>(), HasSubstr("incomplete"));
}

TEST_F(PatientsTest, FindLooksAtBothSidesByWhateverIsKnownOfSomebody) {
    auto listed = ada();
    listed[Field::first_name] = FieldValue::known("Ada Éloïse");
    listed[Field::email] = FieldValue::known("ada@example.org");
    backend_.model_medicapp.patients = {in_medicapp(listed)};
    reconcile::SourceRecord record;
    record.patient = ada();
    backend_.records = {record};
    backend_.look.complete = true;
    const auto found = [&](const std::string& text) {
        const auto json = get("/patients?search=" + text, "/patients").json;
        return json["patients"].size();
    };
    EXPECT_EQ(found("lovelace"), 2u);
    EXPECT_EQ(found("LOVE%20eloise"), 1u);
    EXPECT_EQ(found("ada%201915-12-10"), 2u);
    EXPECT_EQ(found("10/12/1915"), 2u);
    EXPECT_EQ(found("06%2012%2034%2056%2078"), 2u);
    EXPECT_EQ(found("ADA@example"), 1u);
    EXPECT_EQ(found("ipp1"), 2u);
    EXPECT_EQ(found("byron"), 0u);
    for (const auto& line : audit())
        EXPECT_EQ(line.detail, "a search") << "what was looked for is nobody's business";
    expect_error(get("/patients", "/patients"), 400, "usage");
    expect_error(get("/patients?search=+", "/patients"), 400, "usage");
}

TEST_F(PatientsTest, FindSaysWhereItDidNotLookAtAll) {
    for (int i = 0; i < 120; ++i)
        backend_.model_medicapp.patients.push_back(in_medicapp(ada(), "m-" + std::to_string(i)));
    backend_.look.trouble = "it does not answer";
    auto json = get("/patients?search=lovelace", "/patients").json;
    EXPECT_THAT(json["patients"], SizeIs(50));
    EXPECT_EQ(json["sides"][0]["complete"], false);
    EXPECT_EQ(json["sides"][1]["reason"], "it does not answer");
    backend_.model_medicapp.trouble = "502";
    json = get("/patients?search=lovelace", "/patients").json;
    EXPECT_EQ(json["sides"][0]["reason"], "502");
}

class ErasureTest : public PatientsTest {
  protected:
    ErasureTest() {
        link(ada());
        auto& medicapp = backend_.model_medicapp;
        medicapp.patients = {in_medicapp(ada())};
        medicapp.patients[0].records_count = 3;
        backend_.sight.sources = {shown(ada())};
        backend_.sight.medicapp = medicapp.patients[0];
        backend_.sight.token[0] = 1;
    }
    Answer look() { return get(path, operation); }
    Answer erase(const nlohmann::json& token, const nlohmann::json& records = 3) {
        return post(path, {{"token", token}, {"records", records}}, operation);
    }
    state::Known known() { return backend_.store().look_up({"IPP1"}).front(); }
    std::string under_way() { return backend_.store().meta("erasure_under_way"); }

    const std::string path = "/patients/IPP1/erasure";
    const std::string operation = "/patients/{id}/erasure";
};

TEST_F(ErasureTest, IsDurableBeforeItIsSentAndLeavesATombstone) {
    const auto shown = look().json;
    EXPECT_EQ(shown["records"], 3);
    EXPECT_EQ(shown["patient"]["lastName"], "Lovelace");
    backend_.erasure = [this] {
        EXPECT_TRUE(known().tombstone);
        EXPECT_THAT(under_way(), StartsWith("IPP1\nm-1\n"));
        EXPECT_EQ(audit().front().action, "erasing");
        return connectors::Reply<void>();
    };
    EXPECT_EQ(erase(shown["token"]).json["result"], "applied");
    EXPECT_EQ(backend_.erased, std::vector<std::string>{"m-1"});
    const auto now = known();
    EXPECT_FALSE(now.link);
    EXPECT_TRUE(now.tombstone);
    ASSERT_TRUE(now.held);
    EXPECT_FALSE(is_to_decide(*now.held));
    EXPECT_EQ(now.held->reason, reconcile::HoldReason::erased_in_medicapp);
    EXPECT_EQ(audit().front().action, "erased");
    EXPECT_EQ(under_way(), "");
}

TEST_F(ErasureTest, IsRefusedUnlessSomebodySawJustThat) {
    const auto token = look().json["token"];
    expect_error(erase("00000000000000000000000000000000"), 409, "refused");
    expect_error(erase(token, 4), 409, "refused");
    expect_error(erase(token, nullptr), 409, "refused");
    expect_error(post(path, {{"records", 3}}, operation), 400, "usage");
    backend_.sight.token[0] = 2;
    expect_error(erase(token), 409, "refused");
    backend_.known.running = control::RunningCycle();
    expect_error(erase(token), 503, "unavailable");
    backend_.its.control.decide = {"root"};
    peer_ = {65534, 65534, 1};
    expect_error(look(), 403, "forbidden");
    EXPECT_THAT(backend_.erased, IsEmpty());
    EXPECT_TRUE(known().link);
    EXPECT_FALSE(known().tombstone);
}

TEST_F(ErasureTest, WithoutACountOfRecordsThereMustBeNone) {
    backend_.sight.medicapp->records_count.reset();
    const auto shown = look().json;
    EXPECT_EQ(shown["records"], nullptr);
    expect_error(erase(shown["token"], 0), 409, "refused");
    EXPECT_EQ(erase(shown["token"], nullptr).json["result"], "applied");
}

TEST_F(ErasureTest, WhatMedicappRefusesChangesNothing) {
    const auto token = look().json["token"];
    backend_.erasure = [] {
        return std::unexpected(connectors::ApiError(connectors::Failure::rejected));
    };
    EXPECT_EQ(erase(token).json["result"], "refused");
    EXPECT_TRUE(known().link);
    EXPECT_FALSE(known().tombstone);
    EXPECT_EQ(audit().front().action, "not_erased");
    EXPECT_EQ(under_way(), "");
}

TEST_F(ErasureTest, OfSomebodyWhoCameBackKeepsTheFirstTombstoneWhateverComesOfIt) {
    state::Batch batch;
    batch.drop_link("IPP1");
    batch.put_tombstone({"IPP1", "m-1"});
    commit(std::move(batch));
    backend_.erasure = [] {
        return std::unexpected(connectors::ApiError(connectors::Failure::rejected));
    };
    EXPECT_EQ(erase(look().json["token"]).json["result"], "refused");
    EXPECT_TRUE(known().tombstone);
    // Nor does a process that ends in between lose it.
    backend_.erasure = [this] {
        backend_.model_medicapp.trouble = "502";
        return std::unexpected(connectors::ApiError(connectors::Failure::unknown));
    };
    expect_error(erase(look().json["token"]), 503, "unavailable");
    backend_.model_medicapp.trouble.clear();
    EXPECT_FALSE(run_task(io_, control::settle_erasure(backend_))->erased);
    EXPECT_TRUE(known().tombstone);
    // Somebody may have taken the externalId away.
    backend_.sight.medicapp->patient.set_external_id("");
    backend_.erasure = [] { return connectors::Reply<void>(); };
    EXPECT_EQ(erase(look().json["token"]).json["result"], "applied");
    EXPECT_EQ(known().held->reason, reconcile::HoldReason::erased_in_medicapp);
    using Names = std::vector<std::string>;
    EXPECT_EQ(backend_.events.names,
              (Names{"patient.not_erased", "patient.not_erased", "patient.erased"}));
}

TEST_F(ErasureTest, ALostAnswerIsFoundOut) {
    const auto token = look().json["token"];
    backend_.erasure = [this] {
        backend_.model_medicapp.patients.clear();
        return std::unexpected(connectors::ApiError(connectors::Failure::unknown));
    };
    EXPECT_EQ(erase(token).json["result"], "applied");
    EXPECT_FALSE(known().link);
}

TEST_F(ErasureTest, WhatWasUnderWayWhenTheProcessEndedIsFoundOutLater) {
    const auto token = look().json["token"];
    backend_.erasure = [this] {
        backend_.model_medicapp.trouble = "502";
        return std::unexpected(connectors::ApiError(connectors::Failure::unknown));
    };
    expect_error(erase(token), 503, "unavailable");
    EXPECT_NE(under_way(), "");
    EXPECT_TRUE(known().tombstone);
    backend_.model_medicapp.trouble.clear();
    backend_.model_medicapp.patients.clear();
    backend_.sight.medicapp.reset();
    expect_error(look(), 404, "not_found");
    EXPECT_EQ(under_way(), "");
    EXPECT_FALSE(known().link);
    EXPECT_EQ(audit().front().action, "erased");
}

TEST_F(ErasureTest, OfAProcessThatEndedIsSettledWithoutBeingAskedAndNamesWhoOrderedIt) {
    const auto token = look().json["token"];
    backend_.erasure = [this] {
        backend_.model_medicapp.trouble = "502";
        return std::unexpected(connectors::ApiError(connectors::Failure::unknown));
    };
    expect_error(erase(token), 503, "unavailable");
    EXPECT_THROW(run_task(io_, control::settle_erasure(backend_)), control::Unavailable);
    backend_.model_medicapp.trouble.clear();
    backend_.model_medicapp.patients.clear();
    const auto end = run_task(io_, control::settle_erasure(backend_));
    ASSERT_TRUE(end);
    EXPECT_TRUE(end->erased);
    EXPECT_EQ(audit().front().action, "erased");
    EXPECT_EQ(audit().front().actor.uid, std::int64_t{::geteuid()});
    EXPECT_FALSE(run_task(io_, control::settle_erasure(backend_)));
}

TEST_F(ErasureTest, MedicappsWordThatNobodyIsThereIsConfirmedByALook) {
    const auto token = look().json["token"];
    backend_.erasure = [] {
        return std::unexpected(connectors::ApiError(connectors::Failure::not_found));
    };
    const auto answer = erase(token).json;
    EXPECT_EQ(answer["result"], "refused");
    EXPECT_TRUE(known().link);
    EXPECT_EQ(audit().front().action, "not_erased");
}

TEST_F(ErasureTest, IsRefusedForAMedicappPatientWhoIsSomebodyElse) {
    auto& shown_now = *backend_.sight.medicapp;
    shown_now.patient.set_external_id("IPP2");
    expect_error(look(), 409, "refused");
    shown_now.patient.set_external_id({});
    expect_error(look(), 409, "refused");
    shown_now.patient.set_external_id("IPP1");
    EXPECT_EQ(look().status, 200);
    backend_.sight.resemblance.differs.add(Field::birth_date);
    EXPECT_EQ(look().status, 200);
    backend_.sight.resemblance.differs.add(Field::last_name);
    expect_error(look(), 409, "refused");
    EXPECT_THAT(backend_.erased, IsEmpty());
}

} // namespace
} // namespace medibridge::tests
