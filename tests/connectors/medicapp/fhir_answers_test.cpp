#include "connectors/medicapp/fhir_answers.hpp"

#include <gtest/gtest.h>
#include <string>

namespace medibridge::test {
namespace {

using connectors::FhirTerms;
using connectors::MedicappPage;
using connectors::MedicappPatient;
using reconcile::Field;
using reconcile::FieldValue;

FhirTerms usual_terms() {
    FhirTerms terms;
    terms.external_id_system = "urn:x:externalId";
    return terms;
}

const std::string marie =
    R"({"resourceType":"Patient","id":"p-1","meta":{"lastUpdated":"2026-01-31T09:05:00.120Z"},)"
    R"("identifier":[{"system":"urn:x:externalId","value":"IPP-1"},)"
    R"({"system":"urn:x:id","value":"own-1"}],)"
    R"("name":[{"use":"official","family":"CURIE","given":["Marie"]}],"gender":"female",)"
    R"("birthDate":"1967-11-07","telecom":[{"system":"phone","value":"+33199000001"}]})";
const std::string nobody = R"({"resourceType":"Practitioner","id":"x"})";

std::optional<MedicappPage> page(const std::string& body, std::int64_t asked = 1,
                                 const FhirTerms& terms = usual_terms()) {
    return connectors::read_fhir_page(body, terms, std::nullopt, asked);
}
std::optional<MedicappPatient> patient(const std::string& body,
                                       const FhirTerms& terms = usual_terms()) {
    return connectors::read_fhir_patient(body, terms, std::nullopt);
}

void expect_marie(const MedicappPatient& shown) {
    EXPECT_EQ(shown.id, "p-1");
    EXPECT_EQ(shown.patient.external_id(), "IPP-1");
    EXPECT_EQ(shown.patient[Field::last_name], FieldValue::known("CURIE"));
    EXPECT_EQ(shown.patient[Field::first_name], FieldValue::known("Marie"));
    EXPECT_EQ(shown.patient[Field::gender], FieldValue::known("F"));
    EXPECT_EQ(shown.patient[Field::birth_date], FieldValue::known("1967-11-07"));
    EXPECT_EQ(shown.patient[Field::phone], FieldValue::known("+33199000001"));
    EXPECT_EQ(shown.modified_at, reconcile::parse_rfc3339("2026-01-31T09:05:00.120Z")->instant);
}

TEST(FhirPageTest, IsMedicappsListOfResources) {
    const auto shown = page(R"({"data":[)" + marie + "," + nobody +
                            R"(],"pagination":{"page":2,"perPage":2,"total":4,"totalPages":2}})");
    ASSERT_TRUE(shown);
    EXPECT_EQ(shown->page, 2);
    EXPECT_EQ(shown->per_page, 2);
    EXPECT_EQ(shown->total, 4);
    EXPECT_EQ(shown->total_pages, 2);
    EXPECT_EQ(shown->nameless, 1);
    EXPECT_EQ(shown->precision, reconcile::Precision::milliseconds);
    ASSERT_EQ(shown->patients.size(), 1u);
    expect_marie(shown->patients.front());
}

TEST(FhirPageTest, IsABundleWhoseLinksLeadOn) {
    const std::string begin = R"({"resourceType":"Bundle","type":"searchset","total":3,"entry":[)";
    const auto first = page(begin + R"({"resource":)" + marie + R"(},{"resource":)" + marie +
                            R"(}],"link":[{"relation":"next","url":"/v5/patients?c=1"}]})");
    ASSERT_TRUE(first);
    EXPECT_EQ(first->next, "/v5/patients?c=1");
    EXPECT_EQ(first->total, 3);
    EXPECT_EQ(first->total_pages, 2);
    ASSERT_EQ(first->patients.size(), 2u);
    expect_marie(first->patients.front());
    const auto last = page(begin + R"({"resource":)" + marie + "}]}", 2);
    ASSERT_TRUE(last);
    EXPECT_EQ(last->total_pages, 2);
    EXPECT_EQ(last->next, "");
}

TEST(FhirPageTest, ABundleWhoseLinksNeverEndEnds) {
    const std::string endless = R"({"resourceType":"Bundle","total":1,"entry":[{"resource":)" +
                                marie + R"(}],"link":[{"relation":"next","url":"/again"}]})";
    EXPECT_GT(page(endless, 1)->total_pages, 1);
    EXPECT_EQ(page(endless, 2)->total_pages, 2);
}

TEST(FhirPageTest, MayBeEmpty) {
    for (const char* body :
         {R"({"data":[],"pagination":{"page":1,"perPage":20,"total":0,"totalPages":0}})",
          R"({"resourceType":"Bundle","type":"searchset","total":0})"}) {
        const auto shown = page(body);
        ASSERT_TRUE(shown) << body;
        EXPECT_TRUE(shown->patients.empty());
        EXPECT_EQ(shown->total, 0);
    }
}

TEST(FhirPageTest, IsNothingElse) {
    const std::string pages = R"("pagination":{"page":1,"perPage":20,"total":1,"totalPages":1})";
    const std::vector<std::string> others{
        "",
        "<html></html>",
        "[]",
        R"({"data":[{"id":"p-1","lastName":"CURIE"}],)" + pages + "}", // the native form
        R"({"data":[)" + marie + "]}",                                 // no total
        R"({"data":[)" + marie + R"(],"pagination":{"total":1}})",     // no number of pages
        R"({"resourceType":"Bundle","entry":[{"resource":)" + marie + "}]}",
        R"({"resourceType":"Bundle","total":1,"link":[{"relation":"next","url":7}]})",
        R"({"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"login"}]})",
    };
    for (const auto& body : others)
        EXPECT_FALSE(page(body)) << body;
}

TEST(FhirPatientTest, IsTheResourceOrHoldsIt) {
    for (const auto& body :
         {marie, R"({"data":)" + marie + "}",
          R"({"resourceType":"Bundle","total":1,"entry":[{"resource":)" + marie + "}]}"}) {
        const auto shown = patient(body);
        ASSERT_TRUE(shown) << body;
        expect_marie(*shown);
    }
    EXPECT_FALSE(patient(R"({"id":"p-1","lastName":"CURIE"})"));
    EXPECT_FALSE(patient(nobody));
    EXPECT_FALSE(patient(R"({"data":[)" + marie + "," + marie + "]}"));
}

TEST(FhirPatientTest, IsKnownByTheIdentifierOfMedicappsSystem) {
    auto terms = usual_terms();
    terms.id_system = "urn:x:id";
    EXPECT_EQ(patient(marie, terms)->id, "own-1");
    terms.id_system = "urn:x:other";
    EXPECT_EQ(patient(marie, terms)->id, "");
}

TEST(FhirPatientTest, WhatItLacksIsNotEmpty) {
    const auto terms = usual_terms();
    EXPECT_TRUE(patient(marie, terms)->shown.has(Field::phone));
    EXPECT_FALSE(patient(marie, terms)->shown.has(Field::email));
    EXPECT_FALSE(patient(marie, terms)->shown.has(Field::street));
}

TEST(FhirPatientTest, AnAddressIsShownAsAWhole) {
    auto with_town = marie;
    with_town.insert(with_town.size() - 1, R"(,"address":[{"city":"Paris","line":["1 rue A"]}])");
    const auto shown = patient(with_town);
    EXPECT_EQ(shown->patient[Field::city], FieldValue::known("Paris"));
    EXPECT_TRUE(shown->shown.has(Field::postal_code));
    EXPECT_TRUE(shown->patient[Field::postal_code].is_unknown());
}

TEST(FhirErrorTest, IsAnOperationOutcomeWithAnError) {
    const auto error = connectors::read_fhir_error(
        R"({"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"not-found",)"
        R"("diagnostics":"Marie Curie"}]})");
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, "not-found");
    EXPECT_EQ(error->message, "");
    EXPECT_FALSE(connectors::read_fhir_error(R"({"error":{"code":"NOT_FOUND"}})"));
    EXPECT_FALSE(connectors::read_fhir_error("<html>"));
    EXPECT_FALSE(connectors::read_fhir_error(
        R"({"resourceType":"OperationOutcome","issue":[{"severity":"warning","code":"login"}]})"));
}

// A server whose own form has become FHIR must not look as if it had emptied everything.
TEST(FhirAnswersTest, AreNoNativeOnes) {
    EXPECT_FALSE(connectors::read_patient(marie));
    EXPECT_FALSE(connectors::read_page(
        R"({"data":[)" + marie +
        R"(],"pagination":{"page":1,"perPage":20,"total":1,"totalPages":1}})"));
}

} // namespace
} // namespace medibridge::test
