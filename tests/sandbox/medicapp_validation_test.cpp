#include "running_sandbox.hpp"

#include <gtest/gtest.h>

namespace medibridge::sandbox {
namespace {

struct Rejection {
    const char* name;
    const char* member; ///< replaces or adds members of a good body; null removes it
    const char* code;
};

void PrintTo(const Rejection& value, std::ostream* out) {
    *out << value.name;
}

/// A good body with the members of `change` put over it.
std::string changed_body(const char* change) {
    auto body = nlohmann::json::parse(patient_json("E1"));
    body.merge_patch(nlohmann::json::parse(change));
    return body.dump();
}

class Refused : public testing::TestWithParam<Rejection> {};

TEST_P(Refused, WithACodeThatNamesTheField) {
    RunningSandbox sandbox;
    const auto answer = sandbox.medicapp("POST", "/patients", changed_body(GetParam().member));
    EXPECT_EQ(answer.status, 400U) << answer.body;
    EXPECT_EQ(answer.code(), GetParam().code);
    EXPECT_EQ(sandbox.stats()["medicapp"]["patients"], 0);
}

INSTANTIATE_TEST_SUITE_P(
    MedicappValidationTest, Refused,
    testing::Values(
        Rejection{"NoLastName", R"({"lastName":null})", "MISSING_LAST_NAME"},
        Rejection{"NoFirstName", R"({"firstName":null})", "MISSING_FIRST_NAME"},
        Rejection{"NoBirthDate", R"({"birthDate":null})", "MISSING_BIRTH_DATE"},
        Rejection{"EmptyName", R"({"lastName":"  "})", "INVALID_LAST_NAME"},
        Rejection{"ControlCharacter", R"({"firstName":"A\u0007"})", "INVALID_FIRST_NAME"},
        Rejection{"NoSuchDay", R"({"birthDate":"1981-02-29"})", "INVALID_BIRTH_DATE"},
        Rejection{"FrenchDate", R"({"birthDate":"31/12/1980"})", "INVALID_BIRTH_DATE"},
        Rejection{"DateWithTime", R"({"birthDate":"1980-12-31T00:00:00Z"})", "INVALID_BIRTH_DATE"},
        Rejection{"DateAsNumber", R"({"birthDate":19801231})", "INVALID_BIRTH_DATE"},
        Rejection{"UnknownGender", R"({"gender":"U"})", "INVALID_GENDER"},
        Rejection{"LowerGender", R"({"gender":"f"})", "INVALID_GENDER"},
        Rejection{"MailWithoutAt", R"({"email":"chloe.example.org"})", "INVALID_EMAIL"},
        Rejection{"MailWithTwoAts", R"({"email":"a@b@example.org"})", "INVALID_EMAIL"},
        Rejection{"MailWithoutDot", R"({"email":"a@localhost"})", "INVALID_EMAIL"},
        Rejection{"MailWithSpace", R"({"email":"a b@example.org"})", "INVALID_EMAIL"},
        Rejection{"NationalPhone", R"({"phone":"01 99 00 12 34"})", "INVALID_PHONE"},
        Rejection{"PhoneWithSpaces", R"({"phone":"+33 1 99 00 12 34"})", "INVALID_PHONE"},
        Rejection{"PhoneWithZero", R"({"phone":"+0199001234"})", "INVALID_PHONE"},
        Rejection{"LongPhone", R"({"phone":"+3319900123456789"})", "INVALID_PHONE"},
        Rejection{"EmptyPhone", R"({"phone":""})", "INVALID_PHONE"},
        Rejection{"PhoneAsArray", R"({"phone":["+33199001234"]})", "INVALID_PHONE"},
        Rejection{"PhoneAsObject", R"({"phone":{"mobile":"+33199001234"}})", "INVALID_PHONE"},
        Rejection{"NameAsBoolean", R"({"lastName":true})", "INVALID_LAST_NAME"},
        Rejection{"ExternalIdAsNumber", R"({"externalId":12})", "INVALID_EXTERNAL_ID"},
        Rejection{"EmptyExternalId", R"({"externalId":""})", "INVALID_EXTERNAL_ID"},
        Rejection{"AddressAsText", R"({"address":"1 rue A"})", "INVALID_ADDRESS"},
        Rejection{"CityAsNumber", R"({"address":{"city":44}})", "INVALID_CITY"},
        Rejection{"UnknownField", R"({"middleName":"Zoé"})", "UNKNOWN_FIELD"},
        Rejection{"UnknownAddressField", R"({"address":{"zip":"44000"}})", "UNKNOWN_FIELD"},
        Rejection{"AddressFieldOutside", R"({"city":"Nantes"})", "UNKNOWN_FIELD"}),
    [](const auto& test) { return std::string(test.param.name); });

class Broken : public testing::TestWithParam<const char*> {};

TEST_P(Broken, IsInvalidJson) {
    RunningSandbox sandbox;
    const auto answer = sandbox.medicapp("POST", "/patients", GetParam());
    EXPECT_EQ(answer.status, 400U);
    EXPECT_EQ(answer.code(), "INVALID_JSON");
}

INSTANTIATE_TEST_SUITE_P(MedicappValidationTest, Broken,
                         testing::Values("", "{", "null", "[]", "\"x\"", "12",
                                         "{\"lastName\":\"\xff\"}"));

TEST(MedicappValidationTest, RefusesAFieldGivenTwice) {
    RunningSandbox sandbox;
    const auto answer = sandbox.medicapp("POST", "/patients", R"({"lastName":"A","lastName":"B"})");
    EXPECT_EQ(answer.code(), "DUPLICATE_FIELD");
}

TEST(MedicappValidationTest, TakesARequiredFieldsOnlyBodyAndNullsForTheRest) {
    RunningSandbox sandbox;
    const auto answer = sandbox.medicapp(
        "POST", "/patients",
        R"({"lastName":"Ng","firstName":"Li","birthDate":"2000-02-29","phone":null,"address":null})");
    ASSERT_EQ(answer.status, 201U) << answer.body;
    EXPECT_TRUE(answer.json()["phone"].is_null());
    EXPECT_TRUE(answer.json()["address"].is_null());
}

TEST(MedicappValidationTest, ChecksPutsTheSameWay) {
    RunningSandbox sandbox;
    const auto id = sandbox.create("E1");
    EXPECT_EQ(sandbox.medicapp("PUT", "/patients/" + id, R"({"phone":"06"})").code(),
              "INVALID_PHONE");
    EXPECT_EQ(sandbox.medicapp("PUT", "/patients/" + id, R"({"x":"06"})").code(), "UNKNOWN_FIELD");
    EXPECT_EQ(sandbox.medicapp("PUT", "/patients/" + id, R"({"lastName":null})").code(),
              "INVALID_LAST_NAME");
}

TEST(MedicappValidationTest, GenericErrorCodesDoNotNameTheField) {
    auto settings = RunningSandbox::quiet();
    settings.medicapp.error_codes = ErrorCodes::generic;
    RunningSandbox sandbox(settings);
    const auto answer = sandbox.medicapp("POST", "/patients", changed_body(R"({"phone":"06"})"));
    EXPECT_EQ(answer.code(), "VALIDATION_ERROR");
    EXPECT_EQ(lower_case(answer.body).find("phone"), std::string::npos);
}

} // namespace
} // namespace medibridge::sandbox
