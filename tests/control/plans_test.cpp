#include "rig.hpp"

#include <gmock/gmock.h>

namespace medibridge::tests {
namespace {

using sync::Action;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class PlansTest : public ApiTest {
  protected:
    nlohmann::json made() {
        backend_.cycle = [](sync::Observer& observer) {
            for (const char* id : {"IPP1", "IPP2", "IPP3"}) {
                reconcile::Digest digest{};
                digest[3] = 0xab;
                observer.planned({id, Action::updated, "phone,email", digest});
            }
            return control::CycleEnd();
        };
        return post("/plans").json["plan"];
    }
};

TEST_F(PlansTest, APlanHasIdentifiersFieldNamesAndDigests) {
    const auto plan = made();
    EXPECT_TRUE(backend_.requests[0].dry_run);
    ASSERT_THAT(plan["items"], SizeIs(3));
    EXPECT_EQ(plan["items"][0]["fields"], nlohmann::json({"phone", "email"}));
    EXPECT_EQ(plan["items"][0]["digest"], "000000ab000000000000000000000000");
    EXPECT_THAT(audit(), IsEmpty()) << "nothing was done";
    backend_.cycle = [](sync::Observer&) {
        control::CycleEnd end;
        end.report.outcome = sync::Outcome::guarded;
        end.report.reason = "it went back";
        reconcile::FieldSet phone;
        phone.add(reconcile::Field::phone);
        sync::GuardAlarm alarm{"guard.rewound", "dpi", {}, "it went back", {}, 30};
        for (int i = 0; i < 25; ++i)
            alarm.changes.note(sync::Change::reassertion("IPP" + std::to_string(i), phone));
        end.report.alarms = {alarm};
        return end;
    };
    const auto refused = post("/plans", {{"full", true}});
    expect_error(refused, 409, "guarded");
    const auto& guards = refused.json["error"]["guards"];
    ASSERT_THAT(guards, SizeIs(1)) << "whom it stopped is said nowhere else";
    EXPECT_EQ(guards[0]["guard"], "guard.rewound");
    EXPECT_EQ(guards[0]["count"], 25);
    EXPECT_EQ(guards[0]["fields"]["phone"], 25);
    EXPECT_THAT(guards[0]["examples"], SizeIs(20));
}

TEST_F(PlansTest, OnlyWhatWouldBeCompleteIsAPlan) {
    control::CycleEnd end;
    backend_.cycle = [&end](sync::Observer& observer) {
        observer.planned({"IPP1", Action::updated, "phone", {}});
        return end;
    };
    end.report.outcome = sync::Outcome::incomplete;
    end.report.reason = "source dpi: cannot connect";
    end.report.sources = {{"dpi", "cannot connect"}, {"labo", "HTTP 502"}};
    const auto incomplete = post("/plans");
    expect_error(incomplete, 503, "incomplete");
    EXPECT_EQ(incomplete.json["error"]["exit"], 75);
    const auto message = incomplete.json["error"]["message"].get<std::string>();
    EXPECT_THAT(message, HasSubstr(": source dpi: cannot connect; source labo: HTTP 502: "));

    end.report.outcome = sync::Outcome::unauthorized;
    end.report.reason = "Medicapp refused the key";
    const auto unauthorized = post("/plans");
    expect_error(unauthorized, 503, "unauthorized");
    EXPECT_EQ(unauthorized.json["error"]["exit"], 77);
    EXPECT_THAT(unauthorized.json["error"]["message"].get<std::string>(),
                HasSubstr("Medicapp refused the key"));
}

TEST_F(PlansTest, WhatIsLeftOfAPlanIsNamed) {
    const auto plan = made();
    backend_.cycle = [](sync::Observer& observer) {
        observer.acted("IPP1", Action::updated, "phone");
        observer.left_out("IPP2", "has changed since the plan was made");
        observer.left_out("IPP7", "is not in the plan");
        return control::CycleEnd();
    };
    const auto result = post("/plans/application", {{"plan", plan}}).json["result"];
    EXPECT_EQ(result["applied"], 1);
    ASSERT_THAT(result["left"], SizeIs(3));
    EXPECT_EQ(result["left"][0]["external_id"], "IPP2");
    EXPECT_THAT(result["left"][1]["reason"].get<std::string>(), HasSubstr("due any more"));
    const auto& given = backend_.requests.back().plan;
    ASSERT_TRUE(given);
    EXPECT_EQ(reconcile::hex(given->at("IPP3")), "000000ab000000000000000000000000");
    EXPECT_EQ(audit()[0].action, "plan");
    backend_.known.pause = control::Pause();
    EXPECT_EQ(post("/plans/application", {{"plan", plan}}).json["result"]["applied"], 1);
    EXPECT_TRUE(backend_.known.pause) << "everything else stays paused";
    expect_error(post("/cycles"), 409, "refused");
}

TEST_F(PlansTest, WhatIsNoPlanIsRefused) {
    for (const nlohmann::json& plan : std::vector<nlohmann::json>{
             nlohmann::json(), nlohmann::json::object(), nlohmann::json{{"items", {1}}},
             nlohmann::json{{"items", {{{"external_id", "A"}, {"digest", "xyz"}}}}},
             nlohmann::json{{"items", {{{"digest", "000000ab000000000000000000000000"}}}}}})
        expect_error(post("/plans/application", {{"plan", plan}}), 400, "usage");
    EXPECT_THAT(backend_.requests, IsEmpty());
}

} // namespace
} // namespace medibridge::tests
