#include "desk.hpp"

#include <SQLiteCpp/Database.h>
#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

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

/// Gives the patients times of change that differ, in an order that is no other one: a first load
/// may take no longer than a millisecond.
void edit_all(Desk& desk) {
    auto ids = desk.ids();
    for (auto& id : ids)
        std::ranges::reverse(id);
    std::ranges::sort(ids);
    for (auto id : ids) {
        std::ranges::reverse(id);
        desk.hospital.control(http::Method::put, "/medicapp/patients/" + id,
                              {{"email", "m" + id + "@example.org"}});
        std::this_thread::sleep_for(std::chrono::milliseconds(1)); // the clock's grain
    }
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
        {{"--list-order", "modified"},
         {{"list_order", "modified"},
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
         {{"template", "a list of resources"}}},
    };
    for (const auto& [switches, expected] : ways) {
        Desk desk(sandbox(switches));
        edit_all(desk);
        desk.hospital.reset_stats();
        const auto seen = desk.ask({"probe"})["behaviour"];
        // Of times that hardly differ the list may be in order by chance as well.
        for (const auto& [aspect, words] : expected.items())
            EXPECT_THAT(seen[aspect].get<std::string>(), HasSubstr(words)) << aspect << seen;
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
    Desk desk(sandbox({"--list-order", "modified"}));
    edit_all(desk);
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
    EXPECT_THAT(desk.service->err(), HasSubstr(", now id"));
}

} // namespace
} // namespace medibridge::tests
