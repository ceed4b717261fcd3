#include "connectors/medicapp/client.hpp"

#include "rig.hpp"

#include <gtest/gtest.h>
#include <string>

namespace medibridge::test {
namespace {

using config::Representation;
using connectors::Failure;
using connectors::ListQuery;
using reconcile::Field;

const std::string one_page = R"(],"pagination":{"page":1,"perPage":100,"total":1,"totalPages":1}})";
const std::string native_patient =
    R"({"id":"p-1","externalId":"IPP-1","lastName":"CURIE","firstName":"Marie",)"
    R"("birthDate":"1967-11-07","modifiedAt":"2026-01-31T09:05:00Z"})";
const std::string resource =
    R"({"resourceType":"Patient","id":"p-1","meta":{"lastUpdated":"2026-01-31T09:05:00Z"},)"
    R"("identifier":[{"system":"urn:x:a","value":"IPP-1"}],)"
    R"("name":[{"family":"CURIE","given":["Marie"]}],"birthDate":"1967-11-07"})";

bool asks_for_fhir(const http::Request& request) {
    return request.target.find("template=FHIR") != std::string::npos;
}
bool asks_for_list(const http::Request& request) {
    return request.target.find("/patients?") != std::string::npos;
}

/// A Medicapp that knows both forms.
http::Result both_forms(const http::Request& request) {
    const auto& patient = asks_for_fhir(request) ? resource : native_patient;
    return response(200, asks_for_list(request) ? R"({"data":[)" + patient + one_page : patient);
}

connectors::MedicappClientSettings with(Representation wanted) {
    auto settings = default_settings();
    settings.representation = wanted;
    return settings;
}

std::size_t last_with_fhir(const Rig& rig) {
    return asks_for_fhir(rig.transport.sent().back().request) ? 1 : 0;
}

TEST(FormChoiceTest, ComparesOnceAndThenReadsFhir) {
    Rig rig(with(Representation::automatic));
    rig.transport.otherwise(both_forms);
    const auto page = rig.run(rig.client.list(ListQuery()));
    ASSERT_TRUE(page);
    EXPECT_EQ(page->patients.at(0).patient.external_id(), "IPP-1");
    EXPECT_EQ(rig.transport.sent().size(), 5u)
        << "a list and a patient in each form, then the list";
    EXPECT_EQ(last_with_fhir(rig), 1u);
    const auto patient = rig.run(rig.client.get("p-1"));
    ASSERT_TRUE(patient);
    EXPECT_EQ(patient->patient.external_id(), "IPP-1");
    EXPECT_EQ(rig.transport.sent().at(5).request.target, "/v5/patients/p-1?template=FHIR");
    EXPECT_EQ(rig.log.names(), std::vector<std::string>{"medicapp.fhir"});
}

/// The resource has no phone number, as nobody has in FHIR: only the native form tells an empty one
/// from one that is not shown.
TEST(FormChoiceTest, WhatAResourceLacksIsAskedForNatively) {
    Rig rig(with(Representation::fhir));
    auto native = native_patient;
    native.insert(native.size() - 1, R"(,"phone":"+33199000001","email":null)");
    rig.transport.otherwise([&](const http::Request& request) -> http::Result {
        if (asks_for_fhir(request) || asks_for_list(request)) return both_forms(request);
        return response(200, native);
    });
    const auto page = rig.run(rig.client.list(ListQuery()));
    ASSERT_TRUE(page);
    EXPECT_FALSE(page->patients.at(0).shown.has(Field::phone)) << "a list claims nothing";
    const auto patient = rig.run(rig.client.get("p-1"));
    ASSERT_TRUE(patient);
    EXPECT_EQ(patient->patient[Field::phone].text(), "+33199000001");
    EXPECT_TRUE(patient->shown.has(Field::email)) << "it is empty";
    EXPECT_EQ(rig.transport.sent().back().request.target, "/v5/patients/p-1");
}

TEST(FormChoiceTest, WithoutANativeFormItIsNotSeen) {
    auto settings = with(Representation::fhir);
    settings.fhir.external_id_system = "urn:x:a";
    Rig rig(settings);
    rig.transport.otherwise([](const http::Request& request) -> http::Result {
        if (asks_for_fhir(request)) return both_forms(request);
        return json_error(404, "NOT_FOUND");
    });
    const auto patient = rig.run(rig.client.get("p-1"));
    ASSERT_TRUE(patient);
    EXPECT_FALSE(patient->shown.has(Field::phone));
}

/// A whole resource, so that one request is enough.
TEST(FormChoiceTest, CallsThatBeginTogetherCompareOnce) {
    Rig rig(with(Representation::automatic));
    auto whole = resource;
    whole.insert(whole.size() - 1,
                 R"(,"gender":"female","telecom":[{"system":"phone","value":"+33199000001"},)"
                 R"({"system":"email","value":"m@example.org"}],"address":[{"city":"Paris"}])");
    rig.transport.otherwise([&](const http::Request& request) -> http::Result {
        if (!asks_for_fhir(request)) return both_forms(request);
        return response(200, asks_for_list(request) ? R"({"data":[)" + whole + one_page : whole);
    });
    const auto first = rig.start(rig.client.get("p-1"));
    const auto second = rig.start(rig.client.get("p-1"));
    rig.drive([&] { return first->has_value() && second->has_value(); });
    EXPECT_TRUE(**first && **second);
    EXPECT_EQ(rig.transport.sent().size(), 6u);
}

TEST(FormChoiceTest, APersonIsToldHowManyRecordsThereAre) {
    auto settings = with(Representation::fhir);
    settings.counts_records = true;
    Rig rig(settings);
    rig.transport.otherwise([](const http::Request& request) -> http::Result {
        if (asks_for_fhir(request) || asks_for_list(request)) return both_forms(request);
        return response(200, R"({"recordsCount":3,)" + native_patient.substr(1));
    });
    const auto patient = rig.run(rig.client.get("p-1"));
    ASSERT_TRUE(patient);
    EXPECT_EQ(patient->records_count, 3);
}

TEST(FormChoiceTest, WritesStayNative) {
    Rig rig(with(Representation::fhir));
    rig.transport.otherwise(both_forms);
    ASSERT_TRUE(rig.run(rig.client.list(ListQuery())));
    rig.transport.then(patient_answer(200));
    ASSERT_TRUE(rig.run(rig.client.update(planted_update())));
    EXPECT_EQ(last_with_fhir(rig), 0u);
}

/// What Medicapp may answer with if nobody asks for a form, from its V6 on.
TEST(FormChoiceTest, FhirInsteadOfTheNativeFormIsNamedAtOnce) {
    const std::string bundle =
        R"({"resourceType":"Bundle","type":"searchset","total":1,"entry":[{"resource":)" +
        resource + "}]}";
    for (const auto& list : {R"({"data":[)" + resource + one_page, bundle}) {
        Rig rig(with(Representation::native));
        rig.transport.otherwise([&list](const http::Request& request) -> http::Result {
            return response(200, asks_for_list(request) ? list : resource);
        });
        const auto page = rig.run(rig.client.list(ListQuery()));
        ASSERT_FALSE(page);
        EXPECT_EQ(page.error().failure, Failure::unavailable);
        EXPECT_EQ(page.error().what, "GET /patients: 200 Medicapp answers with FHIR resources "
                                     "where the native form was asked for: set "
                                     "medicapp.representation");
        EXPECT_EQ(rig.transport.sent().size(), 1u) << "asked again it says the same";
        const auto patient = rig.run(rig.client.get("p-1"));
        ASSERT_FALSE(patient);
        EXPECT_EQ(patient.error().failure, Failure::unavailable);
        EXPECT_NE(patient.error().what.find("medicapp.representation"), std::string::npos);
        EXPECT_EQ(rig.transport.sent().size(), 2u);
        EXPECT_FALSE(rig.client.failing());
    }
}

/// Whether it was written, reading shows: it is never sent twice.
TEST(FormChoiceTest, AWriteThatIsAnsweredInFhirIsUnknown) {
    Rig rig(with(Representation::native));
    rig.transport.then(response(200, resource));
    rig.transport.otherwise(both_forms);
    const auto updated = rig.run(rig.client.update(planted_update()));
    ASSERT_FALSE(updated);
    EXPECT_EQ(updated.error().failure, Failure::unknown);
    EXPECT_NE(updated.error().what.find("medicapp.representation"), std::string::npos);
}

TEST(FormChoiceTest, NativeNeverAsksForAnythingElse) {
    Rig rig(with(Representation::native));
    rig.transport.otherwise(both_forms);
    ASSERT_TRUE(rig.run(rig.client.list(ListQuery())));
    EXPECT_EQ(rig.transport.sent().size(), 1u);
}

/// What Medicapp answers to the list in FHIR, and whether that is a reason to read natively.
struct Answer {
    const char* name;
    http::Response answer;
};

TEST(FormChoiceTest, GoodReasonsLeadBackToTheNativeForm) {
    const std::vector<Answer> reasons{
        {"refused", json_error(400, "INVALID_PARAMETER")},
        {"not known", json_error(404, "NOT_FOUND")},
        {"ignored", response(200, R"({"data":[)" + native_patient + one_page)},
        {"no total", response(200, R"({"data":[)" + resource + "]}")},
        {"something else", response(200, R"({"hello":"world"})")},
    };
    for (const auto& [name, answer] : reasons) {
        Rig rig(with(Representation::automatic));
        rig.transport.otherwise([&, its = answer](const http::Request& request) -> http::Result {
            return asks_for_fhir(request) && asks_for_list(request) ? its : both_forms(request);
        });
        ASSERT_TRUE(rig.run(rig.client.list(ListQuery()))) << name;
        EXPECT_EQ(last_with_fhir(rig), 0u) << name;
        EXPECT_EQ(rig.log.names(), std::vector<std::string>{"medicapp.native"}) << name;
        const auto asked = rig.transport.sent().size();
        ASSERT_TRUE(rig.run(rig.client.list(ListQuery())));
        EXPECT_EQ(rig.transport.sent().size(), asked + 1) << "asked once only: " << name;
    }
}

TEST(FormChoiceTest, AnOutageDecidesNothing) {
    for (const auto& answer : {response(503), html(502), html(200)}) {
        Rig rig(with(Representation::automatic));
        bool down = true;
        rig.transport.otherwise([&](const http::Request& request) -> http::Result {
            return down && asks_for_fhir(request) ? http::Result(answer) : both_forms(request);
        });
        const auto failed = rig.run(rig.client.list(ListQuery()));
        ASSERT_FALSE(failed) << answer.status;
        EXPECT_EQ(failed.error().failure, Failure::unavailable);
        down = false;
        ASSERT_TRUE(rig.run(rig.client.list(ListQuery())));
        EXPECT_EQ(last_with_fhir(rig), 1u);
    }
}

TEST(FormChoiceTest, WhereFhirIsAskedForAndRefusedNothingIsRead) {
    Rig rig(with(Representation::fhir));
    rig.transport.otherwise([](const http::Request& request) -> http::Result {
        return asks_for_fhir(request) ? http::Result(json_error(400, "INVALID_PARAMETER"))
                                      : both_forms(request);
    });
    const auto failed = rig.run(rig.client.list(ListQuery()));
    ASSERT_FALSE(failed);
    EXPECT_NE(failed.error().what.find("Medicapp refuses it"), std::string::npos);
    EXPECT_EQ(last_with_fhir(rig), 1u);
}

TEST(FormChoiceTest, AnAnswerInAnotherFormIsNotMixedIn) {
    Rig rig(with(Representation::automatic));
    bool forgot = false;
    rig.transport.otherwise([&](const http::Request& request) -> http::Result {
        if (forgot && asks_for_list(request))
            return response(200, R"({"data":[)" + native_patient + one_page);
        return both_forms(request);
    });
    ASSERT_TRUE(rig.run(rig.client.list(ListQuery())));
    forgot = true;
    EXPECT_FALSE(rig.run(rig.client.list(ListQuery())));
    ASSERT_TRUE(rig.run(rig.client.list(ListQuery()))) << "compared again, and read natively";
    EXPECT_EQ(last_with_fhir(rig), 0u);
}

/// Whoever lets medibridge choose need not change the configuration on the day of V6.
TEST(FormChoiceTest, AutomaticFollowsAMedicappThatGivesUpTheNativeForm) {
    auto settings = with(Representation::automatic);
    settings.fhir.external_id_system = "urn:x:a";
    Rig rig(std::move(settings));
    bool is_v6 = false;
    rig.transport.otherwise([&](const http::Request& request) -> http::Result {
        if (is_v6)
            return response(200, asks_for_list(request) ? R"({"data":[)" + resource + one_page
                                                        : resource);
        return asks_for_fhir(request) ? http::Result(json_error(400, "INVALID_PARAMETER"))
                                      : both_forms(request);
    });
    ASSERT_TRUE(rig.run(rig.client.list(ListQuery())));
    EXPECT_EQ(last_with_fhir(rig), 0u);
    is_v6 = true;
    EXPECT_FALSE(rig.run(rig.client.list(ListQuery()))) << "nothing is mixed";
    const auto page = rig.run(rig.client.list(ListQuery()));
    ASSERT_TRUE(page) << "compared again, and read in FHIR";
    EXPECT_EQ(page->patients.at(0).patient.external_id(), "IPP-1");
    EXPECT_EQ(last_with_fhir(rig), 1u);
}

TEST(FormChoiceTest, WithoutPatientsItIsAskedAgainWithTheNextWholeList) {
    Rig rig(with(Representation::automatic));
    bool empty = true;
    rig.transport.otherwise([&](const http::Request& request) -> http::Result {
        if (!empty) return both_forms(request);
        return response(200, R"({"data":[],"pagination":{"page":1,"perPage":100,"total":0,)"
                             R"("totalPages":0}})");
    });
    ASSERT_TRUE(rig.run(rig.client.list(ListQuery())));
    EXPECT_EQ(last_with_fhir(rig), 0u);
    empty = false;
    ListQuery changes;
    changes.modified_after = reconcile::parse_rfc3339("2026-01-31T09:05:00Z")->instant;
    ASSERT_TRUE(rig.run(rig.client.list(changes)));
    EXPECT_EQ(last_with_fhir(rig), 0u) << "a reading of changes goes on as it began";
    ASSERT_TRUE(rig.run(rig.client.list(ListQuery())));
    EXPECT_EQ(last_with_fhir(rig), 1u);
}

TEST(FormChoiceTest, ALinkThatLeadsElsewhereIsNotFollowed) {
    Rig rig(with(Representation::fhir));
    rig.transport.otherwise(both_forms);
    ASSERT_TRUE(rig.run(rig.client.list(ListQuery())));
    ListQuery next;
    next.page = 2;
    for (const char* link :
         {"/v5/keys?c=1", "https://elsewhere.example/v5/other", "/v5/patients/p-1",
          "//elsewhere.example/v5/patients?c=1", "/v5/patients?c=\r\nX: 1"}) {
        next.link = link;
        EXPECT_FALSE(rig.run(rig.client.list(next))) << link;
    }
    // The host of a link does not count: Medicapp alone is asked, as behind a proxy it may call
    // itself by another name.
    next.link = "https://elsewhere.example/v5/patients?cursor=1";
    ASSERT_TRUE(rig.run(rig.client.list(next)));
    EXPECT_EQ(rig.transport.sent().back().request.target, "/v5/patients?cursor=1&template=FHIR");
}

TEST(FormChoiceTest, APatientWhoIsGoneIsSaidToBeSoByAnOperationOutcome) {
    Rig rig(with(Representation::fhir));
    rig.transport.otherwise(both_forms);
    ASSERT_TRUE(rig.run(rig.client.list(ListQuery())));
    for (const int status : {404, 410}) {
        rig.transport.then(
            response(status, R"({"resourceType":"OperationOutcome","issue":[{"severity":"error",)"
                             R"("code":"not-found"}]})"));
        const auto gone = rig.run(rig.client.get("p-1"));
        ASSERT_FALSE(gone);
        EXPECT_EQ(gone.error().failure, Failure::not_found) << status;
    }
}

} // namespace
} // namespace medibridge::test
