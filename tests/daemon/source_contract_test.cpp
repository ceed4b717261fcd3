#include "hospital.hpp"
#include "one_source.hpp"
#include "supply.hpp"

#include <csignal>
#include <gtest/gtest.h>
#include <thread>

// What every type of source must do, whatever the HIS speaks: the real service takes what the
// simulated HIS gives, and Medicapp comes to say the same.

namespace medibridge::tests {
namespace {

using http::Method;
using nlohmann::json;
using namespace nlohmann::literals;

constexpr std::chrono::seconds patience{60};

class SourceContract : public testing::TestWithParam<std::string> {
  protected:
    SourceContract() {
        auto arguments = supply->sandbox();
        arguments.insert(arguments.end(), {"--patients", "300", "--invalid-share", "0"});
        hospital = std::make_unique<Hospital>(arguments);
        supply->configure(*hospital);
        hospital->configure("sync: {interval: 1s, overlap: 2s, max_changes: {ratio: 1}}\n");
        supply->publish(*hospital);
    }

    void start() { service = hospital->start({}); }

    void stop() {
        service->signal(SIGTERM);
        EXPECT_EQ(service->wait(), 0) << service->err();
        service.reset();
    }

    void edit(int count) {
        hospital->control(Method::post, "/his/edit?count=" + std::to_string(count));
        supply->publish(*hospital);
    }

    /// Both sides come to say the same while the service runs.
    void expect_convergence() {
        const auto deadline = std::chrono::steady_clock::now() + patience;
        std::string differences = "not looked yet";
        while (std::chrono::steady_clock::now() < deadline) {
            differences = differences_between_sides(*hospital);
            if (differences.empty()) break;
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
        EXPECT_EQ(differences, "") << service->err();
        EXPECT_EQ(hospital->stats()["medicapp"]["duplicates"], 0);
    }

    std::unique_ptr<Supply> supply = make_supply(GetParam());
    std::unique_ptr<Hospital> hospital;
    std::unique_ptr<Child> service;
};

TEST_P(SourceContract, FirstLoadThenIncrementsThenSilence) {
    start();
    expect_convergence();
    edit(50); // all at one moment: more than a page of ties for some
    expect_convergence();
    edit(1);
    expect_convergence();
    stop();
    hospital->reset_stats();
    const auto idle = hospital->once();
    EXPECT_EQ(idle.exit, 0) << idle.out << idle.err;
    EXPECT_EQ(idle.json()["requests"]["medicapp"]["PUT"], 0) << idle.out;
    EXPECT_EQ(idle.json()["requests"]["medicapp"]["POST"], 0) << idle.out;
}

TEST_P(SourceContract, KilledAtAnyTimeLosesNothingAndDoublesNothing) {
    for (const int delay : {30, 120, 300, 50, 200}) {
        start();
        std::this_thread::sleep_for(std::chrono::milliseconds(delay));
        edit(30);
        service->signal(SIGKILL);
        service->wait();
    }
    start();
    expect_convergence();
    stop();
}

TEST_P(SourceContract, FaultsOfBothSidesDelayItOnly) {
    hospital->set_faults({"GET:10%:503", "POST:10%:429", "PUT:10%:reset-after",
                          "POST:5%:reset-after", "his/LIST:10%:503"});
    start();
    edit(40);
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    hospital->set_faults({});
    edit(40);
    expect_convergence();
    stop();
}

/// All that the source shows, once it shows so many.
std::multimap<std::string, std::string> all_of(OneSource& source, std::size_t count) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    auto records = source.all();
    while (records.size() < count && std::chrono::steady_clock::now() < deadline) {
        source.work_for(std::chrono::milliseconds(50));
        records = source.all();
    }
    EXPECT_EQ(records.size(), count);
    return records;
}

TEST_P(SourceContract, ShowsOnePatientAsItShowsAll) {
    OneSource source(*hospital);
    const auto all = all_of(source, 300);
    EXPECT_TRUE(source->reads_one());
    std::size_t number = 0;
    for (const auto& [id, text] : all) {
        if (number++ % 50 != 0) continue;
        const auto before = source->requests();
        EXPECT_EQ(source.one(id), std::vector<std::string>(1, text));
        EXPECT_LE(source->requests(), before + 1) << "one small request at most";
    }
    for (const std::string odd : {"9000000001", "a&b|c'd\"é", "x' OR '1'='1", "%", ""})
        EXPECT_EQ(source.one(odd), std::vector<std::string>()) << odd;
    EXPECT_TRUE(source->reads_one()) << "nothing of it was taken for a refusal";
    EXPECT_EQ(source.all(), all) << "and the list is as it was";
}

json somebody(const std::string& ipp, const std::string& name) {
    return {{"ipp", ipp},
            {"etatCivil",
             {{"nomNaissance", name},
              {"prenoms", {"Léa"}},
              {"dateNaissance", "05/03/2010"},
              {"sexe", "2"}}}};
}

// One plausibility for values and one for identifiers: a value that one source may not give is not
// taken from another.
TEST_P(SourceContract, RefusesGarbledValuesLikeAllOthers) {
    const std::vector<json> garbled = {
        somebody("9000000001", "LefÃ¨vre"),      somebody("9000000002", "Lef&egrave;vre"),
        somebody("9000000003", "Lef?vre"),       somebody("9000000004", "Lef%C3%A8vre"),
        somebody("9000000005", "Lef\\u00e8vre"), somebody("9000000006", "#N/A"),
        somebody("8.00123E+09", "MOREAU"),       somebody("8001234567.0", "MOREAU"),
        somebody("'00800124", "MOREAU"),         somebody("NULL", "MOREAU"),
    };
    auto sound = somebody("9000000099", "LEFÈVRE");
    sound["contact"] = {{"mobile", "maman 06 12 34 56 78"}, {"mail", "lea@example.org"}};
    sound["adresse"] = {{"voie", "12 rue des Ã‰coles"}, {"commune", "Nîmes"}};
    for (const auto& patient : garbled)
        hospital->control(Method::post, "/his/patients", patient);
    hospital->control(Method::post, "/his/patients", sound);
    supply->publish(*hospital);
    start();
    const auto deadline = std::chrono::steady_clock::now() + patience;
    auto created = hospital->medicapp_patients();
    while (!created.contains("9000000099") && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        created = hospital->medicapp_patients();
    }
    stop();
    created = hospital->medicapp_patients();
    for (const auto& patient : garbled)
        EXPECT_FALSE(created.contains(patient["ipp"].get<std::string>())) << patient;
    ASSERT_TRUE(created.contains("9000000099"));
    const auto& taken = created["9000000099"];
    EXPECT_EQ(taken.value("phone", json()), json()) << "somebody else's";
    EXPECT_EQ(taken.value("/address/street"_json_pointer, json()), json()) << "garbled";
    EXPECT_EQ(taken["email"], "lea@example.org");
}

INSTANTIATE_TEST_SUITE_P(Type, SourceContract,
                         testing::Values("rest", "fhir", "sql", "csv", "hl7v2"),
                         [](const auto& type) { return type.param; });

} // namespace
} // namespace medibridge::tests
