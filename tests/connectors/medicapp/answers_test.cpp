#include "connectors/medicapp/answers.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck.h>
#include <string>

namespace medibridge::test {
namespace {

using connectors::is_usable_id;
using connectors::read_error;
using connectors::read_page;
using connectors::read_patient;
using reconcile::Field;
using reconcile::FieldValue;
using reconcile::Precision;

std::string
page_of(const std::string& items,
        const std::string& pagination = R"("page":2,"perPage":50,"total":51,"totalPages":2)") {
    return R"({"data":[)" + items + R"(],"pagination":{)" + pagination + "}}";
}

TEST(ReadPageTest, ReadsPatientsAndPagination) {
    const auto page = read_page(page_of(
        R"({"id":"p-1","externalId":"IPP-1","lastName":"Durand","firstName":"Zoé",)"
        R"("birthDate":"1980-02-29","gender":"F","email":"z@example.org","phone":"+33612345678",)"
        R"("createdAt":"2026-01-01T00:00:00Z","modifiedAt":"2026-01-31T10:05:00.123+01:00"},)"
        R"({"id":"p-2","externalId":null,"lastName":"Petit"})"));
    ASSERT_TRUE(page);
    EXPECT_EQ(page->page, 2);
    EXPECT_EQ(page->per_page, 50);
    EXPECT_EQ(page->total, 51);
    EXPECT_EQ(page->total_pages, 2);
    EXPECT_EQ(page->precision, Precision::milliseconds);
    ASSERT_EQ(page->patients.size(), 2u);
    const auto& first = page->patients[0];
    EXPECT_EQ(first.id, "p-1");
    EXPECT_EQ(first.patient.external_id(), "IPP-1");
    EXPECT_EQ(first.patient[Field::last_name], FieldValue::known("Durand"));
    EXPECT_EQ(first.patient[Field::first_name], FieldValue::known("Zoé"));
    EXPECT_EQ(first.patient[Field::birth_date], FieldValue::known("1980-02-29"));
    EXPECT_EQ(first.patient[Field::gender], FieldValue::known("F"));
    EXPECT_EQ(first.patient[Field::email], FieldValue::known("z@example.org"));
    EXPECT_EQ(first.patient[Field::phone], FieldValue::known("+33612345678"));
    EXPECT_EQ(first.modified_at, reconcile::parse_rfc3339("2026-01-31T09:05:00.123Z")->instant);
    EXPECT_EQ(first.created_at, reconcile::parse_rfc3339("2026-01-01T00:00:00Z")->instant);
    EXPECT_FALSE(first.shown.has(Field::street));
    const auto& second = page->patients[1];
    EXPECT_EQ(second.patient.external_id(), "");
    EXPECT_TRUE(second.patient[Field::first_name].is_unknown());
    EXPECT_FALSE(second.modified_at);
}

TEST(ReadPatientTest, TakesTheNumberOfRecordsIfItIsANumber) {
    EXPECT_EQ(read_patient(R"({"id":"p-1","recordsCount":7})")->records_count, 7);
    EXPECT_EQ(read_patient(R"({"data":{"id":"p-1","recordsCount":0}})")->records_count, 0);
    for (const char* json :
         {R"({"id":"p-1"})", R"({"id":"p-1","recordsCount":null})",
          R"({"id":"p-1","recordsCount":-1})", R"({"id":"p-1","recordsCount":"many"})"})
        EXPECT_FALSE(read_patient(json)->records_count) << json;
}

TEST(ReadPageTest, PassesOverWhatItDoesNotKnow) {
    const auto page = read_page(
        R"({"meta":{"data":[1],"id":"x"},"data":[{"id":"p-1","tags":[{"id":"t","lastName":"X"},[[]]],)"
        R"("doctor":{"id":"d","lastName":"Y","address":{"city":"Z"}},"lastName":"Durand","active":true,)"
        R"("score":1.5}],"pagination":{"total":1,"totalPages":1,"next":null,"more":{"total":9}},"x":null})");
    ASSERT_TRUE(page);
    ASSERT_EQ(page->patients.size(), 1u);
    EXPECT_EQ(page->patients[0].id, "p-1");
    EXPECT_EQ(page->patients[0].patient[Field::last_name], FieldValue::known("Durand"));
    EXPECT_TRUE(page->patients[0].patient[Field::city].is_unknown());
    EXPECT_EQ(page->total, 1);
}

TEST(ReadPageTest, TakesNullAndAbsenceForUnknownAndNumbersForTheirDigits) {
    const auto page =
        read_page(page_of(R"({"id":"p-1","externalId":1234567,"lastName":null,"phone":33612345678,)"
                          R"("modifiedAt":"yesterday"})"));
    ASSERT_TRUE(page);
    const auto& patient = page->patients[0];
    EXPECT_EQ(patient.patient.external_id(), "1234567");
    EXPECT_TRUE(patient.patient[Field::last_name].is_unknown());
    EXPECT_EQ(patient.patient[Field::phone], FieldValue::known("33612345678"));
    EXPECT_FALSE(patient.modified_at);
}

TEST(ReadPageTest, TakesNumbersOfThePaginationInQuotes) {
    const auto page = read_page(page_of("", R"("total":"51","totalPages":"2")"));
    ASSERT_TRUE(page);
    EXPECT_EQ(page->total, 51);
    EXPECT_EQ(page->page, 0);
}

TEST(ReadPageTest, RefusesWhatIsNoPage) {
    for (const std::string& text : {
             std::string(""),
             std::string("null"),
             std::string("[]"),
             std::string("<html></html>"),
             std::string("{}"),
             std::string(R"({"data":[]})"),
             std::string(R"({"data":{},"pagination":{"total":0,"totalPages":0}})"),
             std::string(R"({"data":[],"pagination":{"total":0}})"),
             page_of("", R"("total":-1,"totalPages":0)"),
             page_of("", R"("total":1.5,"totalPages":0)"),
             page_of("", R"("total":"many","totalPages":0)"),
             page_of(R"({"id":"p-1"})").substr(0, 30),
             page_of(R"({"id":"p-1"})") + "x",
             std::string(100'000, '['),
             R"({"data":)" + std::string(100'000, '['),
         }) {
        EXPECT_FALSE(read_page(text)) << text.substr(0, 80);
    }
}

TEST(ReadPageTest, RefusesMorePatientsThanAnyPageHolds) {
    std::string items = R"({"id":"p"})";
    for (int i = 0; i < 1000; ++i)
        items += R"(,{"id":"p"})";
    EXPECT_FALSE(read_page(page_of(items)));
}

TEST(ReadPatientTest, ReadsADetailWithItsAddress) {
    const auto patient = read_patient(
        R"({"id":"p-1","address":{"street":"1 rue du Bac","city":"Paris","postalCode":75007,)"
        R"("country":null,"lastName":"nobody"}})");
    ASSERT_TRUE(patient);
    EXPECT_TRUE(patient->shown.has(Field::street));
    EXPECT_EQ(patient->patient[Field::street], FieldValue::known("1 rue du Bac"));
    EXPECT_EQ(patient->patient[Field::postal_code], FieldValue::known("75007"));
    EXPECT_TRUE(patient->patient[Field::country].is_unknown());
    EXPECT_TRUE(patient->patient[Field::last_name].is_unknown());
}

TEST(ReadPatientTest, ANullAddressIsSeenToBeEmpty) {
    EXPECT_TRUE(read_patient(R"({"id":"p-1","address":null})")->shown.has(Field::street));
    EXPECT_FALSE(read_patient(R"({"id":"p-1"})")->shown.has(Field::street));
}

TEST(ReadPatientTest, AcceptsAPatientWithinData) {
    const auto patient = read_patient(R"({"data":{"id":"p-1","lastName":"Durand"}})");
    ASSERT_TRUE(patient);
    EXPECT_EQ(patient->id, "p-1");
    EXPECT_EQ(patient->patient[Field::last_name], FieldValue::known("Durand"));
}

TEST(ReadErrorTest, ReadsMedicappsBody) {
    const auto error = read_error(
        R"({"error":{"code":"DUPLICATE_EXTERNAL_ID","status":409,"message":"taken","requestId":"req_1"}})");
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, "DUPLICATE_EXTERNAL_ID");
    EXPECT_EQ(error->message, "taken");
    EXPECT_EQ(error->request_id, "req_1");
}

TEST(ReadErrorTest, IsNothingForAnybodyElsesBody) {
    for (const auto* text : {"", "<html>404</html>", "Not found", R"({"error":"not_found"})",
                             R"({"error":{}})", R"({"message":"no"})", R"({"error":null})",
                             R"({"error":{"code":"A")", R"({"x":{"error":{"code":"A"}}})"}) {
        EXPECT_FALSE(read_error(text)) << text;
    }
}

/// What stays of an error's code or request id.
std::string shown(const std::string& key, const std::string& word) {
    const auto error = read_error(R"({"error":{"status":400,")" + key + "\":\"" + word + "\"}}");
    if (!error) return "no error";
    return key == "code" ? error->code : error->request_id;
}

TEST(ReadErrorTest, WordsThatMayBeAPatientsAreNotShown) {
    for (const std::string key : {"code", "requestId"}) {
        for (const std::string word :
             {"DURAND", "DURAND_MARIE", "INVALID_DURAND", "Durand:Marie", "dupont-19800512",
              "19800512", "12.05.1980", "IPP-4711-DURAND", "0612345678", "180057512345678",
              "198005120612345678", "req_DURAND1980", "req-19800512", "FACADEDEADBEEFFACADE",
              "M.D.1980"})
            EXPECT_EQ(shown(key, word), "~(" + std::to_string(word.size()) + " bytes)") << key;
    }
    for (const std::string word :
         {"VALIDATION_ERROR", "invalid.phone", "DUPLICATE_EXTERNAL_ID", "externalId:taken",
          "E_1042", "error-40901", "NOT_FOUND", "UNSUPPORTED_MEDIA_TYPE", "INVALID_POSTAL_CODE"})
        EXPECT_EQ(shown("code", word), word);
    for (const std::string word :
         {"req_1", "req-7", "12345", "req_8f01a3c5d7e9b2f4", "01ARZ3NDEKTSV4RRFFQ69G5FAV",
          "550e8400-e29b-41d4-a716-446655440000", "request-550e8400e29b41d4a716446655440000",
          "65f1c0ffee65f1c0ffee65f1"})
        EXPECT_EQ(shown("requestId", word), word);
}

TEST(ReadErrorTest, TheFieldIsStillFoundInACodeThatIsNotShown) {
    const auto error = read_error(R"({"error":{"code":"DURAND_PHONE","message":"no"}})");
    ASSERT_TRUE(error);
    EXPECT_EQ(error->message, "DURAND_PHONE no");
}

TEST(ReadErrorTest, LetsNoSentenceThroughInCodeOrRequestId) {
    const auto error = read_error(
        R"({"error":{"code":"lastName Durand is bad","requestId":"Zoé","message":"m"}})");
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, "");
    EXPECT_EQ(error->request_id, "");
    const std::string endless(5'000, 'x');
    const auto long_one =
        read_error(R"({"error":{"code":")" + endless + R"(","message":")" + endless + "é\"}}");
    ASSERT_TRUE(long_one);
    EXPECT_EQ(long_one->code, "");
    EXPECT_EQ(long_one->message.size(), 500u);
}

TEST(ReadErrorTest, CutsTheMessageBetweenCharacters) {
    std::string message(499, 'x');
    message += "éé";
    const auto error = read_error(R"({"error":{"message":")" + message + "\"}}");
    ASSERT_TRUE(error);
    EXPECT_EQ(error->message, std::string(499, 'x'));
}

TEST(UsableIdTest, IsOneSegmentOfAPath) {
    EXPECT_TRUE(is_usable_id("p-1"));
    EXPECT_TRUE(is_usable_id("a/b")); // is percent-encoded when sent
    EXPECT_FALSE(is_usable_id(""));
    EXPECT_FALSE(is_usable_id("."));
    EXPECT_FALSE(is_usable_id(".."));
    EXPECT_FALSE(is_usable_id(std::string(201, 'x')));
}

TEST(AnswersTest, NoDamagedAnswerIsTakenForMoreThanItIs) {
    const std::string whole = page_of(
        R"({"id":"p-1","lastName":"Durand","address":{"city":"Paris"}},{"id":"p-2","email":"é"})");
    ASSERT_TRUE(read_page(whole));
    for (std::size_t length = 0; length < whole.size(); ++length) {
        EXPECT_FALSE(read_page(whole.substr(0, length))) << length;
    }
    const bool ok = rc::check("any change of one byte", [&] {
        auto text = whole;
        text[*rc::gen::inRange<std::size_t>(0, text.size())] = *rc::gen::arbitrary<char>();
        const auto page = read_page(text);
        // RC_ASSERT takes an expression apart and evaluates all of it, so || would not stop early.
        const bool plausible = !page || page->patients.size() <= 2;
        RC_ASSERT(plausible);
        (void)read_patient(text);
        (void)read_error(text);
    });
    EXPECT_TRUE(ok);
}

} // namespace
} // namespace medibridge::test
