#include "hospital.hpp"

#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

namespace medibridge::tests {
namespace {

using http::Method;
using nlohmann::json;
using testing::HasSubstr;

/// The real programs, with thirty patients that both sides have.
class Guards : public testing::Test {
  protected:
    Guards() : hospital({"--patients", "30", "--invalid-share", "0"}) {
        EXPECT_EQ(hospital.once().json()["created"], 30);
        EXPECT_EQ(hospital.once().exit, 0);
        EXPECT_EQ(hospital.once().exit, 0);
    }

    void expect_guarded(const std::vector<std::string>& arguments, const std::string& event) {
        hospital.reset_stats();
        const auto ended = hospital.once(arguments);
        EXPECT_EQ(ended.exit, 69) << ended.out << ended.err;
        EXPECT_EQ(ended.json()["outcome"], "guarded");
        EXPECT_EQ(ended.events(event).size(), 1u) << ended.err;
        expect_no_write();
    }

    void expect_no_write() {
        const auto requests = hospital.stats()["medicapp"]["requests"];
        EXPECT_EQ(requests["POST"].get<int>() + requests["PUT"].get<int>(), 0);
    }

    void expect_rest() {
        hospital.reset_stats();
        EXPECT_EQ(hospital.once().exit, 0);
        EXPECT_EQ(hospital.once({"--full", "--output", "json"}).exit, 0);
        expect_no_write();
    }

    void move_phone() {
        auto text = read_file(hospital.config());
        const std::string mobile = "/contact/mobile";
        const auto place = text.find(mobile);
        ASSERT_NE(place, std::string::npos) << text;
        write_file(hospital.config(), text.replace(place, mobile.size(), "/contact/bureau"));
    }

    Hospital hospital;
    const std::vector<std::string> plain{"--output", "json"};
};

json without_times(std::map<std::string, json> patients) {
    json all;
    for (auto& [external_id, patient] : patients) {
        patient.erase("modifiedAt");
        all[external_id] = patient;
    }
    return all;
}

TEST_F(Guards, AMedicappRestoredFromABackupIsBroughtForwardOnTheOperatorsWord) {
    const auto backup = without_times(hospital.medicapp_patients());
    hospital.control(Method::post, "/medicapp/snapshot");
    // The HIS states its times in whole seconds: what it edits is to be newer than the backup.
    std::this_thread::sleep_for(std::chrono::milliseconds(1'100));
    hospital.control(Method::post, "/his/edit?count=5");
    EXPECT_EQ(hospital.once().json()["updated"], 5);
    EXPECT_EQ(hospital.once().exit, 0);
    const auto wanted = without_times(hospital.medicapp_patients());
    ASSERT_TRUE(wanted != backup);

    hospital.control(Method::post, "/medicapp/restore");
    expect_guarded(plain, "guard.rewound");
    expect_guarded({"--dry-run", "--output", "json"}, "guard.rewound");
    expect_guarded({"--full", "--output", "json"}, "guard.rewound");

    const auto accepted = hospital.once({"--accept-rewind", "--output", "json"});
    EXPECT_EQ(accepted.exit, 0) << accepted.err;
    EXPECT_EQ(accepted.json()["updated"], 5);
    EXPECT_TRUE(without_times(hospital.medicapp_patients()) == wanted);
    expect_rest();
}

TEST_F(Guards, AHisRestoredFromABackupIsTakenAsItIsOnTheOperatorsWord) {
    const auto before = without_times(hospital.medicapp_patients());
    const auto backup = hospital.his_patients();
    hospital.control(Method::post, "/his/edit?count=5");
    EXPECT_EQ(hospital.once().json()["updated"], 5);
    EXPECT_EQ(hospital.once().exit, 0);
    for (const auto& patient : backup) // each with its own modification time
        hospital.control(Method::post, "/his/patients", patient);
    expect_guarded(plain, "guard.rewound");

    hospital.configure("sync: {authority: {default: his, email: his, phone: his}}");
    const auto accepted = hospital.once({"--accept-rewind", "--output", "json"});
    EXPECT_EQ(accepted.exit, 0) << accepted.err;
    EXPECT_EQ(accepted.json()["updated"], 5);
    EXPECT_TRUE(without_times(hospital.medicapp_patients()) == before);
    expect_rest();
}

TEST_F(Guards, AnEmptySideStopsAFullCompare) {
    hospital.control(Method::post, "/medicapp/erase?count=30");
    expect_guarded({"--full", "--output", "json"}, "guard.emptied");
    const auto ended = hospital.once({"--full"});
    EXPECT_THAT(ended.out, HasSubstr("Medicapp shows no patient at all, but 30 are linked"));
}

TEST_F(Guards, AChangedMappingIsRehearsedAndAccepted) {
    move_phone();
    expect_guarded(plain, "guard.mapping");
    hospital.reset_stats();
    const auto rehearsed = hospital.once({"--dry-run", "--output", "json"});
    EXPECT_EQ(rehearsed.exit, 0) << rehearsed.err;
    const auto changed = rehearsed.events("mapping.changed");
    ASSERT_EQ(changed.size(), 1u);
    EXPECT_EQ(changed.front()["fields"], "fields.phone");
    expect_no_write();
    expect_guarded(plain, "guard.mapping");
    EXPECT_EQ(hospital.once({"--accept-mapping", "--output", "json"}).exit, 0);
    expect_rest();
}

TEST_F(Guards, TheServiceSaysOnceThatTheMappingWasChanged) {
    hospital.configure("sync: {interval: 20ms}\nlog: {level: debug}");
    move_phone();
    const auto service = hospital.start({});
    const auto cycles = [&] {
        Ended so_far;
        so_far.err = service->err();
        so_far.err.erase(so_far.err.rfind('\n') + 1); // a line may be under way
        return so_far;
    };
    while (cycles().events("cycle.started").size() < 4) {
        ASSERT_FALSE(service->ended()) << service->err();
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    EXPECT_EQ(cycles().events("guard.mapping").size(), 1u);
    EXPECT_EQ(cycles().events("cycle.guarded").size(), 1u);
    service->signal(SIGTERM);
    EXPECT_EQ(service->wait(), 0);
}

TEST_F(Guards, TheWordsOfAcceptanceAreForOneRunOnly) {
    EXPECT_EQ(hospital.start({"--accept-rewind"})->wait(), 64);
    EXPECT_EQ(hospital.start({"--accept-mapping"})->wait(), 64);
}

} // namespace
} // namespace medibridge::tests
