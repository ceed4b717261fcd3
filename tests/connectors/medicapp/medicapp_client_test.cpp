#include "connectors/medicapp/client.hpp"

#include "rig.hpp"

#include <gtest/gtest.h>
#include <string>

namespace medibridge::test {
namespace {

using connectors::Failure;
using connectors::ListQuery;
using reconcile::Field;
using reconcile::FieldValue;

TEST(MedicappClientTest, AsksForAPageWithItsFilters) {
    Rig rig;
    rig.transport.then(page_answer());
    rig.transport.then(page_answer());
    ListQuery query;
    query.page = 3;
    query.per_page = 500;
    query.created_after = reconcile::parse_rfc3339("2026-01-31T09:05:00.120Z")->instant;
    query.modified_after = reconcile::parse_rfc3339("2026-01-31T09:05:00Z")->instant;
    ASSERT_TRUE(rig.run(rig.client.list(query)));
    EXPECT_EQ(rig.transport.sent()[0].request.target,
              "/v5/patients?page=3&per_page=100&created_after=2026-01-31T09%3A05%3A00.120Z"
              "&modified_after=2026-01-31T09%3A05%3A00.000Z");
    ASSERT_TRUE(rig.run(rig.client.list(ListQuery())));
    EXPECT_EQ(rig.transport.sent()[1].request.target, "/v5/patients?page=1&per_page=100");
}

TEST(MedicappClientTest, GivesThePageItsServersTime) {
    Rig rig;
    auto answer = page_answer();
    answer.headers.emplace_back("date", "Wed, 21 Oct 2015 07:28:00 GMT");
    rig.transport.then(answer);
    const auto page = rig.run(rig.client.list(ListQuery()));
    ASSERT_TRUE(page);
    EXPECT_EQ(page->server_time, reconcile::parse_rfc3339("2015-10-21T07:28:00Z")->instant);
}

TEST(MedicappClientTest, SendsTheKeyAndJsonHeadersOnly) {
    Rig rig;
    rig.transport.then(patient_answer(201));
    rig.transport.then(patient_answer(200));
    ASSERT_TRUE(rig.run(rig.client.create(planted_patient())));
    ASSERT_TRUE(rig.run(rig.client.get("p-1")));
    const http::Headers of_post{{"Authorization", "Bearer sk-planted-key-0123456789"},
                                {"Accept", "application/json"},
                                {"Content-Type", "application/json"}};
    const http::Headers of_get{of_post[0], of_post[1]};
    EXPECT_EQ(rig.transport.sent()[0].request.headers, of_post);
    EXPECT_EQ(rig.transport.sent()[1].request.headers, of_get);
    EXPECT_EQ(rig.transport.sent()[1].request.body, "");
}

TEST(MedicappClientTest, CreatesAPatientInOneRequest) {
    Rig rig;
    rig.transport.then(patient_answer(201));
    const auto reply = rig.run(rig.client.create(planted_patient()));
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->id, "p-1");
    const auto& request = rig.transport.sent()[0].request;
    EXPECT_EQ(request.method, http::Method::post);
    EXPECT_EQ(request.target, "/v5/patients");
    EXPECT_EQ(request.body, R"({"externalId":"IPP-1","lastName":"Plantagenet",)"
                            R"("firstName":"Aliénor","birthDate":"1980-02-29"})");
}

TEST(MedicappClientTest, CompletesTheAnswerToACreateWithWhatWasSent) {
    Rig rig;
    rig.transport.then(
        response(201, R"({"id":"p-1","lastName":"PLANTAGENET","address":{"city":"Angers"}})"));
    rig.transport.then(response(200, R"({"id":"p-2","externalId":"IPP-1"})"));
    rig.transport.then(response(201, R"({"id":"p-3"})"));
    auto patient = planted_patient();
    patient[Field::street] = FieldValue::known("1 quai");
    const auto reply = rig.run(rig.client.create(patient));
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->patient.external_id(), "IPP-1");
    EXPECT_EQ(reply->patient[Field::last_name], FieldValue::known("PLANTAGENET"));
    EXPECT_EQ(reply->patient[Field::first_name], FieldValue::known("Aliénor"));
    EXPECT_EQ(reply->patient[Field::city], FieldValue::known("Angers"));
    // An address that was answered is the address: what it leaves out was not taken.
    EXPECT_TRUE(reply->patient[Field::street].is_unknown());
    const auto bare = rig.run(rig.client.create(patient));
    ASSERT_TRUE(bare);
    EXPECT_TRUE(bare->shown.has(Field::street));
    EXPECT_EQ(bare->patient[Field::street], FieldValue::known("1 quai"));
    // Nobody knows whose that is.
    const auto nameless = rig.run(rig.client.create(patient));
    ASSERT_TRUE(nameless);
    EXPECT_EQ(nameless->patient.external_id(), "");
    EXPECT_TRUE(nameless->patient[Field::last_name].is_unknown());
}

TEST(MedicappClientTest, UpdatesOnlyTheNamedFields) {
    Rig rig;
    rig.transport.then(patient_answer(200));
    auto update = planted_update();
    update.clear.add(Field::phone);
    const auto reply = rig.run(rig.client.update(update));
    ASSERT_TRUE(reply);
    EXPECT_TRUE(reply->modified_at);
    const auto& request = rig.transport.sent()[0].request;
    EXPECT_EQ(request.method, http::Method::put);
    EXPECT_EQ(request.target, "/v5/patients/p-1");
    EXPECT_EQ(request.body, R"({"lastName":"Plantagenet","phone":null})");
}

TEST(MedicappClientTest, AnUpdateWithoutABodyInItsAnswerGivesTheId) {
    for (const auto& answer : {response(204), response(200, " \r\n"), response(200, "{}")}) {
        Rig rig;
        rig.transport.then(answer);
        const auto reply = rig.run(rig.client.update(planted_update()));
        ASSERT_TRUE(reply);
        EXPECT_EQ(reply->id, "p-1");
        EXPECT_TRUE(reply->patient[Field::last_name].is_unknown());
        EXPECT_FALSE(reply->shown.has(Field::street));
    }
}

TEST(MedicappClientTest, ADetailHasAnAddressEvenWhereItIsEmpty) {
    Rig rig;
    rig.transport.then(patient_answer(200));
    const auto reply = rig.run(rig.client.get("p-1"));
    ASSERT_TRUE(reply);
    EXPECT_TRUE(reply->shown.has(Field::street));
}

TEST(MedicappClientTest, AnIdStaysOneSegmentOfThePath) {
    Rig rig;
    rig.transport.then(patient_answer(200, "a/../b?x=%2e"));
    ASSERT_TRUE(rig.run(rig.client.get("a/../b?x=%2e")));
    EXPECT_EQ(rig.transport.sent()[0].request.target, "/v5/patients/a%2F..%2Fb%3Fx%3D%252e");
}

TEST(MedicappClientTest, WhatCannotNameAPatientIsNeverSent) {
    Rig rig;
    connectors::MedicappEraser eraser(rig.client);
    for (const std::string& id :
         {std::string(), std::string("."), std::string(".."), std::string(300, 'x')}) {
        auto update = planted_update();
        update.id = id;
        EXPECT_EQ(rig.run(rig.client.get(id)).error().failure, Failure::rejected);
        EXPECT_EQ(rig.run(rig.client.update(update)).error().failure, Failure::rejected);
        EXPECT_EQ(rig.run(eraser.erase(id)).error().failure, Failure::rejected);
    }
    connectors::PatientUpdate nothing;
    nothing.id = "p-1";
    EXPECT_EQ(rig.run(rig.client.update(nothing)).error().failure, Failure::rejected);
    EXPECT_EQ(rig.run(rig.client.create(reconcile::Patient("\xff"))).error().failure,
              Failure::rejected);
    EXPECT_EQ(rig.requests(), 0u);
}

TEST(MedicappClientTest, CountsTheRequestsOfEachMethod) {
    Rig rig;
    rig.transport.then(json_error(429, "RATE"));
    rig.transport.then(patient_answer(201));
    rig.transport.then(patient_answer(200));
    rig.transport.then(html(503));
    rig.transport.then(page_answer());
    (void)rig.run(rig.client.create(planted_patient()));
    (void)rig.run(rig.client.update(planted_update()));
    (void)rig.run(rig.client.list(ListQuery()));
    const auto& counts = rig.client.requests();
    EXPECT_EQ(counts.post, 2);
    EXPECT_EQ(counts.put, 1);
    EXPECT_EQ(counts.get, 2);
    EXPECT_EQ(counts.delete_, 0);
    EXPECT_EQ(counts.retries, 1);
    EXPECT_EQ(counts.rate_limited, 1);
}

TEST(MedicappClientTest, RefusesAKeyThatCannotStandInAHeader) {
    for (const auto* key : {"", "two words", "line\nbreak", "cl\xc3\xa9"}) {
        auto settings = default_settings();
        settings.api_key = config::Secret(key);
        EXPECT_THROW(Rig rig(settings), std::invalid_argument);
    }
}

TEST(MedicappClientTest, TakesItsSettingsFromTheConfiguration) {
    config::MedicappSettings configured;
    configured.base_url.path = "/cloud/v5//";
    configured.concurrency = 3;
    configured.rate_limit = 2.5;
    const auto settings = connectors::client_settings(configured, 5);
    EXPECT_EQ(settings.base_path, "/cloud/v5");
    EXPECT_EQ(settings.concurrency, 3u);
    EXPECT_EQ(settings.rate_limit, 2.5);
    EXPECT_EQ(settings.seed, 5u);
}

TEST(MedicappEraserTest, DeletesOnePatient) {
    Rig rig;
    rig.transport.then(response(204));
    connectors::MedicappEraser eraser(rig.client);
    EXPECT_TRUE(rig.run(eraser.erase("p-1")));
    EXPECT_EQ(rig.transport.sent()[0].request.method, http::Method::delete_);
    EXPECT_EQ(rig.transport.sent()[0].request.target, "/v5/patients/p-1");
    EXPECT_EQ(rig.client.requests().delete_, 1);
}

// A proxy may say 200 to anything.
TEST(MedicappEraserTest, NothingBut204SaysThatAPatientIsErased) {
    for (const auto& answer : {response(200), response(200, "{}"), response(202),
                               response(200, R"({"deleted":true})")}) {
        Rig rig;
        rig.transport.then(answer);
        connectors::MedicappEraser eraser(rig.client);
        const auto reply = rig.run(eraser.erase("p-1"));
        ASSERT_FALSE(reply) << answer.status << answer.body;
        EXPECT_EQ(reply.error().failure, Failure::unknown);
        EXPECT_NE(reply.error().what.find("where 204 is expected"), std::string::npos);
        EXPECT_FALSE(rig.client.failing()) << "it has answered";
        EXPECT_EQ(rig.requests(), 1u);
    }
}

TEST(MedicappEraserTest, RepeatsNothingThatMayHaveBeenDone) {
    Rig rig;
    rig.transport.otherwise([](const http::Request&) { return page_answer(); });
    connectors::MedicappEraser eraser(rig.client);
    for (const http::Result& fault : {http::Result(html(502)), http::Result(html(200)),
                                      broken(http::ErrorKind::timeout, true)}) {
        rig.transport.then(fault);
        EXPECT_EQ(rig.run(eraser.erase("p-1")).error().failure, Failure::unknown);
    }
    rig.transport.then(json_error(404, "NOT_FOUND"));
    EXPECT_EQ(rig.run(eraser.erase("p-1")).error().failure, Failure::not_found);
    rig.transport.then(json_error(429, "RATE"));
    rig.transport.then(response(204));
    EXPECT_TRUE(rig.run(eraser.erase("p-1")));
    EXPECT_EQ(rig.requests(), 8u) << "two of them plain reads";
}

} // namespace
} // namespace medibridge::test
