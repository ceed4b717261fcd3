#include "connectors/medicapp/medicapp.hpp"

#include "rig.hpp"

#include <gmock/gmock.h>

namespace medibridge::tests {
namespace {

using connectors::ApiError;
using connectors::Behaviour;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

class ProbeTest : public ApiTest {
  protected:
    ProbeTest() {
        backend_.behaviour = Behaviour{{"list_order", "created"}, {"precision", "milliseconds"}};
        backend_.tried = Behaviour{{"put_null", "clears"}};
    }
};

TEST_F(ProbeTest, WhatWasNotProbedIsNotKnown) {
    expect_error(get("/probe"), 404, "not_found");
}

TEST_F(ProbeTest, ALookIsKeptAndChangesNothing) {
    const auto seen = post("/probe").json["result"];
    EXPECT_EQ(seen["behaviour"]["list_order"], "created");
    EXPECT_EQ(seen["changed"], nullptr);
    EXPECT_THAT(backend_.sentinels, IsEmpty());
    EXPECT_THAT(audit(), IsEmpty());
    EXPECT_EQ(get("/probe").json["behaviour"], seen["behaviour"]);
}

TEST_F(ProbeTest, BeginsOnceMedicappAnswers) {
    backend_.model_medicapp.trouble = "no answer within 10 s";
    for (const std::string target : {"/probe", "/probe/sentinel"}) {
        const auto error = post(target).json["error"];
        EXPECT_EQ(error["code"], "unavailable");
        EXPECT_THAT(error["message"].get<std::string>(), HasSubstr("no answer within 10 s"));
    }
    EXPECT_THAT(backend_.sentinels, IsEmpty());
    EXPECT_THAT(audit(), IsEmpty());
}

TEST_F(ProbeTest, WhatHasChangedIsNamed) {
    post("/probe");
    backend_.behaviour = Behaviour{{"list_order", "id"}, {"precision", "milliseconds"}};
    EXPECT_EQ(post("/probe").json["result"]["changed"], "list_order: created, now id");
}

TEST_F(ProbeTest, ASentinelShowsMoreAndLeavesTwoLinesInTheAudit) {
    const auto seen = post("/probe/sentinel").json["result"];
    EXPECT_EQ(seen["behaviour"]["put_null"], "clears");
    EXPECT_EQ(seen["behaviour"]["list_order"], "created");
    ASSERT_THAT(backend_.sentinels, SizeIs(1));
    EXPECT_THAT(backend_.sentinels[0], StartsWith("try medibridge-sentinel-"));
    ASSERT_THAT(audit(), SizeIs(2));
    EXPECT_EQ(audit()[0].action, "sentinel_deleted");
    EXPECT_EQ(audit()[1].action, "sentinel_tried");
    post("/probe");
    EXPECT_EQ(get("/probe").json["behaviour"]["put_null"], "clears") << "a look keeps it";
}

TEST_F(ProbeTest, WhatATrialLeftIsRemovedBeforeTheNextOne) {
    ApiError error(connectors::Failure::unknown);
    error.what = "no answer";
    backend_.tried = std::unexpected(error);
    const auto failed = post("/probe/sentinel").json["error"];
    EXPECT_EQ(failed["code"], "unavailable");
    EXPECT_THAT(failed["message"].get<std::string>(), HasSubstr("no answer"));
    const auto left = backend_.sentinels.at(0).substr(4);
    backend_.tried = Behaviour();
    post("/probe/sentinel");
    ASSERT_THAT(backend_.sentinels, SizeIs(3));
    EXPECT_EQ(backend_.sentinels[1], "remove " + left);
    EXPECT_NE(backend_.sentinels[2], "try " + left);
    post("/probe/sentinel");
    EXPECT_THAT(backend_.sentinels, SizeIs(4)) << "nothing is left to remove";
}

TEST_F(ProbeTest, OfAMedicappThatCannotBeReadCreatesNobody) {
    ApiError error(connectors::Failure::unavailable);
    error.what = "GET /patients: 503";
    backend_.behaviour = std::unexpected(error);
    EXPECT_EQ(post("/probe/sentinel").json["error"]["code"], "unavailable");
    EXPECT_THAT(backend_.sentinels, IsEmpty());
}

TEST_F(ProbeTest, AnotherMedicappIsNotKnown) {
    post("/probe");
    backend_.its.medicapp.base_url = *http::parse_url("https://other.example/v5");
    expect_error(get("/probe"), 404, "not_found");
}

TEST_F(ProbeTest, TheDoctorShowsIt) {
    const auto line = [this] {
        for (const auto& check : get("/doctor").json["result"]["checks"])
            if (check["name"] == "medicapp: behaviour") return check["message"].get<std::string>();
        return std::string();
    };
    EXPECT_THAT(line(), HasSubstr("not probed"));
    post("/probe");
    EXPECT_THAT(line(), HasSubstr("probed today: list_order created; precision milliseconds"));
}

} // namespace
} // namespace medibridge::tests
