#include "hospital.hpp"

#include <cstdlib>
#include <gtest/gtest.h>
#include <iostream>
#include <map>

namespace medibridge::tests {
namespace {

std::filesystem::path corpus() {
    const char* directory = std::getenv("MEDIBRIDGE_CORPUS");
    return directory ? std::filesystem::path(directory) : std::filesystem::path();
}

/// Real patients' files, all of which were generated: each ends in Medicapp, or held with a reason.
void expect_everybody_created_or_held(const std::filesystem::path& file) {
    Hospital hospital({"--his-data", file});
    const auto first = hospital.once();
    ASSERT_EQ(first.exit, 0) << first.err;
    const auto result = first.json();
    EXPECT_EQ(result["deferred"], 0);

    const auto in_his = hospital.his_patients();
    const auto in_medicapp = hospital.medicapp_patients();
    const auto held = first.events("patient.held");
    std::map<std::string, int> reasons;
    for (const auto& event : held)
        ++reasons[event.value("reason", "no reason")];
    EXPECT_EQ(reasons.count("no reason"), 0u);
    EXPECT_EQ(in_medicapp.size() + held.size(), in_his.size());
    EXPECT_EQ(in_medicapp.size(), result["created"].get<std::size_t>());
    EXPECT_EQ(held.size(), result["held"].get<std::size_t>());

    hospital.reset_stats();
    const auto second = hospital.once();
    EXPECT_EQ(second.exit, 0);
    EXPECT_EQ(second.json()["held"], 0);
    const auto stats = hospital.stats();
    EXPECT_EQ(stats["medicapp"]["requests"]["POST"], 0);
    EXPECT_EQ(stats["medicapp"]["requests"]["PUT"], 0);

    std::cout << file.filename().string() << ": " << in_his.size() << " patients, "
              << in_medicapp.size() << " created";
    for (const auto& [reason, count] : reasons)
        std::cout << ", " << count << " held " << reason;
    std::cout << '\n';
}

TEST(Corpus, FhirPatientsAreCreatedOrHeld) {
    if (corpus().empty()) GTEST_SKIP() << "MEDIBRIDGE_CORPUS is not set";
    expect_everybody_created_or_held(corpus() / "fhir" / "synthea-packt-patients.ndjson");
}

TEST(Corpus, CsvPatientsAreCreatedOrHeld) {
    if (corpus().empty()) GTEST_SKIP() << "MEDIBRIDGE_CORPUS is not set";
    expect_everybody_created_or_held(corpus() / "csv" / "synthea-packt-patients.csv");
}

} // namespace
} // namespace medibridge::tests
