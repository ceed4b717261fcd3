#include "sandbox/his_json.hpp"
#include "sandbox/load.hpp"

#include <cstdlib>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace medibridge::sandbox {
namespace {

nlohmann::json shown(const HisStore& store, std::string_view ipp) {
    const auto slot = store.find(ipp);
    if (!slot) return {};
    std::string text;
    append_his_patient(text, store[*slot]);
    return nlohmann::json::parse(text);
}

TEST(LoadCsvTest, ReadsQuotesDelimitersAndLineEnds) {
    HisStore store;
    const auto report = load_csv("\xef\xbb\xbfipp;NOM;prenom;date_naissance;sexe;cp\r\n"
                                 "1;\"L\"\"Hostis; \nfils\";Zoé;19801231;F;01000\r\n"
                                 "2;Roy;Léo;31/12/1980;H;\r\n"
                                 ";Nobody;;;;\r\n"
                                 "\r\n"
                                 "3;Roy",
                                 1, store);
    EXPECT_EQ(report.loaded, 3U);
    EXPECT_EQ(report.skipped, 1U);
    const auto first = shown(store, "1");
    EXPECT_EQ(first["etatCivil"]["nomNaissance"], "L\"Hostis; \nfils");
    EXPECT_EQ(first["etatCivil"]["dateNaissance"], "31/12/1980");
    EXPECT_EQ(first["etatCivil"]["sexe"], "2");
    EXPECT_EQ(first["adresse"]["cp"], "01000");
    EXPECT_EQ(shown(store, "2")["etatCivil"]["dateNaissance"], "31/12/1980");
    EXPECT_TRUE(shown(store, "2")["adresse"]["cp"].is_null());
    EXPECT_TRUE(shown(store, "3")["etatCivil"]["dateNaissance"].is_null());
}

TEST(LoadCsvTest, AMaidenNameIsTheBirthName) {
    HisStore store;
    load_csv("Id,LAST,MAIDEN,DEATHDATE\nA,Durand,Petit,2020-01-01\nB,Roy,,\n", 1, store);
    EXPECT_EQ(shown(store, "A")["etatCivil"]["nomNaissance"], "Petit");
    EXPECT_EQ(shown(store, "A")["etatCivil"]["nomUsage"], "Durand");
    EXPECT_EQ(shown(store, "A")["decede"], true);
    EXPECT_EQ(shown(store, "B")["etatCivil"]["nomNaissance"], "Roy");
    EXPECT_EQ(shown(store, "B")["decede"], false);
}

TEST(LoadCsvTest, ALaterRowTakesTheEarlierOnesPlace) {
    HisStore store;
    load_csv("Id,LAST\nA,Un\nA,Deux\n", 1, store);
    EXPECT_EQ(store.size(), 1U);
    EXPECT_EQ(shown(store, "A")["etatCivil"]["nomNaissance"], "Deux");
}

TEST(LoadCsvTest, RefusesWhatItCannotRead) {
    HisStore store;
    EXPECT_THROW(load_csv("", 1, store), std::runtime_error);
    EXPECT_THROW(load_csv("LAST,FIRST\nA,B\n", 1, store), std::runtime_error);
    EXPECT_THROW(load_csv("Id,LAST\nA,\"B\n", 1, store), std::runtime_error);
    EXPECT_THROW(load_csv("Id,LAST\nA,Lef\xe8vre\n", 1, store), std::runtime_error);
    EXPECT_THROW(load_his_file("/nonexistent/patients.csv", 1, store), std::runtime_error);
}

TEST(LoadNdjsonTest, TakesTheRightNameIdentifierAndTelephone) {
    HisStore store;
    const auto report = load_ndjson(
        R"({"resourceType":"Patient","id":"x","identifier":[{"use":"old","value":"0"},{"value":"9"},)"
        R"({"type":{"coding":[{"code":"PI"}]},"value":"1"}],"name":[{"use":"usual","family":"Durand"},)"
        R"({"use":"official","family":"Petit","given":["Chloé","Anne"]}],"telecom":[{"system":"phone",)"
        R"("use":"home","value":"0199001111"},{"system":"phone","use":"mobile","value":"0199002222"},)"
        R"({"system":"email","value":"c@example.org"}],"gender":"female","birthDate":"1980-12-31",)"
        R"("deceasedDateTime":"2020-01-01","active":false,"address":[{"use":"old","city":"Brest"},)"
        R"({"line":["1 rue A","Bât. B"],"city":"Nantes","postalCode":"44000","country":"FR"}],)"
        R"("link":[{"type":"replaced-by","other":{"reference":"Patient/77"}}],)"
        R"("meta":{"lastUpdated":"2026-01-31T09:05:07.999Z"}})"
        "\n\n"
        R"({"resourceType":"Observation","id":"o"})"
        "\n",
        1, store);
    EXPECT_EQ(report.loaded, 1U);
    EXPECT_EQ(report.skipped, 1U);
    EXPECT_EQ(shown(store, "1"),
              nlohmann::json::parse(
                  R"({"ipp":"1","etatCivil":{"nomNaissance":"Petit","nomUsage":"Durand",)"
                  R"("dateNaissance":"31/12/1980","sexe":"2","prenoms":["Chloé","Anne"]},)"
                  R"("contact":{"mail":"c@example.org","mobile":"0199002222"},"adresse":{)"
                  R"("voie":"1 rue A, Bât. B","commune":"Nantes","cp":"44000","pays":"FR"},)"
                  R"("majLe":"2026-01-31T10:05:07+01:00","actif":false,"decede":true,)"
                  R"("remplacePar":"77"})"));
}

TEST(LoadNdjsonTest, NamesTheLineThatIsNoJson) {
    HisStore store;
    try {
        load_ndjson("{\"resourceType\":\"Patient\",\"id\":\"1\"}\n{oops\n", 1, store);
        FAIL();
    } catch (const std::runtime_error& error) {
        EXPECT_NE(std::string(error.what()).find("line 2"), std::string::npos);
    }
}

class CorpusTest : public testing::Test {
  protected:
    void SetUp() override {
        const char* corpus = std::getenv("MEDIBRIDGE_CORPUS");
        if (corpus == nullptr) GTEST_SKIP() << "MEDIBRIDGE_CORPUS is not set";
        folder_ = corpus;
    }
    std::filesystem::path folder_;
};

TEST_F(CorpusTest, LoadsSyntheaFromBothFormatsToTheSamePeople) {
    HisStore csv;
    HisStore fhir;
    EXPECT_EQ(load_his_file(folder_ / "csv/synthea-packt-patients.csv", 1, csv).loaded, 1174U);
    EXPECT_EQ(load_his_file(folder_ / "fhir/synthea-packt-patients.ndjson", 1, fhir).loaded, 700U);
    EXPECT_EQ(csv.size(), 1174U);
    EXPECT_EQ(fhir.size(), 700U);
    for (Slot slot = 0; slot < fhir.slots(); ++slot) {
        const auto ipp = fhir[slot].texts[his_field::ipp];
        const auto twin = csv.find(ipp);
        ASSERT_TRUE(twin) << ipp;
        for (const auto field :
             {his_field::birth_date, his_field::sex, his_field::birth_name, his_field::city})
            EXPECT_EQ(fhir[slot].texts[field], csv[*twin].texts[field]) << ipp;
        EXPECT_EQ(fhir[slot].deceased, csv[*twin].deceased) << ipp;
    }
}

TEST_F(CorpusTest, LoadsTheOtherFiles) {
    HisStore febrl;
    EXPECT_EQ(load_his_file(folder_ / "csv/febrl-dataset1.csv", 1, febrl).loaded, 1000U);
    const auto patient = shown(febrl, "rec-223-org");
    EXPECT_EQ(patient["etatCivil"]["nomNaissance"], "waller");
    EXPECT_EQ(patient["etatCivil"]["dateNaissance"], "09/12/1908");
    EXPECT_EQ(patient["adresse"]["voie"], "6 tullaroop street willaroo");
    HisStore seeds;
    EXPECT_EQ(load_his_file(folder_ / "csv/synthea-omop-seed-patients.csv", 1, seeds).loaded, 27U);
    HisStore examples;
    const auto report = load_his_file(folder_ / "fhir/hl7-r4-bundle-patients.ndjson", 1, examples);
    EXPECT_EQ(report.loaded, 28U);
    EXPECT_EQ(report.skipped, 2U); // without any identifier
}

} // namespace
} // namespace medibridge::sandbox
