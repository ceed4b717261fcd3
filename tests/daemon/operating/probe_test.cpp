#include "desk.hpp"

#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

// `medibridgectl probe`, on the sandbox's Medicapp in several of its ways.
namespace medibridge::tests {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Json = nlohmann::json;

std::vector<std::string> sandbox(std::vector<std::string> more) {
    std::vector<std::string> all{"--patients", "30", "--invalid-share", "0"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

std::size_t sentinels(Desk& desk) {
    const auto shown = desk.hospital.control(http::Method::get, "/medicapp/patients").dump();
    std::size_t count = 0;
    for (auto at = shown.find("SENTINELLE"); at != std::string::npos;
         at = shown.find("SENTINELLE", at + 1))
        ++count;
    return count;
}

int writes(Desk& desk) {
    const auto requests = desk.hospital.stats()["medicapp"]["requests"];
    return requests["POST"].get<int>() + requests["PUT"].get<int>() + requests["DELETE"].get<int>();
}

TEST(Probe, SeesHowMedicappBehaves) {
    struct Way {
        std::vector<std::string> switches;
        Json behaviour;
    };
    const std::vector<Way> ways{
        {{},
         {{"list_order", "created or modified"},
          {"modified_after", "inclusive"},
          {"precision", "milliseconds"},
          {"template", "ignored"},
          {"unknown_patient", "refused: 404 NOT_FOUND"}}},
        {{"--list-order", "id", "--modified-after", "exclusive", "--precision", "s", "--template",
          "bundle"},
         {{"list_order", "id"},
          {"modified_after", "exclusive"},
          {"precision", "seconds"},
          {"template", "a Bundle"}}},
        {{"--list-order", "shuffled", "--template", "data", "--page-limit", "50"},
         {{"list_order", "another"}, {"template", "a list of resources"}}},
    };
    for (const auto& [switches, expected] : ways) {
        Desk desk(sandbox(switches));
        desk.hospital.reset_stats();
        const auto seen = desk.ask({"probe"})["behaviour"];
        for (const auto& [aspect, words] : expected.items())
            EXPECT_EQ(seen[aspect], words) << aspect << " of " << seen;
        EXPECT_EQ(writes(desk), 0);
    }
}

TEST(Probe, ASentinelIsCreatedAndLeavesNothing) {
    struct Way {
        std::vector<std::string> switches;
        Json behaviour;
    };
    const std::vector<Way> ways{
        {{},
         {{"visibility", "at once"},
          {"put_null", "clears"},
          {"put_names", "changes them"},
          {"put_external_id", "changes it"},
          {"same_external_id", "refused: 409 CONFLICT"}}},
        {{"--visibility-lag", "300", "--put-null", "ignored", "--put-names", "ignore",
          "--put-external-id", "ignore", "--duplicates", "accept"},
         {{"visibility", "late"},
          {"put_null", "ignored"},
          {"put_names", "ignored"},
          {"put_external_id", "ignored"},
          {"same_external_id", "accepted"}}},
    };
    for (const auto& [switches, expected] : ways) {
        Desk desk(sandbox(switches));
        const auto before = desk.hospital.medicapp_patients().size();
        const auto seen = desk.ask({"probe", "--with-sentinel"})["behaviour"];
        for (const auto& [aspect, words] : expected.items())
            EXPECT_EQ(seen[aspect], words) << aspect << " of " << seen;
        EXPECT_EQ(sentinels(desk), 0u);
        EXPECT_EQ(desk.hospital.medicapp_patients().size(), before);
        const auto idle = desk.sync(true);
        EXPECT_EQ(idle["created"], 0) << idle;
        EXPECT_EQ(idle["held"], 0) << idle;
    }
}

TEST(Probe, ItsRefusalsAreNamed) {
    Desk desk(sandbox({"--put-null", "rejected", "--put-names", "refuse", "--put-external-id",
                       "refuse", "--template", "refused"}));
    const auto seen = desk.ask({"probe", "--with-sentinel"})["behaviour"];
    for (const char* aspect : {"put_null", "put_names", "put_external_id", "template"})
        EXPECT_THAT(seen[aspect].get<std::string>(), StartsWith("refused: 400"));
    EXPECT_EQ(sentinels(desk), 0u);
}

TEST(Probe, WhatACutOffTrialLeftIsRemoved) {
    Desk desk(sandbox({}));
    desk.hospital.set_faults({"DELETE:1+:500"});
    desk.ask({"probe", "--with-sentinel"}, 75);
    EXPECT_EQ(sentinels(desk), 1u);
    desk.hospital.set_faults({});
    desk.kill();
    desk.start();
    desk.wait_for_first_cycle();
    desk.ask({"probe", "--with-sentinel"});
    EXPECT_EQ(sentinels(desk), 0u);
}

TEST(Probe, WhatChangesIsNoticedTheNextDay) {
    Desk desk(sandbox({}));
    desk.ask({"probe"});
    desk.end();
    {
        SQLite::Database state(desk.hospital.state().string(), SQLite::OPEN_READWRITE);
        state.exec("UPDATE meta SET value = json_set(value, '$.at_ms', 1000) "
                   "WHERE key = 'medicapp_behaviour'");
    }
    desk.hospital.set("list-order", "id");
    desk.start();
    desk.wait_for_first_cycle();
    EXPECT_EQ(desk.end(), 0);
    EXPECT_THAT(desk.service->err(), HasSubstr("medicapp.behaves_differently"));
    EXPECT_THAT(desk.service->err(), HasSubstr("list_order: created or modified, now id"));
}

} // namespace
} // namespace medibridge::tests
