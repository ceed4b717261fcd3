#include "connectors/medicapp/representation.hpp"

#include <gtest/gtest.h>
#include <string>
#include <utility>

namespace medibridge::test {
namespace {

using connectors::BothForms;
using connectors::FhirTerms;
using connectors::FormsFound;

const std::string pages = R"(],"pagination":{"page":1,"perPage":100,"total":2,"totalPages":1}})";

std::string list_of(const std::string& items) {
    return R"({"data":[)" + items + pages;
}

/// Somebody as both forms show them; `changed` members take the place of these.
std::string native(const std::string& id, const std::string& more = R"("phone":"+33199000001",)") {
    return R"({"id":")" + id + R"(","externalId":"IPP-)" + id + R"(","lastName":"CURIE",)" + more +
           R"("firstName":"Marie","birthDate":"1967-11-07","gender":"F",)"
           R"("modifiedAt":"2026-01-31T09:05:00Z"})";
}
std::string
fhir(const std::string& id,
     const std::string& more = R"("telecom":[{"system":"phone","value":"+33199000001"}],)",
     const std::string& at = "2026-01-31T09:05:00Z") {
    return R"({"resourceType":"Patient","id":")" + id +
           R"(","identifier":[{"system":"urn:x:a",)"
           R"("value":"IPP-)" +
           id + R"("}],"name":[{"family":"CURIE","given":["Marie"]}],)" + more +
           R"("gender":"female","birthDate":"1967-11-07","meta":{"lastUpdated":")" + at + R"("}})";
}

BothForms forms(const std::string& natives, const std::string& resources) {
    BothForms both;
    both.list = {list_of(natives), list_of(resources)};
    return both;
}

FormsFound found(const BothForms& both, const FhirTerms& configured = {}) {
    return connectors::compare_forms(both, configured);
}

TEST(RepresentationTest, EqualFormsAreNoObjection) {
    auto both = forms(native("1"), fhir("1"));
    both.details.push_back({native("1", R"("address":{"city":"Paris"},)"),
                            fhir("1", R"("address":[{"city":"Paris","postalCode":"75007"}],)")});
    const auto its = found(both);
    EXPECT_EQ(its.objection, "");
    EXPECT_FALSE(its.unusable);
    EXPECT_EQ(its.terms.external_id_system, "urn:x:a");
    EXPECT_EQ(its.terms.id_system, "");
    EXPECT_TRUE(its.terms.native);
}

TEST(RepresentationTest, AListMayShowMore) {
    const auto its = found(forms(native("1"), fhir("1", R"("address":[{"city":"Paris",)"
                                                        R"("line":["1 rue A"]}],"telecom":[{)"
                                                        R"("system":"phone",)"
                                                        R"("value":"+33199000001"}],)")));
    EXPECT_EQ(its.objection, "");
}

TEST(RepresentationTest, ShowingLessIsAnObjection) {
    const auto its = found(forms(native("1"), fhir("1", "")));
    EXPECT_EQ(its.objection, "it shows less: phone");
    EXPECT_FALSE(its.unusable);
}

TEST(RepresentationTest, ShowingLessOfOneOfManyIsAnObjection) {
    const auto its = found(forms(native("1") + "," + native("2"), fhir("1") + "," + fhir("2", "")));
    EXPECT_EQ(its.objection, "it shows less: phone");
}

TEST(RepresentationTest, ShowingSomethingElseIsAnObjection) {
    const auto its = found(
        forms(native("1"), fhir("1", R"("telecom":[{"system":"phone","value":"+33199000009"}],)")));
    EXPECT_EQ(its.objection, "it shows other values: phone");
}

TEST(RepresentationTest, AnotherSpellingOfTheSameIsNone) {
    const auto its = found(forms(
        native("1"), fhir("1", R"("telecom":[{"system":"phone","value":"01 99 00 00 01"}],)")));
    EXPECT_EQ(its.objection, "");
}

TEST(RepresentationTest, WhoeverWasChangedInBetweenProvesNothing) {
    const auto its = found(forms(native("1"), fhir("1", "", "2026-01-31T09:05:07Z")));
    EXPECT_EQ(its.objection, "");
}

TEST(RepresentationTest, AMissingModificationTimeIsAnObjection) {
    auto timeless = fhir("1");
    timeless.replace(timeless.find("\"meta\""), 6, "\"else\"");
    EXPECT_EQ(found(forms(native("1"), timeless)).objection, "it shows no modification time");
}

TEST(RepresentationTest, ADetailThatCannotBeReadIsAnObjection) {
    auto both = forms(native("1"), fhir("1"));
    both.details.push_back({native("1"), native("1")});
    EXPECT_EQ(found(both).objection, "single patients cannot be read");
}

TEST(RepresentationTest, MedicappsIdMayBeAnIdentifier) {
    auto resource = fhir("1");
    resource.replace(resource.find(R"("id":"1")"), 8, R"("id":"r")");
    resource.insert(resource.find(R"({"system":"urn:x:a")"),
                    R"({"system":"urn:x:b","value":"1"},)");
    const auto its = found(forms(native("1"), resource));
    EXPECT_EQ(its.objection, "");
    EXPECT_EQ(its.terms.id_system, "urn:x:b");
}

TEST(RepresentationTest, WithoutAnIdThatTheNativeFormKnowsItCannotBeUsed) {
    const auto its = found(forms(native("2"), fhir("1")));
    EXPECT_TRUE(its.unusable);
    EXPECT_NE(its.objection.find("medicapp.id_system"), std::string::npos);
}

TEST(RepresentationTest, TheExternalIdIsWhatTheNativeFormSaysItIs) {
    // The hospital's number stands beside another one, in a system with a promising name.
    auto resource = fhir("1");
    resource.insert(resource.find(R"({"system":"urn:x:a")"),
                    R"({"system":"https://x/externalId","value":"other"},)");
    EXPECT_EQ(found(forms(native("1"), resource)).terms.external_id_system, "urn:x:a");
}

TEST(RepresentationTest, OfSeveralSystemsThatCoincideNoneIsGuessed) {
    auto resource = fhir("1");
    resource.insert(resource.find(R"({"system":"urn:x:a")"),
                    R"({"system":"urn:x:decoy","value":"IPP-1"},)");
    const auto both = forms(native("1") + "," + native("2"), resource + "," + fhir("2"));
    EXPECT_FALSE(found(both).unusable) << "the second patient tells them apart";
    EXPECT_EQ(found(both).terms.external_id_system, "urn:x:a");

    const auto its = found(forms(native("1"), resource));
    EXPECT_TRUE(its.unusable);
    EXPECT_EQ(its.objection, "several of its identifiers could be the externalId: set "
                             "medicapp.external_id_system");
    FhirTerms configured;
    configured.external_id_system = "urn:x:a";
    EXPECT_FALSE(found(forms(native("1"), resource), configured).unusable);
}

TEST(RepresentationTest, WithoutANativeFormTwoOfThatNameAreAmbiguous) {
    auto resource = fhir("1");
    resource.insert(resource.find(R"({"system":"urn:x:a")"),
                    R"({"system":"https://x/externalId","value":"1"},)"
                    R"({"system":"urn:x:external-id","value":"2"},)");
    BothForms both;
    both.list.fhir = list_of(resource);
    EXPECT_TRUE(found(both).unusable);
}

TEST(RepresentationTest, WhereNobodyHasAnExternalIdItCannotBeRecognised) {
    auto plain = native("1");
    plain.replace(plain.find("IPP-1"), 5, "");
    auto resource = fhir("1");
    resource.replace(resource.find("IPP-1"), 5, "");
    EXPECT_TRUE(found(forms(plain, resource)).nobody);
    FhirTerms configured;
    configured.external_id_system = "urn:x:a";
    EXPECT_TRUE(found(forms(plain, resource), configured).nobody);
}

TEST(RepresentationTest, WithoutANativeFormItsSystemIsKnownByName) {
    for (const auto& [system, is_known] :
         {std::pair("https://medicapp.example/fhir/externalId", true),
          std::pair("urn:medicapp:external-id", true), std::pair("urn:x:ipp", false)}) {
        auto named = fhir("1");
        named.replace(named.find("urn:x:a"), 7, system);
        BothForms both;
        both.list = {"", list_of(named)};
        const auto its = found(both);
        EXPECT_EQ(its.unusable, !is_known) << system;
        if (is_known) {
            EXPECT_EQ(its.terms.external_id_system, system);
        }
    }
}

TEST(RepresentationTest, AnUnknownSystemNamesTheSetting) {
    auto other = fhir("1");
    other.replace(other.find("IPP-1"), 5, "else");
    const auto its = found(forms(native("1"), other));
    EXPECT_TRUE(its.unusable);
    EXPECT_NE(its.objection.find("medicapp.external_id_system"), std::string::npos);
}

TEST(RepresentationTest, AConfiguredSystemMustHoldTheExternalIds) {
    FhirTerms configured;
    configured.external_id_system = "urn:x:c";
    const auto wrong = found(forms(native("1"), fhir("1")), configured);
    EXPECT_TRUE(wrong.unusable);
    EXPECT_NE(wrong.objection.find("medicapp.external_id_system"), std::string::npos);
    configured.external_id_system = "urn:x:a";
    EXPECT_EQ(found(forms(native("1"), fhir("1")), configured).objection, "");
}

TEST(RepresentationTest, ThatThereIsNoNativeFormIsNoticed) {
    BothForms both;
    both.list = {"", list_of(fhir("1"))};
    FhirTerms configured;
    configured.external_id_system = "urn:x:a";
    const auto its = found(both, configured);
    EXPECT_FALSE(its.unusable);
    EXPECT_FALSE(its.terms.native);
}

TEST(RepresentationTest, AnEmptySpaceShowsNobody) {
    EXPECT_TRUE(found(forms("", "")).nobody);
}

TEST(RepresentationTest, TheNativeFormInAnswerIsNotFhir) {
    const auto its = found(forms(native("1"), native("1")));
    EXPECT_TRUE(its.unusable);
    EXPECT_EQ(its.objection, "it is not answered with FHIR");
}

} // namespace
} // namespace medibridge::test
