#include "simulated_fhir.hpp"

#include "connectors/fhir_resource/patient.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::connectors {
namespace {

using reconcile::Field;
using testing::ElementsAre;
using testing::IsEmpty;

FhirPatient mapped(const std::string& members) {
    FhirRules rules;
    rules.identifier_system = ipp_system;
    rules.now = reconcile::parse_rfc3339("2026-06-01T12:00:00Z")->instant;
    const auto document = read_json(R"({"resourceType":"Patient","id":"p1")" +
                                    (members.empty() ? "" : "," + members) + "}");
    EXPECT_EQ(document.fault, "");
    return map_fhir_patient(document.root, rules, "page 1, record 1");
}

std::string identifier(const std::string& value, const std::string& more = "") {
    return R"({"system":"urn:oid:1.2.250.1.999.1","value":")" + value + "\"" + more + "}";
}

std::string id_of(const std::string& identifiers) {
    return mapped(R"("identifier":[)" + identifiers + "]").record.patient.external_id();
}

std::string field(const std::string& members, Field field) {
    return mapped(members).record.patient[field].text();
}

const std::string ins = R"({"system":"urn:oid:1.2.250.1.213.1.4.8","value":"285629999101109"})";

TEST(FhirPatientTest, TheIdentifierIsThatOfTheSystemWhereverItStands) {
    EXPECT_EQ(id_of(ins + "," + identifier("7")), "7");
    EXPECT_EQ(id_of(identifier("7") + "," + ins), "7");
    EXPECT_EQ(id_of(ins), "");
    EXPECT_EQ(id_of(R"({"system":"urn:oid:1.2.250.1.999.10","value":"8"})"), "");
    EXPECT_EQ(id_of(R"({"system":"urn:oid:1.2.250.1.999.1","value":7})"), "");
}

/// RFC 8259 §8.2 leaves half a surrogate pair to the reader: it spoils its own value.
TEST(FhirPatientTest, ABrokenCharacterSpoilsItsOwnValueOnly) {
    const auto patient = mapped(R"("identifier":[)" + identifier("7") +
                                R"(],"name":[{"family":"\ud83d","given":["Jo"]}],"x":1e999,)" +
                                R"("address":[{"line":["1 rue"],"city":"\udc00"}])");
    EXPECT_EQ(patient.record.patient.external_id(), "7");
    EXPECT_EQ(patient.record.patient[Field::last_name],
              reconcile::FieldValue::unreadable("holds a broken character"));
    EXPECT_EQ(patient.record.patient[Field::first_name].text(), "Jo");
    const auto nobody = mapped(R"("identifier":[)" + identifier("7\\ud83d") + "]");
    EXPECT_EQ(nobody.record.patient.external_id(), "");
    EXPECT_EQ(nobody.record.external_id_defect, "holds a broken character");
    EXPECT_EQ(mapped(R"("identifier":[{"system":"urn:oid:1.2.250.1.999.1","value":7.0}])")
                  .record.external_id_defect,
              "is not a text");
}

TEST(FhirPatientTest, TheNationalIdentityIsNeverAnIdentifier) {
    FhirRules rules;
    rules.identifier_system = "urn:oid:1.2.250.1.213.1.4.8";
    const auto document = read_json(R"({"resourceType":"Patient","identifier":[)" + ins + "]}");
    EXPECT_EQ(map_fhir_patient(document.root, rules, "").record.patient.external_id(), "");
}

TEST(FhirPatientTest, AnOldIdentifierIsAFormerOne) {
    const auto patient =
        mapped(R"("identifier":[)" + identifier("old", R"(,"use":"old")") + "," +
               identifier("new", R"(,"use":"usual")") + "," + identifier("new", R"(,"use":"old")") +
               "," + identifier("old", R"(,"use":"old")") + "]");
    EXPECT_EQ(patient.record.patient.external_id(), "new");
    EXPECT_THAT(patient.former, ElementsAre("old"));
    EXPECT_THAT(patient.faults, IsEmpty());
}

TEST(FhirPatientTest, ARetiredPatientWithOldIdentifiersOnlyIsKnownByThem) {
    const auto old = R"("identifier":[)" + identifier("old", R"(,"use":"old")") + "]";
    EXPECT_EQ(mapped(old).record.patient.external_id(), "");
    EXPECT_EQ(mapped(old + R"(,"active":false)").record.patient.external_id(), "old");
}

TEST(FhirPatientTest, OfSeveralIdentifiersTheUsualOneCountsAndThatIsReported) {
    const auto several = [](const std::string& first, const std::string& second) {
        return mapped(R"("identifier":[)" + identifier("1", first) + "," + identifier("2", second) +
                      "]");
    };
    EXPECT_EQ(several("", R"(,"use":"usual")").record.patient.external_id(), "2");
    EXPECT_EQ(several("", R"(,"use":"official")").record.patient.external_id(), "2");
    ASSERT_EQ(several("", R"(,"use":"usual")").faults.size(), 1u);
    EXPECT_EQ(several("", R"(,"use":"usual")").faults[0].field, "externalId");
    const auto over = several(R"(,"use":"usual","period":{"end":"2026-05-31"})", "");
    EXPECT_EQ(over.record.patient.external_id(), "2");
    EXPECT_EQ(
        several(R"(,"use":"usual","period":{"end":"2026-06-01"})", "").record.patient.external_id(),
        "1");
}

/// As of HL7: the order of a list says nothing, and which of two numbers is the patient's is not
/// guessed.
TEST(FhirPatientTest, OfSeveralIdentifiersOfOneUseNoneCounts) {
    const auto several = [](const std::string& first, const std::string& second) {
        return mapped(R"("identifier":[)" + identifier("1", first) + "," + identifier("2", second) +
                      "]");
    };
    const std::string official = R"(,"use":"official")";
    const std::string over = R"(,"period":{"end":"2026-05-31"})";
    for (const auto& [first, second] : {std::pair(std::string(), std::string()),
                                        std::pair(official, official), std::pair(over, over)}) {
        const auto patient = several(first, second);
        EXPECT_EQ(patient.record.patient.external_id(), "");
        EXPECT_THAT(patient.record.external_id_defect, testing::HasSubstr("several current"));
        EXPECT_THAT(patient.others, testing::UnorderedElementsAre("1", "2"));
        EXPECT_TRUE(goes_by(patient, "1") && goes_by(patient, "2"));
    }
    EXPECT_EQ(mapped(R"("identifier":[)" + identifier("1", "") + "," + identifier("1", "") + "," +
                     identifier("0", "") + "," + identifier("2", over) + "]")
                  .record.patient.external_id(),
              "1")
        << "the same again, one that cannot be used, one whose time is over";
}

TEST(FhirPatientTest, OtherIdentifiersAreThePatientsToo) {
    const auto others = [](const std::string& second) {
        return mapped(R"("identifier":[)" + identifier("1", R"(,"use":"usual")") + "," +
                      identifier("2", second) + "]")
            .others;
    };
    EXPECT_THAT(others(R"(,"use":"official")"), ElementsAre("2"));
    EXPECT_THAT(others(R"(,"period":{"end":"2026-05-31"})"), ElementsAre("2"));
    EXPECT_THAT(others(R"(,"period":{"start":"2030-05-31"})"), ElementsAre("2"));
    EXPECT_THAT(others(R"(,"use":"old")"), IsEmpty()) << "a former one";
    EXPECT_THAT(
        mapped(R"("identifier":[)" + identifier("1", "") + "," + identifier("0", "") + "]").others,
        IsEmpty())
        << "cannot be used";
}

TEST(FhirPatientTest, TheOfficialNameIsTheBirthName) {
    const auto patient = mapped(
        R"("name":[{"use":"usual","family":"U","given":["A"]},{"use":"official","family":"O","given":["B","C"]}])");
    EXPECT_EQ(patient.record.patient[Field::last_name].text(), "O");
    EXPECT_EQ(patient.record.patient[Field::first_name].text(), "B");
    EXPECT_EQ(patient.record.usual_last_name, "U");
}

TEST(FhirPatientTest, WithoutAnOfficialNameOthersStandInForIt) {
    const auto maiden = mapped(R"("name":[{"use":"usual","family":"U","given":["A"]},)"
                               R"({"use":"maiden","family":"M"}])");
    EXPECT_EQ(maiden.record.patient[Field::last_name].text(), "M");
    EXPECT_EQ(maiden.record.patient[Field::first_name].text(), "A");
    EXPECT_EQ(maiden.record.usual_last_name, "U");
    EXPECT_EQ(field(R"("name":[{"family":"N"}])", Field::last_name), "N");
    const auto only = mapped(R"("name":[{"use":"usual","family":"U"}])");
    EXPECT_EQ(only.record.patient[Field::last_name].text(), "U");
    EXPECT_EQ(only.record.usual_last_name, "");
    EXPECT_EQ(field(R"("name":[{"use":"old","family":"X"}])", Field::last_name), "");
    EXPECT_EQ(field(R"("name":[{"use":"official","family":"O","period":{"end":"2020"}},)"
                    R"({"use":"official","family":"P"}])",
                    Field::last_name),
              "P");
}

TEST(FhirPatientTest, BirthDatesAreGivenAsTheyAreWritten) {
    EXPECT_EQ(field(R"("birthDate":"1980-01-02")", Field::birth_date), "1980-01-02");
    EXPECT_EQ(field(R"("birthDate":"1980")", Field::birth_date), "1980");
    EXPECT_EQ(mapped(R"("birthDate":1980)").record.patient[Field::birth_date].state(),
              reconcile::FieldValue::State::unreadable);
}

TEST(FhirPatientTest, GendersAreTheFourOfFhir) {
    EXPECT_EQ(field(R"("gender":"male")", Field::gender), "M");
    EXPECT_EQ(field(R"("gender":"female")", Field::gender), "F");
    EXPECT_EQ(field(R"("gender":"other")", Field::gender), "O");
    EXPECT_TRUE(mapped(R"("gender":"unknown")").record.patient[Field::gender].is_unknown());
    EXPECT_EQ(mapped(R"("gender":"planted")").record.patient[Field::gender],
              reconcile::FieldValue::unreadable("is not a FHIR gender"));
}

TEST(FhirPatientTest, OfTelephonesTheMobileOneCountsThenTheRank) {
    const auto phone = [](const std::string& items) {
        return field(R"("telecom":[)" + items + "]", Field::phone);
    };
    const std::string home = R"({"system":"phone","use":"home","value":"1"})";
    const std::string mobile = R"({"system":"phone","use":"mobile","value":"2"})";
    const std::string work = R"({"system":"phone","use":"work","value":"3","rank":1})";
    const std::string old = R"({"system":"phone","use":"old","value":"4"})";
    const std::string over =
        R"({"system":"phone","use":"mobile","value":"5","period":{"end":"2025-01"}})";
    EXPECT_EQ(phone(home + "," + mobile), "2");
    EXPECT_EQ(phone(home + "," + work), "3");
    EXPECT_EQ(phone(old + "," + over + "," + home), "1");
    EXPECT_EQ(phone(old), "");
    EXPECT_EQ(phone(R"({"system":"email","value":"a@b"},{"system":"fax","value":"9"})"), "");
    EXPECT_EQ(field(R"("telecom":[{"system":"email","value":"a@b","rank":2},)"
                    R"({"system":"email","value":"c@d","rank":1}])",
                    Field::email),
              "c@d");
}

TEST(FhirPatientTest, OfAddressesTheOneAtHomeCounts) {
    const std::string addresses =
        R"("address":[{"use":"old","city":"A"},{"use":"home","type":"postal","city":"B"},)"
        R"({"use":"work","city":"C"},{"use":"home","city":"D","line":["1 rue A","","Bât. B"],)"
        R"("postalCode":"44000","country":"FR"}])";
    EXPECT_EQ(field(addresses, Field::city), "D");
    EXPECT_EQ(field(addresses, Field::street), "1 rue A, Bât. B");
    EXPECT_EQ(field(addresses, Field::postal_code), "44000");
    EXPECT_EQ(field(addresses, Field::country), "FR");
    EXPECT_EQ(field(R"("address":[{"use":"old","city":"A"}])", Field::city), "");
}

TEST(FhirPatientTest, InstantsAreFlooredToMilliseconds) {
    const auto at = [](const std::string& text) {
        return mapped(R"("meta":{"lastUpdated":")" + text + R"("})");
    };
    const auto precise = at("2024-01-01T10:00:00.123999999+02:00");
    EXPECT_EQ(format_rfc3339(*precise.record.modified_at, reconcile::Precision::milliseconds),
              "2024-01-01T08:00:00.123Z");
    EXPECT_EQ(precise.precision, reconcile::Precision::milliseconds);
    EXPECT_EQ(at("2024-01-01T10:00:00Z").precision, reconcile::Precision::seconds);
    EXPECT_EQ(at("2024-01-01T10:00:00Z").record.modified_at,
              at("2024-01-01T04:30:00-05:30").record.modified_at);
    EXPECT_FALSE(at("2024-01-01").record.modified_at);
    ASSERT_EQ(at("yesterday").faults.size(), 1u);
    EXPECT_EQ(at("yesterday").faults[0].field, "modifiedAt");
    EXPECT_FALSE(mapped("").record.modified_at);
    EXPECT_THAT(mapped("").faults, IsEmpty());
}

TEST(FhirPatientTest, AnAbsurdInstantIsOneOrIsReported) {
    const auto at = [](const std::string& text) {
        return mapped(R"("meta":{"lastUpdated":)" + text + "}");
    };
    for (const auto* text : {"0001-01-01T00:00:00Z", "1753-01-01T00:00:00Z", "1899-12-30T00:00:00Z",
                             "2062-06-01T10:01:00Z", "9999-12-31T23:59:59Z"}) {
        const auto patient = at("\"" + std::string(text) + "\"");
        EXPECT_EQ(patient.record.modified_at, reconcile::parse_rfc3339(text)->instant) << text;
        EXPECT_THAT(patient.faults, IsEmpty()) << text;
    }
    for (const auto* text : {"\"2026-01-31T09:05:07+24:00\"", "\"2026-01-31T24:30:00Z\"",
                             "\"infinity\"", "\"0000-00-00T00:00:00Z\"", "1e999", "20260131"}) {
        const auto patient = at(text);
        EXPECT_FALSE(patient.record.modified_at) << text;
        EXPECT_EQ(patient.faults.size(), 1u) << text;
    }
}

TEST(FhirPatientTest, WhatIsNoClearNoIsADeath) {
    EXPECT_FALSE(mapped("").record.deceased);
    EXPECT_FALSE(mapped(R"("deceasedBoolean":false)").record.deceased);
    EXPECT_TRUE(mapped(R"("deceasedBoolean":false)").record.alive) << "a death can be taken back";
    EXPECT_FALSE(mapped("").record.alive);
    EXPECT_FALSE(mapped(R"("deceasedBoolean":false,"deceasedDateTime":"2020")").record.alive);
    EXPECT_TRUE(mapped(R"("deceasedBoolean":true)").record.deceased);
    EXPECT_TRUE(mapped(R"("deceasedBoolean":"non")").record.deceased);
    EXPECT_TRUE(mapped(R"("deceasedDateTime":"2020")").record.deceased);
}

/// What says that there is no value, and why (https://hl7.org/fhir/R4/json.html#primitive).
const std::string absent_reason =
    R"({"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason",)"
    R"("valueCode":"unknown"}]})";

/// A resource, read as a page is: with what is kept of it alone.
FhirPatient read_as_kept(const std::string& members) {
    FhirRules rules;
    rules.identifier_system = ipp_system;
    JsonShape shape;
    shape.keep = is_wanted_of_patient;
    const auto document = read_json(R"({"resourceType":"Patient",)" + members + "}", shape);
    EXPECT_EQ(document.fault, "") << members;
    return map_fhir_patient(document.root, rules, "page 1, record 1");
}

TEST(FhirPatientTest, EveryDeathThatIsNoClearNoIsOne) {
    for (const auto& members :
         {R"("_deceasedDateTime":)" + absent_reason,
          R"("deceasedDateTime":null,"_deceasedDateTime":)" + absent_reason,
          R"("_deceasedBoolean":)" + absent_reason,
          R"("deceasedBoolean":false,"_deceasedDateTime":)" + absent_reason,
          std::string(R"("deceasedString":"oui")"), std::string(R"("deceasedAge":{"value":80})"),
          std::string(R"("deceasedDateTime":"")"), std::string(R"("deceasedBoolean":"false")"),
          std::string(R"("deceasedBoolean":0)")}) {
        const auto record = read_as_kept(members).record;
        EXPECT_TRUE(record.deceased) << members;
        EXPECT_FALSE(record.alive) << members;
    }
    for (const auto& members :
         {std::string(R"("deceasedBoolean":false)"), std::string(R"("deceasedDateTime":null)"),
          R"("deceasedBoolean":false,"_deceasedBoolean":)" + absent_reason})
        EXPECT_FALSE(read_as_kept(members).record.deceased) << members;
}

TEST(FhirPatientTest, SaysWhetherTheRecordIsInUse) {
    EXPECT_EQ(mapped(R"("active":false)").record.active, false);
    EXPECT_EQ(mapped(R"("active":true)").record.active, true);
    EXPECT_EQ(mapped("").record.active, std::nullopt);
    EXPECT_EQ(mapped(R"("active":null)").record.active, std::nullopt);
}

TEST(FhirPatientTest, WhatIsNoClearYesIsAClosedRecord) {
    for (const auto& members :
         {std::string(R"("active":"no")"), std::string(R"("active":"false")"),
          std::string(R"("active":"true")"), std::string(R"("active":0)"),
          std::string(R"("active":1)"), std::string(R"("active":{})"),
          std::string(R"("active":[true])"), R"("_active":)" + absent_reason}) {
        const auto patient = read_as_kept(members);
        EXPECT_EQ(patient.record.active, false) << members;
        ASSERT_EQ(patient.faults.size(), 1u) << members;
        EXPECT_EQ(patient.faults[0].field, "active") << members;
    }
}

TEST(FhirPatientTest, ReadsTheIdentityStatusInEitherFormOfFrCore) {
    const std::string url =
        R"("url":"https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability")";
    EXPECT_EQ(mapped(R"("extension":[{)" + url + R"(,"extension":[)" +
                     R"({"url":"validationMode","valueCoding":{"code":"CN"}},)" +
                     R"({"url":"identityStatus","valueCoding":{"code":"PROV"}}]}])")
                  .record.identity_status,
              "PROV");
    EXPECT_EQ(mapped(R"("extension":[{)" + url +
                     R"(,"valueCodeableConcept":{"coding":[{"code":"DOUT"}]}}])")
                  .record.identity_status,
              "DOUT");
    EXPECT_EQ(mapped(R"("extension":[{"url":"http://x/other","valueCode":"DOUT"}])")
                  .record.identity_status,
              "");
}

TEST(FhirPatientTest, LinksMaySayByThemselvesWhoItIs) {
    const auto links = [](const std::string& other, const std::string& more = "") {
        return mapped(R"("link":[{"type":"replaced-by","other":)" + other + "}]" + more)
            .replaced_by.at(0);
    };
    EXPECT_EQ(links(R"({"identifier":)" + identifier("9") + "}").external_id, "9");
    EXPECT_EQ(links(R"({"reference":"Patient/p9"})").reference, "Patient/p9");
    EXPECT_EQ(links(R"({"reference":"#c"})",
                    R"(,"contained":[{"id":"c","identifier":[)" + identifier("8") + "]}]")
                  .external_id,
              "8");
    EXPECT_THAT(
        mapped(R"("link":[{"type":"seealso","other":{"reference":"Patient/x"}}])").replaced_by,
        IsEmpty());
}

} // namespace
} // namespace medibridge::connectors
