#include "hospital.hpp"
#include "tests/sanitized.hpp"

#include <cstdlib>
#include <gtest/gtest.h>
#include <random>
#include <string>

namespace medibridge::tests {
namespace {

std::uint64_t seed() {
    const char* given = std::getenv("MEDIBRIDGE_SEED");
    return given ? std::strtoull(given, nullptr, 10) : std::random_device()();
}

/// `31/12/1980` as `1980-12-31`.
std::string iso_date(const nlohmann::json& french) {
    const auto text = french.get<std::string>();
    return text.substr(6) + "-" + text.substr(3, 2) + "-" + text.substr(0, 2);
}

/// A request at which a run is killed. Each run that is not complete sends all of these: `most`
/// times `kills` are fewer POSTs than there are patients.
std::string step(std::mt19937_64& random, int most) {
    const auto any = [&random](int first, int last) {
        return std::uniform_int_distribution<int>(first, last)(random);
    };
    std::string request = "POST:" + std::to_string(any(1, most));
    if (any(1, 5) == 1) request = any(0, 1) == 0 ? "LIST:1" : "his/LIST:1";
    return request + (any(0, 1) == 0 ? ":hang-before" : ":hang-after");
}

/// A run is killed at a random step, again and again, while the network loses answers; then one run
/// goes to the end.
TEST(Kill, AnywhereLeavesOneMedicappPatientForEachExternalIdAndNobodyMissing) {
    constexpr int kills = sanitized ? 6 : 50;
    constexpr int most = 40;
    const auto chosen = seed();
    SCOPED_TRACE("replay with MEDIBRIDGE_SEED=" + std::to_string(chosen));
    std::mt19937_64 random(chosen);
    // Accepting duplicates makes Medicapp show who would have made them.
    Hospital hospital({"--patients", sanitized ? "800" : "3000", "--invalid-share", "0", "--seed",
                       std::to_string(chosen % 1000), "--duplicates", "accept"});
    hospital.configure("sync: {overlap: 1s}");
    for (int i = 0; i < kills; ++i) {
        const auto at = step(random, most);
        ASSERT_TRUE(hospital.kill_at({at, "POST:1%:reset-after", "POST:1%:reset-before"}))
            << "run " << i << " never came to " << at;
    }
    Ended last;
    for (int i = 0; i < 3 && last.exit != 0; ++i)
        last = hospital.once();
    ASSERT_EQ(last.exit, 0) << last.out << last.err;

    const auto patients = hospital.medicapp_patients(); // fails for a second one of an externalId
    EXPECT_EQ(hospital.stats()["medicapp"]["duplicates"], 0);
    for (const auto& expected : hospital.his_patients()) {
        const auto place = patients.find(expected["ipp"].get<std::string>());
        ASSERT_NE(place, patients.end()) << expected["ipp"];
        EXPECT_EQ(place->second["birthDate"], iso_date(expected["etatCivil"]["dateNaissance"]));
    }
    hospital.reset_stats();
    EXPECT_EQ(hospital.once().exit, 0);
    EXPECT_EQ(hospital.stats()["medicapp"]["requests"]["POST"], 0);
    EXPECT_EQ(hospital.stats()["medicapp"]["requests"]["PUT"], 0);
}

} // namespace
} // namespace medibridge::tests
