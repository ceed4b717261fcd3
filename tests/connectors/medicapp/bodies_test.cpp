#include "connectors/medicapp/bodies.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck.h>
#include <string>

namespace medibridge::test {
namespace {

using connectors::create_body;
using connectors::PatientUpdate;
using connectors::update_body;
using nlohmann::json;
using reconcile::Field;
using reconcile::FieldValue;
using reconcile::Patient;

Patient whole_patient() {
    Patient patient("IPP-1");
    patient[Field::last_name] = FieldValue::known("d'Été \"Martin\"");
    patient[Field::first_name] = FieldValue::known("Zoë");
    patient[Field::birth_date] = FieldValue::known("1980-02-29");
    patient[Field::gender] = FieldValue::known("F");
    patient[Field::email] = FieldValue::known("zoe@example.org");
    patient[Field::phone] = FieldValue::known("+33612345678");
    patient[Field::street] = FieldValue::known("1 rue \\ du Bac");
    patient[Field::city] = FieldValue::known("Paris");
    patient[Field::postal_code] = FieldValue::known("75007");
    patient[Field::country] = FieldValue::known("FR");
    return patient;
}

TEST(CreateBodyTest, HoldsEveryKnownFieldAndNothingElse) {
    EXPECT_EQ(create_body(whole_patient()),
              R"({"externalId":"IPP-1","lastName":"d'Été \"Martin\"","firstName":"Zoë",)"
              R"("birthDate":"1980-02-29","gender":"F","email":"zoe@example.org",)"
              R"("phone":"+33612345678","address":{"street":"1 rue \\ du Bac","city":"Paris",)"
              R"("postalCode":"75007","country":"FR"}})");
}

TEST(CreateBodyTest, LeavesOutWhatIsUnknownClearedOrUnreadable) {
    Patient patient("IPP-1");
    patient[Field::last_name] = FieldValue::known("Martin");
    patient[Field::email] = FieldValue::cleared();
    patient[Field::phone] = FieldValue::unreadable("not a number");
    patient[Field::city] = FieldValue::known("Lyon");
    EXPECT_EQ(create_body(patient),
              R"({"externalId":"IPP-1","lastName":"Martin","address":{"city":"Lyon"}})");
}

TEST(CreateBodyTest, RefusesWhatIsNotUtf8) {
    for (const auto* text :
         {"\xff", "Zo\xeb", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe0\x80\xaf",
          "\xf0\x80\x80\xaf", "\x80", "\xf5\x80\x80\x80", "a\xe2\x82"}) {
        Patient patient("IPP-1");
        patient[Field::first_name] = FieldValue::known(text);
        EXPECT_EQ(create_body(patient), std::nullopt);
        EXPECT_EQ(create_body(Patient(text)), std::nullopt);
    }
}

TEST(UpdateBodyTest, HoldsOnlyTheFieldsToWriteAndNullForThoseToClear) {
    PatientUpdate update;
    update.patient = whole_patient();
    update.write.add(Field::phone);
    update.clear.add(Field::email);
    EXPECT_EQ(update_body(update), R"({"email":null,"phone":"+33612345678"})");
}

TEST(UpdateBodyTest, NestsTheAddressAsGiven) {
    PatientUpdate update;
    update.patient = whole_patient();
    update.write.add(Field::city);
    update.clear.add(Field::street);
    EXPECT_EQ(update_body(update), R"({"address":{"street":null,"city":"Paris"}})");
}

TEST(UpdateBodyTest, SendsTheExternalIdOnlyWhenAsked) {
    PatientUpdate update;
    update.patient = whole_patient();
    update.write_external_id = true;
    EXPECT_EQ(update_body(update), R"({"externalId":"IPP-1"})");
}

TEST(UpdateBodyTest, RefusesAnUpdateOfNothingAndOfWhatIsNotKnown) {
    PatientUpdate update;
    update.patient = whole_patient();
    EXPECT_EQ(update_body(update), std::nullopt);
    update.patient[Field::city] = FieldValue();
    update.write.add(Field::city);
    update.write.add(Field::phone);
    EXPECT_EQ(update_body(update), std::nullopt);
}

TEST(BodiesTest, AnyUtf8ComesBackAsItWas) {
    const bool ok = rc::check("any code points", [] {
        const auto points = *rc::gen::container<std::u32string>(
            rc::gen::suchThat(rc::gen::oneOf(rc::gen::inRange<char32_t>(0, 0x80),
                                             rc::gen::inRange<char32_t>(0x80, 0x10FFFF)),
                              [](char32_t point) { return point < 0xD800 || point > 0xDFFF; }));
        std::string text;
        for (const char32_t c : points) {
            if (c < 0x80) {
                text += static_cast<char>(c);
            } else if (c < 0x800) {
                text += static_cast<char>(0xC0 | (c >> 6));
                text += static_cast<char>(0x80 | (c & 0x3F));
            } else if (c < 0x10000) {
                text += static_cast<char>(0xE0 | (c >> 12));
                text += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
                text += static_cast<char>(0x80 | (c & 0x3F));
            } else {
                text += static_cast<char>(0xF0 | (c >> 18));
                text += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
                text += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
                text += static_cast<char>(0x80 | (c & 0x3F));
            }
        }
        Patient patient("IPP-1");
        patient[Field::street] = FieldValue::known(text);
        const auto body = create_body(patient);
        RC_ASSERT(body.has_value());
        RC_ASSERT(json::parse(*body)["address"]["street"].get<std::string>() == text);
    });
    EXPECT_TRUE(ok);
}

TEST(BodiesTest, AnyBytesAreRefusedExactlyWhenTheyAreNotUtf8) {
    const bool ok = rc::check("any bytes", [](const std::string& bytes) {
        const auto body = create_body(Patient(bytes));
        bool is_utf8 = true;
        try {
            (void)json(bytes).dump();
        } catch (const json::exception&) {
            is_utf8 = false;
        }
        RC_ASSERT(body.has_value() == is_utf8);
    });
    EXPECT_TRUE(ok);
}

} // namespace
} // namespace medibridge::test
