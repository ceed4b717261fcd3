#include "rig.hpp"

#include "sync/core/views.hpp"

#include <gmock/gmock.h>

// What `why` says of merges that have no effect, and of an externalId that somebody changed.
namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::FieldValue;
using testing::HasSubstr;

class OneId : public ApiTest {
  protected:
    static reconcile::Patient ada(const std::string& external_id) {
        reconcile::Patient patient(external_id);
        patient[Field::last_name] = FieldValue::known("Lovelace");
        patient[Field::first_name] = FieldValue::known("Ada");
        patient[Field::birth_date] = FieldValue::known("1915-12-10");
        return patient;
    }
    void hold(reconcile::HoldReason reason, const std::string& field = {}) {
        state::Held held;
        held.key = "IPP1";
        held.source = "dpi";
        held.reason = reason;
        held.field = field;
        held.held_at_ms = backend_.now;
        state::Batch batch;
        batch.hold(held);
        commit(std::move(batch));
    }
    void link() {
        state::Link link;
        link.external_id = "IPP1";
        link.medicapp_id = "m-1";
        link.source = "dpi";
        state::Batch batch;
        batch.put_link(link);
        commit(std::move(batch));
    }
    nlohmann::json why() { return get("/patients/IPP1", "/patients/{id}").json; }
};

TEST_F(OneId, ThatIsSaidToBeMergedHasTheRecordThatStandsAgainstIt) {
    state::AuditEntry line;
    line.external_id = "IPP1";
    line.action = "merge_refuted";
    line.detail = "into IPP2, source dpi: in use in source adt";
    line.at_ms = 1'764'000'000'000;
    state::Batch batch;
    batch.audit(line);
    commit(std::move(batch));
    EXPECT_EQ(why()["merge_refuted"]["detail"], line.detail);
    EXPECT_EQ(why()["merge_refuted"]["at"], "2025-11-24T16:00:00Z");
    hold(reconcile::HoldReason::merged_in_his);
    EXPECT_TRUE(why()["merge_refuted"].is_null()) << "it is followed now";
}

TEST_F(OneId, ThatTheLinkedPatientDoesNotCarryIsMarkedAsDifferent) {
    link();
    hold(reconcile::HoldReason::identity_mismatch, "externalId");
    auto& sight = backend_.sight;
    sync::SourceSight source;
    source.source = "dpi";
    source.record.emplace();
    source.record->patient = ada("IPP1");
    sight.sources = {source};
    sight.differs.add(Field::phone);
    for (const std::string carried : {"IPP7", "", "IPP1"}) {
        SCOPED_TRACE(carried);
        connectors::MedicappPatient other;
        other.id = "m-1";
        other.patient = ada(carried);
        other.shown = reconcile::every_field();
        sight.medicapp = other;
        const auto differs = carried == "IPP1" ? nlohmann::json::array({"phone"})
                                               : nlohmann::json::array({"externalId", "phone"});
        EXPECT_EQ(why()["differs"], differs);
        const auto json = get("/held/IPP1", "/held/{id}").json;
        EXPECT_EQ(json["differs"], differs);
        EXPECT_THAT(json["rule"].get<std::string>(), HasSubstr("changed or taken away there"));
    }
}

TEST_F(OneId, IsNotTheSameOnASideThatWasNotReadOrShowsNobody) {
    link();
    auto& sight = backend_.sight;
    const auto source_is = [&](const std::string& trouble) {
        sync::SourceSight source;
        source.source = "dpi";
        source.trouble = trouble;
        sight.sources = {source};
        sight.leading = "dpi";
        return why();
    };
    connectors::MedicappPatient patient;
    patient.id = "m-1";
    patient.patient = ada("IPP1");
    patient.shown = reconcile::every_field();
    sight.medicapp = patient;
    auto json = source_is("cannot connect");
    EXPECT_EQ(json["sides"][0]["side"], "source dpi");
    EXPECT_EQ(json["sides"][0]["look"], "not_read");
    EXPECT_EQ(json["sides"][0]["trouble"], "cannot connect");
    EXPECT_EQ(json["sides"][1]["look"], "shown");
    EXPECT_EQ(json["agreed"]["lastName"], "not_read");
    json = source_is("");
    EXPECT_EQ(json["sides"][0]["look"], "not_shown");
    EXPECT_EQ(json["agreed"]["lastName"], "not_shown");
    sight.medicapp.reset();
    sight.medicapp_trouble = "timed out";
    json = source_is("");
    EXPECT_EQ(json["sides"][1]["look"], "not_read");
    EXPECT_EQ(json["sides"][1]["trouble"], "timed out");
    EXPECT_EQ(json["agreed"]["lastName"], "not_read");
}

TEST_F(OneId, ShowsWhatTheSourceSaysUnusably) {
    link();
    sync::SourceSight source;
    source.source = "dpi";
    source.record.emplace();
    source.record->patient = ada("IPP1");
    source.record->dropped = {{"email", "is no e-mail address"}};
    source.record->placeholders.add(Field::last_name);
    source.unnamed.add(Field::last_name);
    backend_.sight.sources = {source};
    const auto json = why();
    EXPECT_EQ(json["agreed"]["email"], "unusable");
    EXPECT_EQ(json["sources"][0]["dropped"][1]["field"], "lastName");
    EXPECT_EQ(json["sources"][0]["dropped"][1]["reason"],
              "Lovelace is a placeholder (identity.placeholders): not sent");
}

TEST_F(OneId, IsNotSaidToBeThereTwiceWhereTheSurvivorIsUnknown) {
    link();
    hold(reconcile::HoldReason::merged_in_his);
    auto& sight = backend_.sight;
    sight.other = sync::Inquiry::Other{"IPP9", "", {}, true};
    EXPECT_THAT(why()["rule"].get<std::string>(), HasSubstr("not known to have"));
    sight.other->medicapp_id = "m-9";
    EXPECT_THAT(why()["rule"].get<std::string>(), HasSubstr("still has both"));
}

/// Where nobody has the new one in Medicapp, nobody stands in its way: it is the record that does.
TEST_F(OneId, IsNotSaidToBeTakenWhereNobodyHasTheNewOne) {
    link();
    hold(reconcile::HoldReason::external_id_taken);
    auto& sight = backend_.sight;
    sight.other = sync::Inquiry::Other{"IPP9", "", {}};
    EXPECT_THAT(why()["rule"].get<std::string>(), HasSubstr("describes somebody else"));
    sight.other->medicapp_id = "m-9";
    EXPECT_THAT(why()["rule"].get<std::string>(), HasSubstr("belongs to another"));
}

TEST_F(OneId, OfSomebodyErasedIsNotOfferedForErasureWhereAnotherPersonHasIt) {
    state::Held held;
    held.key = "IPP1";
    held.source = "dpi";
    held.reason = reconcile::HoldReason::erased_in_medicapp;
    held.detail = "is in Medicapp again";
    held.medicapp_id = "m-1";
    held.held_at_ms = backend_.now;
    state::Batch batch;
    batch.hold(held);
    commit(std::move(batch));
    connectors::MedicappPatient patient;
    patient.id = "m-1";
    patient.patient = ada("IPP1");
    auto& sight = backend_.sight;
    sight.medicapp = patient;
    auto json = get("/held/IPP1", "/held/{id}").json;
    EXPECT_THAT(json["erase"].get<std::string>(), HasSubstr("for ever"));
    EXPECT_TRUE(json["erase_refused"].is_null());
    sight.resemblance.differs.add(Field::last_name);
    sight.resemblance.differs.add(Field::birth_date);
    sync::Preview link;
    link.decision = sync::DecisionKind::link;
    link.medicapp_id = "m-1";
    link.refused = "somebody else";
    sight.refused = {link};
    json = get("/held/IPP1", "/held/{id}").json;
    EXPECT_TRUE(json["erase"].is_null());
    EXPECT_THAT(json["erase_refused"].get<std::string>(), HasSubstr("another person"));
    EXPECT_EQ(json["not_offered"][0]["decision"], "link");
    EXPECT_EQ(json["not_offered"][0]["medicapp_id"], "m-1");
    EXPECT_EQ(json["not_offered"][0]["reason"], "somebody else");
}

} // namespace
} // namespace medibridge::tests
