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

} // namespace
} // namespace medibridge::tests
