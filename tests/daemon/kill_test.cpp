#include "hospital.hpp"
#include "tests/sanitized.hpp"

#include <csignal>
#include <cstdlib>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <thread>

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

/// A run is killed after a random time, again and again, while the network loses answers; then one
/// run goes to the end.
TEST(Kill, AnywhereLeavesOneMedicappPatientForEachExternalIdAndNobodyMissing) {
    constexpr int kills = sanitized ? 10 : 50;
    const auto chosen = seed();
    SCOPED_TRACE("replay with MEDIBRIDGE_SEED=" + std::to_string(chosen));
    std::mt19937_64 random(chosen);
    // Accepting duplicates makes Medicapp show who would have made them.
    Hospital hospital({"--patients", "3000", "--invalid-share", "0", "--seed",
                       std::to_string(chosen % 1000), "--fault", "POST:1%:reset-after", "--fault",
                       "POST:1%:reset-before"});
    hospital.configure("sync: {overlap: 1s}");
    int killed = 0;
    for (int i = 0; i < kills; ++i) {
        const auto child = hospital.start({"--once", "--output", "json"});
        const auto delay = std::uniform_int_distribution<int>(1, 250)(random);
        std::this_thread::sleep_for(std::chrono::milliseconds(delay));
        if (child->ended()) {
            // It got through: give the next ones something to do.
            hospital.control(http::Method::post, "/his/edit?count=200");
            continue;
        }
        child->signal(SIGKILL);
        child->wait();
        ++killed;
    }
    EXPECT_GT(killed, kills / 2);
    hospital.set_faults({});
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
