#include "hospital.hpp"
#include "tests/sanitized.hpp"

#include <functional>
#include <gtest/gtest.h>
#include <set>
#include <thread>

// SIGKILL at exact steps: the sandbox lets the n-th request of a kind hang, before or after it took
// effect, and the program is killed right then, with whatever else is under way at that moment.

namespace medibridge::tests {
namespace {

using http::Method;
using nlohmann::json;

/// What a run that is killed is in the middle of.
struct Scenario {
    const char* name;
    std::vector<std::string> sandbox;
    std::vector<std::string> arguments; ///< of the run
    /// Brings the hospital to where the run begins; returns the patients to whom nothing may be
    /// sent, and who may not come back.
    std::function<std::set<std::string>(Hospital&)> prepare;
    std::vector<std::string> steps; ///< requests that hang, as a fault's first two parts
};

/// For GoogleTest, which would print bytes.
void PrintTo(const Scenario& scenario, std::ostream* out) {
    *out << scenario.name;
}

std::vector<std::string> keys(Hospital& hospital) {
    std::vector<std::string> all;
    for (const auto& patient : hospital.his_patients())
        all.push_back(patient["ipp"].get<std::string>());
    return all;
}

void change(Hospital& hospital, const std::string& key, const char* what) {
    auto patient = json::parse(what);
    patient["ipp"] = key;
    hospital.control(Method::post, "/his/patients", patient);
}

void give_new_mails(Hospital& hospital, std::size_t from, std::size_t to) {
    const auto all = keys(hospital);
    for (std::size_t i = from; i < to; ++i)
        change(hospital, all[i], R"({"contact":{"mail":"new@example.org"}})");
}

std::set<std::string> nobody(Hospital& /*hospital*/) {
    return {};
}

std::set<std::string> updates(Hospital& hospital) {
    EXPECT_EQ(hospital.once().exit, 0);
    give_new_mails(hospital, 0, 12);
    return {};
}

/// Longer than a run takes, and shorter than the overlap.
constexpr std::chrono::milliseconds lag{sanitized ? 6000 : 1500};

/// Medicapp has patients whom its list does not show yet: a POST is answered 409.
std::set<std::string> taken(Hospital& hospital) {
    hospital.set("visibility-lag", lag.count());
    const auto his = hospital.his_patients();
    for (std::size_t i = 0; i < 6; ++i) {
        const auto& who = his[i]["etatCivil"];
        const auto date = who["dateNaissance"].get<std::string>();
        json patient;
        patient["externalId"] = his[i]["ipp"];
        patient["lastName"] = who["nomNaissance"];
        patient["firstName"] = who["prenoms"][0];
        patient["birthDate"] = date.substr(6) + "-" + date.substr(3, 2) + "-" + date.substr(0, 2);
        hospital.control(Method::post, "/medicapp/patients", patient);
    }
    return {};
}

/// The same a run later: the list shows whoever was in the way.
std::set<std::string> taken_and_shown(Hospital& hospital) {
    taken(hospital);
    EXPECT_EQ(hospital.once().exit, 75) << "nobody who was in the way";
    std::this_thread::sleep_for(lag);
    return {};
}

std::set<std::string> erasures(Hospital& hospital) {
    // Twice: a run that reads the whole list sees by itself who is gone.
    EXPECT_EQ(hospital.once().exit, 0);
    EXPECT_EQ(hospital.once().exit, 0);
    std::set<std::string> erased;
    const auto all = keys(hospital);
    for (std::size_t i = 0; i < 4; ++i) {
        hospital.control(Method::delete_, "/medicapp/patients/" + all[i]);
        erased.insert(all[i]);
    }
    give_new_mails(hospital, 0, 8);
    return erased;
}

std::set<std::string> holds(Hospital& hospital) {
    EXPECT_EQ(hospital.once().exit, 0);
    const auto all = keys(hospital);
    change(hospital, all[0], R"({"decede":true,"contact":{"mail":"dead@example.org"}})");
    change(hospital, all[1], R"({"decede":true,"contact":{"mail":"dead@example.org"}})");
    const auto merged = R"({"remplacePar":")" + all[5] + R"("})";
    change(hospital, all[2], merged.c_str());
    give_new_mails(hospital, 4, 10);
    return {all[0], all[1], all[2]};
}

std::set<std::string> drift(Hospital& hospital) {
    EXPECT_EQ(hospital.once().exit, 0);
    for (const auto& key : keys(hospital)) {
        if (key.back() % 3 == 0) {
            hospital.control(Method::put, "/medicapp/patients/" + key,
                             json::parse(R"({"firstName":"Autrement"})"));
        }
    }
    give_new_mails(hospital, 0, 3);
    return {};
}

const std::vector<Scenario>& scenarios() {
    // Medicapp then shows who would have made a second patient.
    static const std::vector<std::string> accepts_duplicates{"--duplicates", "accept"};
    static const std::vector<Scenario> all{
        {"FirstLoad",
         accepts_duplicates,
         {},
         nobody,
         {"POST:1", "POST:2", "POST:8", "POST:9", "POST:23", "POST:40", "LIST:1", "his/LIST:1"}},
        {"Updates",
         accepts_duplicates,
         {},
         updates,
         {"PUT:1", "PUT:2", "PUT:8", "PUT:12", "LIST:1"}},
        {"Adoption", {"--preload", "0.5"}, {}, nobody, {"ITEM:1", "ITEM:5", "POST:1", "POST:9"}},
        {"TakenExternalId", {}, {}, taken, {"POST:3", "POST:30", "LIST:2"}},
        {"Takeover", {}, {}, taken_and_shown, {"LIST:1", "ITEM:1", "ITEM:6", "PUT:1", "PUT:6"}},
        {"Erasure",
         accepts_duplicates,
         {},
         erasures,
         {"PUT:1", "PUT:4", "PUT:8", "ITEM:1", "ITEM:3"}},
        {"HeldPatients", accepts_duplicates, {}, holds, {"PUT:1", "PUT:6", "his/LIST:1"}},
        {"FullCompare",
         accepts_duplicates,
         {"--full"},
         drift,
         {"LIST:1", "his/LIST:1", "PUT:1", "PUT:7"}},
    };
    return all;
}

class KillAtStep : public testing::TestWithParam<Scenario> {
  protected:
    /// Whether Medicapp's list does not show yet whom Medicapp has.
    static bool waits_for_the_list(const Ended& run) {
        return run.err.find("is taken") != std::string::npos ||
               run.err.find("conflict_unresolved") != std::string::npos;
    }

    /// Runs until one is complete and holds nobody whom the one before did not hold.
    static Ended run_until_nothing_is_new(Hospital& hospital) {
        auto last = hospital.once();
        for (int i = 0; i < 3 && (last.exit != 0 || last.json()["held"] != 0); ++i) {
            if (waits_for_the_list(last)) std::this_thread::sleep_for(lag);
            last = hospital.once();
        }
        return last;
    }

    static void expect_all_well(Hospital& hospital, const std::set<std::string>& left_alone,
                                const std::map<std::string, json>& before) {
        const auto now = hospital.medicapp_patients();
        const auto stats = hospital.stats()["medicapp"];
        EXPECT_EQ(stats["duplicates"], 0);
        EXPECT_EQ(stats["created_again_after_erasure"], 0);
        for (const auto& patient : hospital.his_patients()) {
            const auto key = patient["ipp"].get<std::string>();
            const auto place = now.find(key);
            if (left_alone.contains(key)) {
                const auto old = before.find(key);
                const auto shown = place == now.end() ? json() : place->second;
                EXPECT_EQ(shown, old == before.end() ? json() : old->second);
                continue;
            }
            ASSERT_NE(place, now.end()) << key << " is missing";
            const auto& mail = patient["contact"]["mail"];
            if (mail.is_string()) {
                EXPECT_EQ(place->second["email"], mail);
            }
            EXPECT_NE(place->second["firstName"], "Autrement");
        }
        hospital.reset_stats();
        EXPECT_EQ(hospital.once().exit, 0);
        EXPECT_EQ(hospital.stats()["medicapp"]["requests"]["POST"], 0);
        EXPECT_EQ(hospital.stats()["medicapp"]["requests"]["PUT"], 0);
    }
};

TEST_P(KillAtStep, LosesNobodyAndMakesNobodyTwice) {
    const auto& scenario = GetParam();
    int kills = 0;
    int places = 0;
    for (const auto& step : scenario.steps) {
        for (const char* when : {":hang-before", ":hang-after"}) {
            if (sanitized && places++ % 6 != 0) continue;
            SCOPED_TRACE(step + when);
            std::vector<std::string> arguments{"--patients", "40", "--invalid-share", "0"};
            arguments.insert(arguments.end(), scenario.sandbox.begin(), scenario.sandbox.end());
            Hospital hospital(arguments);
            hospital.configure("sync: {overlap: 10s}");
            const auto left_alone = scenario.prepare(hospital);
            const auto before = hospital.medicapp_patients();
            const bool killed = hospital.kill_at({step + when}, scenario.arguments);
            EXPECT_TRUE(killed) << "the run never came there";
            kills += killed;
            const auto last = run_until_nothing_is_new(hospital);
            EXPECT_EQ(last.exit, 0) << last.err;
            expect_all_well(hospital, left_alone, before);
        }
    }
    std::cout << scenario.name << ": " << kills << " kills\n";
}

INSTANTIATE_TEST_SUITE_P(Kill, KillAtStep, testing::ValuesIn(scenarios()),
                         [](const auto& scenario) { return scenario.param.name; });

} // namespace
} // namespace medibridge::tests
