#include "desk.hpp"

#include <chrono>
#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

// What an operator sees of a patient, of a side that is down and of a cycle that is over.
namespace medibridge::tests {
namespace {

using Method = http::Method;
using Json = nlohmann::json;
using testing::HasSubstr;
using testing::Not;

/// A record of the HIS without a birth date.
void break_newcomer(Desk& desk) {
    auto person = his_person(newcomer);
    person["etatCivil"]["dateNaissance"] = nullptr;
    desk.in_his(person);
    desk.held_for(newcomer, "invalid");
}

TEST(SeenTest, AHoldSaysWhatIsWrongAndWhoIgnoredIt) {
    Desk desk;
    break_newcomer(desk);
    const auto shown = desk.type({"held", "show", newcomer});
    EXPECT_THAT(shown.out, HasSubstr("birthDate: is missing")) << shown.err;
    EXPECT_THAT(desk.type({"held", "list"}).out, HasSubstr("to decide: 1\n"));

    desk.ask({"held", "ignore", newcomer, "--reason", "known to the ward"});
    const auto list = desk.type({"held", "list"}).out;
    EXPECT_THAT(list, HasSubstr("ignored by an operator, until the record changes: 1\n"));
    EXPECT_THAT(list, HasSubstr("until the record changes: known to the ward"));
    EXPECT_THAT(list, Not(HasSubstr("nothing to do")));
    const auto who = desk.held(newcomer)["ignored"]["by"].get<std::string>();
    EXPECT_THAT(desk.type({"held", "show", newcomer}).out,
                testing::ContainsRegex("ignored +by " + who));
    EXPECT_THAT(desk.type({"why", newcomer}).out, HasSubstr("ignored by " + who));
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
}

TEST(SeenTest, ADecisionDuringAPauseSaysWhenItIsCarriedOut) {
    Desk desk;
    break_newcomer(desk);
    desk.in_his(his_person(newcomer));
    const auto pause = desk.ask({"pause", "--until", "2h"});
    const auto until = pause["until"].get<std::string>();
    const auto decided = desk.ask({"held", "retry", newcomer});
    EXPECT_EQ(decided["result"], "pending");
    EXPECT_THAT(decided["reason"].get<std::string>(), HasSubstr("paused until " + until));
    const auto list = desk.type({"held", "list"}).out;
    EXPECT_THAT(list, HasSubstr("decided, to be carried out in the next cycle: 1\n"));
    EXPECT_THAT(list, HasSubstr("decision 'retry' by "));
    EXPECT_THAT(desk.type({"status"}).out, HasSubstr("1 decision waits to be carried out then"));
    desk.ask({"resume"});
    desk.sync();
    EXPECT_EQ(desk.ask({"status"})["decided"], 0);
    EXPECT_TRUE(desk.held(newcomer).is_null());
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
}

/// Here a pause keeps cycles from carrying it out; a guard does the same.
TEST(SeenTest, ADecisionThatWaitsIsTakenBackByAnother) {
    Desk desk;
    desk.in_medicapp(medicapp_person());
    desk.in_his(his_person(newcomer));
    desk.held_for(newcomer, "possible_duplicate");
    desk.ask({"pause"});
    EXPECT_EQ(desk.ask({"held", "retry", newcomer})["result"], "pending");
    const auto shown = desk.type({"held", "show", newcomer}).out;
    EXPECT_THAT(shown, HasSubstr("another one takes its place"));
    EXPECT_EQ(desk.ask({"held", "create", newcomer})["result"], "pending");
    EXPECT_EQ(desk.ask({"held", "ignore", newcomer})["result"], "applied");
    EXPECT_EQ(desk.held(newcomer)["decided"], nullptr);
    EXPECT_THAT(desk.audited(newcomer),
                testing::Contains(testing::EndsWith(":decision_replaced")).Times(2));
    desk.ask({"resume"});
    desk.sync(true);
    EXPECT_EQ(desk.held(newcomer)["kind"], "excluded");
    EXPECT_TRUE(desk.medicapp(newcomer).is_null()) << "nobody is created";
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
}

TEST(SeenTest, WhatACycleMayBeCarryingOutIsNotTakenBack) {
    Desk desk;
    desk.in_medicapp(medicapp_person());
    desk.in_his(his_person(newcomer));
    desk.held_for(newcomer, "possible_duplicate");
    desk.ask({"pause"});
    EXPECT_EQ(desk.ask({"held", "create", newcomer})["result"], "pending");
    desk.hospital.set_faults({"LIST:1+:hang"});
    desk.ask({"resume"});
    const auto cycle = desk.begin({"sync"});
    wait_until(*cycle, [&] { return desk.ask({"status"})["cycle_running"] == true; });
    const auto late = desk.ask({"held", "ignore", newcomer}, 65);
    EXPECT_THAT(late["reason"].get<std::string>(), HasSubstr("by the cycle that is running"));
    EXPECT_EQ(desk.held(newcomer)["decided"], "create");
    desk.kill();
}

TEST(SeenTest, WhatADecisionWouldDoIsNotToldWhileMedicappIsDown) {
    Desk desk;
    desk.in_medicapp(medicapp_person());
    desk.in_his(his_person(newcomer));
    desk.held_for(newcomer, "possible_duplicate");
    desk.hospital.set_faults({"GET:1+:503", "LIST:1+:503"});
    const auto shown = desk.ask({"held", "show", newcomer});
    EXPECT_EQ(shown["would_send"], Json::object());
    for (const auto& preview : shown["previews"]) {
        const bool writes = preview["decision"] == "link" || preview["decision"] == "create";
        EXPECT_EQ(preview["told"], !writes) << preview;
        if (writes)
            EXPECT_THAT(preview["effect"].get<std::string>(),
                        HasSubstr("cannot be told now: Medicapp cannot be read (GET"));
    }
    const auto decided =
        desk.ask({"held", "create", newcomer, "--token", shown["token"].get<std::string>()}, 75);
    EXPECT_THAT(decided["error"]["message"].get<std::string>(),
                HasSubstr("Medicapp cannot be read (GET"));
    EXPECT_EQ(desk.ask({"find", "Marchand"}, 75)["sides"][0]["up"], false);
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
}

TEST(SeenTest, ACycleThatIsIncompleteSaysWhy) {
    Desk desk;
    desk.hospital.set_faults({"his/LIST:1+:405"});
    const auto his = desk.ask({"sync", "--full"}, 75);
    EXPECT_EQ(his["outcome"], "incomplete");
    EXPECT_THAT(his["reason"].get<std::string>(), HasSubstr("HTTP 405"));
    EXPECT_THAT(his["sources"][0]["trouble"].get<std::string>(), HasSubstr("HTTP 405"));
    desk.hospital.stop_sandbox();
    const auto both = desk.ask({"sync", "--full"}, 75);
    EXPECT_THAT(both["reason"].get<std::string>(), HasSubstr("Medicapp: GET /patients"));
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
}

/// The first load of either kind of source takes everybody, and no time of theirs can be read.
TEST(SeenTest, ATimeThatDoesNotFitItsFormatIsTold) {
    for (const bool dropped : {false, true}) {
        std::vector<std::string> sandbox{"--patients", "6", "--invalid-share", "0"};
        const TemporaryDirectory folder;
        if (dropped)
            sandbox.insert(sandbox.end(),
                           {"--his-type", "csv", "--drop-directory", folder.path().string()});
        Desk desk(sandbox, "", false);
        auto text = read_file(desk.hospital.config());
        const std::string time = dropped ? "modifiedAt: MAJ_LE" : "modifiedAt: /majLe";
        const auto format = "modifiedAt: {at: " + time.substr(12) + ", format: \"%d/%m/%Y\"}";
        ASSERT_NE(text.find(time), std::string::npos) << text;
        write_file(desk.hospital.config(), text.replace(text.find(time), time.size(), format));
        desk.start();
        desk.wait_for_first_cycle();
        const auto doctor = desk.type({"doctor"}).out;
        EXPECT_THAT(doctor, HasSubstr("cannot be read, of 6 records: modifiedAt")) << dropped;
        EXPECT_THAT(doctor, HasSubstr("(6)")) << dropped;
        EXPECT_EQ(desk.end(), 0) << desk.service->err();
    }
}

TEST(SeenTest, AFirewallsPageIsNotTakenForMedicappsRefusal) {
    Desk desk;
    const char* const page = "403 with a page that is not Medicapp's (a proxy or firewall?)";
    desk.hospital.set_faults({"LIST:1+:html=403", "GET:1+:html=403"});
    EXPECT_EQ(desk.ask({"sync"}, 77)["reason"], page);
    const auto status = desk.ask({"status"});
    EXPECT_EQ(status["reason"], page);
    EXPECT_EQ(status["sides"][0]["reason"], page);
    const auto doctor = desk.type({"doctor"});
    EXPECT_THAT(doctor.out, HasSubstr("403 with a page that is not Medicapp's"));
    EXPECT_THAT(doctor.out, HasSubstr("the API key was not judged"));
    EXPECT_THAT(doctor.out, Not(HasSubstr("put a valid key")));
    EXPECT_EQ(desk.end(), 0) << desk.service->err();

    Desk other;
    other.hospital.set_faults({"LIST:1+:401"});
    EXPECT_EQ(other.ask({"sync"}, 77)["reason"], "Medicapp refuses the API key");
    EXPECT_THAT(other.type({"doctor"}).out, HasSubstr("put a valid key"));
    EXPECT_EQ(other.end(), 0) << other.service->err();
}

/// It answers everybody else.
TEST(SeenTest, MedicappIsNotDownForOnePatientWhoIsRefused) {
    Desk desk;
    const auto ids = desk.ids();
    desk.hospital.set_faults({"WRITE@" + ids[3] + ":1+:503"});
    desk.change_in_his(ids.size());
    const auto end = desk.ask({"sync"}, 75);
    EXPECT_EQ(end["updated"], ids.size() - 1) << end;
    const auto medicapp = desk.ask({"status"})["sides"][0];
    EXPECT_EQ(medicapp["up"], true) << medicapp;
    EXPECT_TRUE(medicapp["reason"].is_null()) << medicapp;
    // As nobody else is written to any more, nobody else shows it either.
    desk.ask({"sync"}, 75);
    EXPECT_EQ(desk.ask({"status"})["sides"][0]["up"], true);
    desk.hospital.stop_sandbox();
    desk.ask({"sync"}, 75);
    EXPECT_EQ(desk.ask({"status"})["sides"][0]["up"], false) << "now it is";
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
}

/// Both are known not to answer, and now say nothing at all.
TEST(SeenTest, APatientIsShownSoonWhileBothSidesAreSilent) {
    Desk desk;
    desk.in_medicapp(medicapp_person());
    desk.in_his(his_person(newcomer));
    desk.sync();
    desk.hospital.set_faults({"his/ANY:1+:405"});
    desk.ask({"sync"}, 75);
    desk.hospital.set_faults({"ANY:1+:503", "his/ANY:1+:405"});
    const auto cycle = desk.begin({"sync"});
    wait_until(*cycle, [&] {
        const auto medicapp = desk.ask({"status"})["sides"][0];
        return medicapp["up"] == false || !medicapp["trying_since"].is_null();
    });
    desk.hospital.set_faults({"ANY:1+:hang", "his/ANY:1+:hang"});
    const auto before = std::chrono::steady_clock::now();
    const auto seen = desk.type({"held", "show", newcomer});
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(6));
    EXPECT_EQ(seen.exit, 0) << seen.err;
    EXPECT_THAT(seen.out, HasSubstr("Medicapp cannot be read now: "));
    EXPECT_THAT(seen.out, HasSubstr("his cannot be read now: "));
    EXPECT_THAT(seen.out, HasSubstr("cannot be told now"));
    desk.kill();
}

TEST(SeenTest, TheLastCycleIsRememberedAcrossARestart) {
    Desk desk;
    const auto complete = desk.ask({"status"})["last_complete"];
    desk.hospital.set_faults({"his/LIST:1+:405"});
    desk.ask({"sync"}, 75);
    const auto before = desk.ask({"status"});
    desk.ask({"pause"});
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
    const auto local = desk.ask({"status"});
    EXPECT_EQ(local["outcome"], "incomplete") << "no daemon runs";
    EXPECT_THAT(before["reason"].get<std::string>(), HasSubstr("his"));
    EXPECT_EQ(local["reason"], before["reason"]);
    EXPECT_THAT(desk.type({"status"}).out, HasSubstr("(no service runs now)"));
    desk.start();
    const auto after = desk.ask({"status"});
    EXPECT_EQ(after["cycles"], 0);
    EXPECT_EQ(after["outcome"], "incomplete");
    EXPECT_EQ(after["last_complete"], complete);
    EXPECT_EQ(after["reason"], before["reason"]);
    EXPECT_EQ(after["last_cycle_at"], before["last_cycle_at"]);
    EXPECT_THAT(desk.type({"status"}).out, HasSubstr("(before the service started)"));
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
}

TEST(SeenTest, MistakesAreSaidWithWhatThereIs) {
    Desk desk;
    const auto nope = desk.ask({"held", "list", "--source", "nope"}, 64);
    const auto name = desk.ask({"status"})["sides"][1]["name"].get<std::string>();
    EXPECT_THAT(nope["error"]["message"].get<std::string>(), HasSubstr("it has: " + name));
    EXPECT_THAT(desk.type({"why", ""}).err, HasSubstr("what follows `why` is empty"));
    EXPECT_EQ(desk.type({"why", ""}).exit, 64);
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
}

} // namespace
} // namespace medibridge::tests
