#include "simulated_fhir.hpp"

#include "connectors/fhir_resource/bundle.hpp"
#include "reconcile/assess.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

namespace medibridge::connectors {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// The folder with real and derived FHIR files.
class FhirCorpusTest : public testing::Test {
  protected:
    void SetUp() override {
        const char* folder = std::getenv("MEDIBRIDGE_CORPUS");
        if (folder == nullptr) GTEST_SKIP() << "MEDIBRIDGE_CORPUS is not set";
        corpus = folder;
    }

    std::string file(const fs::path& path) const {
        std::ifstream in(path, std::ios::binary);
        EXPECT_TRUE(in) << path;
        return {std::istreambuf_iterator<char>(in), {}};
    }

    std::string derived(const std::string& name) const {
        return file(corpus / "derived/fhir" / name);
    }

    fs::path corpus;
};

void collect(const json& value, std::vector<json>& patients) {
    if (value.is_object() && value.value("resourceType", json()) == "Patient") {
        patients.push_back(value);
        return;
    }
    if (!value.is_object() || !value.contains("entry")) return;
    for (const auto& entry : value["entry"]) {
        if (entry.contains("resource")) collect(entry["resource"], patients);
    }
}

std::vector<json> patients_in(const std::string& text, bool lines) {
    std::vector<json> patients;
    std::istringstream in(lines ? text : std::string());
    for (std::string line; std::getline(in, line);)
        if (!line.empty()) collect(json::parse(line), patients);
    if (!lines) collect(json::parse(text), patients);
    return patients;
}

/// The system of the patient's first identifier that has one and is not old.
std::string any_system(const json& patient) {
    for (const auto& identifier : patient.value("identifier", json::array())) {
        if (identifier.contains("system") && identifier.contains("value") &&
            identifier.value("use", "") != "old")
            return identifier["system"].get<std::string>();
    }
    return {};
}

TEST_F(FhirCorpusTest, EveryPatientGivesARecordOrAStatedRefusal) {
    std::size_t read = 0;
    std::size_t usable = 0;
    for (const auto& found : fs::recursive_directory_iterator(corpus / "fhir")) {
        const auto extension = found.path().extension();
        if (extension != ".json" && extension != ".ndjson") continue;
        for (const auto& patient : patients_in(file(found.path()), extension == ".ndjson")) {
            ++read;
            FhirRules rules;
            rules.identifier_system = any_system(patient);
            const auto page = read_fhir_bundle(searchset({patient.dump()}), FhirBundleKind::search,
                                               rules, "page 1, record ");
            ASSERT_EQ(page.fault, "") << found.path();
            ASSERT_EQ(page.patients.size(), 1u) << found.path();
            const auto& record = page.patients[0].record;
            EXPECT_EQ(record.patient.external_id().empty(), rules.identifier_system.empty())
                << found.path() << ": " << page.patients[0].id;
            const auto assessed = reconcile::assess(record, reconcile::IdentityPolicy());
            usable += !assessed.hold;
            if (assessed.hold) {
                EXPECT_TRUE(assessed.hold->reason != reconcile::HoldReason::invalid ||
                            !assessed.hold->defect.field.empty());
            }
        }
    }
    EXPECT_GT(read, 700u);
    EXPECT_GT(usable, 500u);
    std::printf("%zu patients, %zu of them usable\n", read, usable);
}

TEST_F(FhirCorpusTest, ThePagesGiveExactlyWhatIsExpected) {
    const auto expected = json::parse(derived("expected.json"));
    auto settings = fhir_settings();
    settings.page_size = 3;
    settings.identifier_system = "urn:oid:1.2.250.1.999.1.1";
    SimulatedFhir his(std::move(settings));
    const auto since = reconcile::parse_rfc3339("2024-06-01T08:00:00Z")->instant;
    // The search expires once while it is paged.
    his.answer("/Patient?_count=3&_lastUpdated=ge2024-06-01T08%3A00%3A00Z", derived("page-1.json"));
    his.answer(
        "/Patient?_getpages=0b7c&_getpagesoffset=3&_count=3",
        {json_answer(derived("page-expired-410.json"), 410), json_answer(derived("page-2.json"))});
    his.answer("/Patient?_getpages=0b7c&_getpagesoffset=6&_count=3", derived("page-3.json"));
    his.answer("/Patient/700066", {json_answer("", 410)});
    const auto pass = his.pass(since);
    ASSERT_FALSE(pass.error) << pass.error->what;
    std::set<std::string> people;
    std::map<std::string, std::string> merged;
    for (const auto& record : pass.records) {
        people.insert(record.patient.external_id());
        if (!record.merged_into.empty()) merged[record.patient.external_id()] = record.merged_into;
    }
    EXPECT_EQ(people.size(), expected["distinct_patients"].get<std::size_t>());
    EXPECT_EQ(merged, (expected["merged"].get<std::map<std::string, std::string>>()));
    EXPECT_FALSE(pass.proven) << "the server says that its pages have shifted";
    EXPECT_TRUE(his.pass(since).proven) << "and shows the same once more";
    EXPECT_THAT(his.log.text(), testing::Not(testing::HasSubstr("GARNIER")));
}

TEST_F(FhirCorpusTest, TheHistoryShowsWhoWasDeleted) {
    auto settings = fhir_settings();
    settings.identifier_system = "urn:oid:1.2.250.1.999.1.1";
    SimulatedFhir his(std::move(settings));
    const auto since = reconcile::parse_rfc3339("2024-06-01T08:00:00Z")->instant;
    const std::string from = "2024-06-01T08%3A00%3A00Z";
    const auto patients = json::parse(derived("page-2.json"));
    const auto before = patients["entry"][0]["resource"].dump();
    his.answer("/metadata", capability({"_lastUpdated"}, {"history-type", "history-instance"}));
    his.answer("/Patient?_count=2&_lastUpdated=ge" + from, derived("empty-searchset.json"));
    his.answer("/Patient/_history?_count=2&_since=" + from, derived("history-with-delete.json"));
    his.answer("/Patient/700013/_history",
               bundle("history", {deletion("700013", "2024-06-01T09:00:00Z"),
                                  version(before, "700013", "2024-06-01T08:00:00Z")}));
    const auto pass = his.pass(since);
    ASSERT_FALSE(pass.error) << pass.error->what;
    ASSERT_EQ(pass.records.size(), 1u);
    EXPECT_EQ(pass.records[0].patient.external_id(), "700013");
    EXPECT_TRUE(pass.records[0].deleted);
}

} // namespace
} // namespace medibridge::connectors
