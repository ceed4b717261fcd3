#include "connectors/medicapp/answers.hpp"
#include "rig.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

// What cannot be read in Medicapp's answers spoils its own field; the patient and the rest of the
// page are read (RFC 8259 §8.2 leaves to the reader what becomes of half a surrogate pair, §6 of
// numbers beyond its range).

namespace medibridge::test {
namespace {

using connectors::read_page;
using connectors::read_patient;
using reconcile::Field;
using reconcile::FieldValue;
using State = FieldValue::State;

std::string page_with(const std::string& item) {
    return R"({"data":[{"id":"p-0","lastName":"First"},)" + item +
           R"(,{"id":"p-9","lastName":"Last"}],"pagination":{"total":3,"totalPages":1}})";
}

struct FieldRow {
    const char* name;
    std::string member;
    Field field;
};

std::vector<FieldRow> fields() {
    return {
        {"half a pair", R"("firstName":"\ud83d")", Field::first_name},
        {"the other half in a name", R"("firstName":"Zo\udc00e")", Field::first_name},
        {"Latin-1", "\"firstName\":\"Zo\xe9\"", Field::first_name},
        {"an escape that is none", R"("email":"a\x40b.fr")", Field::email},
        {"beyond all numbers", R"("phone":1e999)", Field::phone},
        {"no number", R"("phone":NaN)", Field::phone},
        {"infinite", R"("phone":-Infinity)", Field::phone},
        {"leading zeros in a number", R"("phone":0612345678)", Field::phone},
        {"through a float", R"("phone":3.3612345678E10)", Field::phone},
        {"an object", R"("email":{"value":"a@b.fr","id":"x"})", Field::email},
        {"a list", R"("email":["a@b.fr"])", Field::email},
        {"a truth", R"("gender":true)", Field::gender},
    };
}

TEST(UnreadableValuesTest, SpoilTheirFieldOnly) {
    for (const auto& row : fields()) {
        const auto page = read_page(
            page_with(R"({"id":"p-1","externalId":"IPP-1","lastName":"Durand",)" + row.member +
                      R"(,"birthDate":"1980-02-29","modifiedAt":"2026-01-31T09:05:00Z"})"));
        ASSERT_TRUE(page) << row.name;
        ASSERT_EQ(page->patients.size(), 3u) << row.name;
        const auto& patient = page->patients[1];
        EXPECT_EQ(patient.id, "p-1");
        EXPECT_EQ(patient.patient.external_id(), "IPP-1");
        EXPECT_FALSE(patient.external_id_unreadable);
        EXPECT_EQ(patient.patient[row.field].state(), State::unreadable) << row.name;
        EXPECT_EQ(patient.patient[Field::last_name], FieldValue::known("Durand"));
        EXPECT_EQ(patient.patient[Field::birth_date], FieldValue::known("1980-02-29"));
        EXPECT_TRUE(patient.modified_at);
        EXPECT_EQ(page->patients[2].patient[Field::last_name], FieldValue::known("Last"));
    }
}

TEST(UnreadableValuesTest, NeverSayOfTheirField) {
    for (const auto& row : fields()) {
        const auto patient = read_patient(R"({"id":"p-1",)" + row.member + "}");
        ASSERT_TRUE(patient);
        const auto& reason = patient->patient[row.field].text();
        EXPECT_TRUE(reason == "is not text" || reason == "holds a broken character") << reason;
    }
}

TEST(UnreadableValuesTest, OfNoFieldOfOursHaveNoEffect) {
    for (const std::string member : {R"("poids":1e999)", R"("note":"\ud83d")", R"("\ud83d":"x")",
                                     R"("x":[NaN,{"y":"\udc00"}])"}) {
        const auto page =
            read_page(page_with(R"({"id":"p-1","lastName":"Durand",)" + member + "}"));
        ASSERT_TRUE(page) << member;
        EXPECT_EQ(page->patients[1].patient[Field::last_name], FieldValue::known("Durand"));
    }
}

TEST(UnreadableValuesTest, AReplacementCharacterThatMedicappHasIsItsValue) {
    const auto page = read_page(page_with("{\"id\":\"p-1\",\"lastName\":\"Dur\xEF\xBF\xBDnd\"}"));
    EXPECT_EQ(page->patients[1].patient[Field::last_name], FieldValue::known("Dur\xEF\xBF\xBDnd"));
}

TEST(UnreadableValuesTest, OfAnAddressSpoilTheirPart) {
    const auto patient = read_patient(
        R"({"id":"p-1","address":{"street":"1 rue \ud83d","city":"Paris","postalCode":75e3,"country":[]}})");
    ASSERT_TRUE(patient);
    EXPECT_EQ(patient->patient[Field::street].state(), State::unreadable);
    EXPECT_EQ(patient->patient[Field::postal_code].state(), State::unreadable);
    EXPECT_EQ(patient->patient[Field::country].state(), State::unreadable);
    EXPECT_EQ(patient->patient[Field::city], FieldValue::known("Paris"));
}

TEST(UnreadableValuesTest, AnAddressThatIsNoneIsNotAnEmptyOne) {
    for (const std::string address :
         {"\"1 rue du Bac, Paris\"", "[\"1 rue du Bac\"]", "7", "true"}) {
        Rig rig;
        rig.transport.then(response(200, R"({"id":"p-1","address":)" + address + "}"));
        const auto reply = rig.run(rig.client.get("p-1"));
        ASSERT_TRUE(reply) << address;
        for (const auto part : {Field::street, Field::city, Field::postal_code, Field::country})
            EXPECT_EQ(reply->patient[part].state(), State::unreadable) << address;
    }
}

TEST(UnreadableValuesTest, OfATimeLeaveItUnsaid) {
    for (const std::string time :
         {"\"yesterday\"", "1e999", "\"9999-99-99T00:00:00Z\"", "\"\\ud83d\"", "{}", "-1", "true",
          "\"0000-00-00T00:00:00Z\"", "\"infinity\""}) {
        const auto page = read_page(page_with(R"({"id":"p-1","lastName":"Durand","modifiedAt":)" +
                                              time + R"(,"createdAt":)" + time + "}"));
        ASSERT_TRUE(page) << time;
        EXPECT_FALSE(page->patients[1].modified_at) << time;
        EXPECT_FALSE(page->patients[1].created_at) << time;
        EXPECT_EQ(page->patients[1].patient[Field::last_name], FieldValue::known("Durand"));
    }
}

TEST(UnreadableValuesTest, OfAnExternalIdSayThatNobodyKnowsWhoseItIs) {
    for (const std::string id : {R"("IPP-\ud83d")", "8.00123E+09", "1e999", "007001", "{}", "[1]",
                                 "false", "\"IPP-\xe9\""}) {
        const auto page =
            read_page(page_with(R"({"id":"p-1","lastName":"Durand","externalId":)" + id + "}"));
        ASSERT_TRUE(page) << id;
        EXPECT_TRUE(page->patients[1].external_id_unreadable) << id;
        EXPECT_EQ(page->patients[1].id, "p-1");
    }
    const auto whole = read_page(page_with(R"({"id":"p-1","externalId":7001})"));
    EXPECT_FALSE(whole->patients[1].external_id_unreadable);
    EXPECT_EQ(whole->patients[1].patient.external_id(), "7001");
}

TEST(UnreadableValuesTest, ItemsThatCanBeNobodyAreCountedAndTheOthersRead) {
    for (const std::string item :
         {R"({"lastName":"Durand"})", R"({"id":"","lastName":"Durand"})", R"({"id":null})",
          R"({"id":{"$oid":"1"}})", R"({"id":"..","lastName":"X"})", R"({"id":true})",
          R"({"id":1.5})", R"({"id":1e999})", R"({"id":"p-\ud83d"})", "\"p-1\"", "7", "null",
          "true", "[]", R"([{"id":"p-1"}])", "1e999"}) {
        const auto page = read_page(page_with(item));
        ASSERT_TRUE(page) << item;
        ASSERT_EQ(page->patients.size(), 2u) << item;
        EXPECT_EQ(page->nameless, 1) << item;
        EXPECT_EQ(page->patients[0].id, "p-0");
        EXPECT_EQ(page->patients[1].id, "p-9");
        EXPECT_EQ(page->patients[1].patient[Field::last_name], FieldValue::known("Last"));
    }
}

TEST(UnreadableValuesTest, AnIdMayBeANumber) {
    const auto page = read_page(page_with(R"({"id":41,"lastName":"Durand"})"));
    ASSERT_TRUE(page);
    EXPECT_EQ(page->patients[1].id, "41");
    EXPECT_EQ(page->nameless, 0);
}

TEST(UnreadableValuesTest, OfThePageAsAWholeLeaveItUnread) {
    for (const std::string pagination :
         {R"({"total":1e999,"totalPages":1})", R"({"total":1,"totalPages":NaN})",
          R"({"total":-1,"totalPages":1})"}) {
        EXPECT_FALSE(read_page(R"({"data":[],"pagination":)" + pagination + "}")) << pagination;
    }
    const auto page = read_page(
        R"({"data":[],"pagination":{"page":"one","perPage":1e999,"total":0,"totalPages":0}})");
    ASSERT_TRUE(page);
    EXPECT_EQ(page->page, 0);
    EXPECT_EQ(page->per_page, 0);
}

TEST(UnreadableValuesTest, DepthIsNoFault) {
    const std::string deep = std::string(500, '[') + std::string(500, ']');
    const auto page =
        read_page(page_with(R"({"id":"p-1","lastName":"Durand","answers":)" + deep + "}"));
    ASSERT_TRUE(page);
    EXPECT_EQ(page->patients[1].patient[Field::last_name], FieldValue::known("Durand"));
}

TEST(UnreadableValuesTest, AByteOrderMarkIsPassedOver) {
    EXPECT_TRUE(read_patient("\xEF\xBB\xBF{\"id\":\"p-1\"}"));
}

} // namespace
} // namespace medibridge::test
