#include "running_sandbox.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace medibridge::sandbox {
namespace {

using Names = std::vector<std::string>;

Names numbered(int from, int to) {
    Names names;
    for (int i = from; i < to; ++i)
        names.push_back("E" + std::to_string(i));
    return names;
}

std::unique_ptr<RunningSandbox> with(void (*change)(MedicappSwitches&)) {
    auto settings = RunningSandbox::quiet();
    change(settings.medicapp);
    return std::make_unique<RunningSandbox>(settings);
}

TEST(MedicappListTest, PagesOfTwentyUnlessAskedOtherwise) {
    RunningSandbox sandbox;
    for (const auto& name : numbered(0, 45))
        sandbox.create(name);
    const auto page = sandbox.medicapp("GET", "/patients?page=3").json();
    EXPECT_EQ(page["data"].size(), 5U);
    EXPECT_EQ(page["pagination"],
              nlohmann::json::parse(R"({"page":3,"perPage":20,"total":45,"totalPages":3})"));
    EXPECT_EQ(sandbox.listed("page=2&per_page=10"), numbered(10, 20));
    EXPECT_TRUE(sandbox.listed("page=9").empty());
}

TEST(MedicappListTest, AnEmptyListHasNoPages) {
    RunningSandbox sandbox;
    const auto page = sandbox.medicapp("GET", "/patients").json();
    EXPECT_EQ(page.dump(),
              R"({"data":[],"pagination":{"page":1,"perPage":20,"total":0,"totalPages":0}})");
}

TEST(MedicappListTest, MayGiveSmallerPagesThanAskedFor) {
    const auto sandbox = with([](MedicappSwitches& switches) { switches.page_limit = 3; });
    for (const auto& name : numbered(0, 7))
        sandbox->create(name);
    const auto page = sandbox->medicapp("GET", "/patients?page=3&per_page=100").json();
    EXPECT_EQ(page["pagination"],
              nlohmann::json::parse(R"({"page":3,"perPage":3,"total":7,"totalPages":3})"));
    EXPECT_EQ(sandbox->listed("page=2&per_page=100"), numbered(3, 6));
    EXPECT_EQ(sandbox->listed("page=1&per_page=2"), numbered(0, 2));
}

TEST(MedicappListTest, RefusesBadParameters) {
    RunningSandbox sandbox;
    for (const char* query : {"per_page=101", "per_page=0", "per_page=ten", "page=0", "page=-1",
                              "page=99999999999999999999", "modified_after=yesterday",
                              "modified_after=2026-01-31T09:05:07", "created_after=",
                              // A plus sign in a query is a space.
                              "modified_after=2026-01-31T09:05:07+01:00"}) {
        EXPECT_EQ(sandbox.medicapp("GET", std::string("/patients?") + query).status, 400U) << query;
    }
    EXPECT_EQ(sandbox.medicapp("GET", "/patients?per_page=100").status, 200U);
    EXPECT_EQ(
        sandbox.medicapp("GET", "/patients?modified_after=2026-01-31T09%3A05%3A07%2B01:00").status,
        200U);
}

/// Five patients a second apart, the second of which is changed last.
void five_patients(RunningSandbox& sandbox) {
    std::string second;
    for (const auto& name : numbered(0, 5)) {
        const auto id = sandbox.create(name);
        if (name == "E1") second = id;
        sandbox.clock().pass(1'000);
    }
    sandbox.medicapp("PUT", "/patients/" + second, R"({"phone":"+33261910000"})");
}

TEST(MedicappListTest, ListsInOrderOfCreation) {
    const auto sandbox = with([](auto& s) { s.list_order = ListOrder::created; });
    five_patients(*sandbox);
    EXPECT_EQ(sandbox->listed(), numbered(0, 5));
}

TEST(MedicappListTest, ListsInOrderOfModification) {
    const auto sandbox = with([](auto& s) { s.list_order = ListOrder::modified; });
    five_patients(*sandbox);
    EXPECT_EQ(sandbox->listed(), (Names{"E0", "E2", "E3", "E4", "E1"}));
}

TEST(MedicappListTest, ListsInOrderOfId) {
    const auto sandbox = with([](auto& s) { s.list_order = ListOrder::id; });
    for (const auto& name : numbered(0, 50))
        sandbox->create(name);
    const auto data = sandbox->medicapp("GET", "/patients?per_page=100").json()["data"];
    Names ids;
    for (const auto& item : data)
        ids.push_back(item["id"].get<std::string>());
    EXPECT_EQ(ids.size(), 50U);
    EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
}

TEST(MedicappListTest, AShuffledListMovesWhatIsWritten) {
    const auto sandbox = with([](auto& s) { s.list_order = ListOrder::shuffled; });
    std::string moved;
    for (const auto& name : numbered(0, 40))
        moved = sandbox->create(name);
    const auto before = sandbox->listed();
    EXPECT_EQ(sandbox->listed(), before);
    EXPECT_FALSE(std::is_sorted(before.begin(), before.end()));
    bool has_moved = false;
    for (int i = 0; i < 5; ++i) {
        sandbox->medicapp("PUT", "/patients/" + moved, R"({"phone":"+33261910000"})");
        has_moved |= sandbox->listed() != before;
    }
    EXPECT_TRUE(has_moved);
    auto others = before;
    auto now = sandbox->listed();
    std::erase(others, "E39");
    std::erase(now, "E39");
    EXPECT_EQ(now, others);
}

TEST(MedicappListTest, FiltersKeepTheListsOrder) {
    for (const auto order : {ListOrder::created, ListOrder::modified}) {
        auto settings = RunningSandbox::quiet();
        settings.medicapp.list_order = order;
        RunningSandbox sandbox(settings);
        five_patients(sandbox);
        const bool created = order == ListOrder::created;
        EXPECT_EQ(sandbox.listed("modified_after=2026-05-28T20:26:43.123Z"),
                  created ? (Names{"E1", "E3", "E4"}) : (Names{"E3", "E4", "E1"}));
        EXPECT_EQ(sandbox.listed("created_after=2026-05-28T20:26:41Z"),
                  created ? (Names{"E1", "E2", "E3", "E4"}) : (Names{"E2", "E3", "E4", "E1"}));
        EXPECT_EQ(sandbox.listed("created_after=2026-05-28T20:26:43Z&"
                                 "modified_after=2026-05-28T20:26:44.123Z&page=1"),
                  (Names{"E4"}));
        const auto page =
            sandbox
                .medicapp("GET", "/patients?modified_after=2026-05-28T20:26:42Z&per_page=2&page=2")
                .json();
        EXPECT_EQ(page["pagination"]["total"], 4);
        EXPECT_EQ(page["pagination"]["totalPages"], 2);
        EXPECT_EQ(page["data"].size(), 2U);
    }
}

TEST(MedicappListTest, TheFilterIncludesTheMomentOrNot) {
    const std::string query = "modified_after=2026-05-28T20:26:40.123Z";
    const auto inclusive = with([](auto& s) { s.modified_after = Bound::inclusive; });
    inclusive->create("E0");
    EXPECT_EQ(inclusive->listed(query), Names{"E0"});
    EXPECT_EQ(inclusive->listed("created_after=2026-05-28T20:26:40.123Z"), Names{"E0"});
    const auto exclusive = with([](auto& s) { s.modified_after = Bound::exclusive; });
    exclusive->create("E0");
    EXPECT_TRUE(exclusive->listed(query).empty());
    EXPECT_TRUE(exclusive->listed("created_after=2026-05-28T20:26:40.123Z").empty());
    exclusive->clock().pass(1);
    exclusive->create("E1");
    EXPECT_EQ(exclusive->listed(query), Names{"E1"});
}

TEST(MedicappListTest, PatientsOfOneMomentAreAllThereOnceOverPages) {
    const auto sandbox = with([](auto& s) { s.list_order = ListOrder::modified; });
    for (const auto& name : numbered(0, 30))
        sandbox->create(name);
    Names all;
    for (int page = 1; page <= 5; ++page) {
        const auto part = sandbox->listed("per_page=7&page=" + std::to_string(page) +
                                          "&modified_after=2026-05-28T20:26:40.123Z");
        all.insert(all.end(), part.begin(), part.end());
    }
    std::sort(all.begin(), all.end());
    auto expected = numbered(0, 30);
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(all, expected);
}

TEST(MedicappListTest, PrecisionInSecondsCutsWhatIsStored) {
    const auto sandbox = with([](auto& s) { s.precision = Precision::seconds; });
    const auto id = sandbox->create("E0");
    EXPECT_EQ(sandbox->medicapp("GET", "/patients/" + id).json()["modifiedAt"],
              "2026-05-28T20:26:40Z");
    EXPECT_EQ(sandbox->listed("modified_after=2026-05-28T20:26:40Z"), Names{"E0"});
    EXPECT_TRUE(sandbox->listed("modified_after=2026-05-28T20:26:40.001Z").empty());
}

TEST(MedicappListTest, AWriteBecomesVisibleOnlyAfterTheLag) {
    const auto sandbox = with([](auto& s) { s.visibility_lag = 2'000; });
    const auto id = sandbox->create("E0");
    EXPECT_EQ(sandbox->medicapp("GET", "/patients/" + id).status, 200U);
    EXPECT_TRUE(sandbox->listed().empty());
    sandbox->clock().pass(1'999);
    EXPECT_TRUE(sandbox->listed().empty());
    sandbox->clock().pass(1);
    EXPECT_EQ(sandbox->listed(), Names{"E0"});
    sandbox->medicapp("PUT", "/patients/" + id, R"({"phone":"+33261910000"})");
    const std::string query = "modified_after=2026-05-28T20:26:42.123Z";
    EXPECT_TRUE(sandbox->listed(query).empty());
    sandbox->clock().pass(2'000);
    EXPECT_EQ(sandbox->listed(query), Names{"E0"});
}

TEST(MedicappListTest, AListIsNotASnapshot) {
    RunningSandbox sandbox;
    std::string first;
    for (const auto& name : numbered(0, 6)) {
        const auto id = sandbox.create(name);
        if (first.empty()) first = id;
    }
    EXPECT_EQ(sandbox.listed("per_page=3&page=1"), numbered(0, 3));
    sandbox.medicapp("DELETE", "/patients/" + first);
    EXPECT_EQ(sandbox.listed("per_page=3&page=2"), numbered(4, 6)); // E3 was skipped
}

TEST(MedicappListTest, CountsCanContradict) {
    const auto pages = with([](auto& s) { s.list_counts = ListCounts::pages; });
    const auto halves = with([](auto& s) { s.list_counts = ListCounts::short_pages; });
    for (const auto& name : numbered(0, 23)) {
        pages->create(name);
        halves->create(name);
    }
    const auto one = pages->medicapp("GET", "/patients?per_page=10").json();
    EXPECT_EQ(one["data"].size(), 10U);
    EXPECT_EQ(one["pagination"]["totalPages"], 1);
    EXPECT_EQ(one["pagination"]["total"], 23);
    EXPECT_EQ(halves->listed("per_page=10"), numbered(0, 5));
    EXPECT_EQ(halves->listed("per_page=10&page=2"), numbered(10, 15));
    EXPECT_EQ(halves->medicapp("GET", "/patients?per_page=10").json()["pagination"],
              nlohmann::json::parse(R"({"page":1,"perPage":10,"total":23,"totalPages":3})"));
}

TEST(MedicappListTest, OnePatientCanBeBroken) {
    RunningSandbox sandbox;
    for (const auto& name : numbered(0, 3))
        sandbox.create(name);
    const auto set = [&](const char* body) {
        EXPECT_EQ(sandbox.control("POST", "/switches", body).status, 200U);
    };
    set(R"({"broken-patient":"E1"})");
    const std::string broken = R"("firstName":"\ud83d",)";
    const auto list = sandbox.medicapp("GET", "/patients").body;
    EXPECT_NE(list.find(broken), std::string::npos) << list;
    EXPECT_EQ(list.find(broken), list.rfind(broken));
    EXPECT_NE(list.find(R"("weight":1e999)"), std::string::npos);
    // The control API shows what Medicapp has.
    EXPECT_EQ(sandbox.control("GET", "/medicapp/patients/E1").json()["externalId"], "E1");
    set(R"({"broken-patient":""})");
    EXPECT_EQ(sandbox.listed(), numbered(0, 3));
}

TEST(MedicappListTest, TheClockCanBeOff) {
    const auto sandbox = with([](auto& s) { s.clock_offset = -3'600'000; });
    const auto answer = sandbox->medicapp("POST", "/patients", patient_json("E0"));
    EXPECT_EQ(answer.json()["createdAt"], "2026-05-28T19:26:40.123Z");
    EXPECT_EQ(answer.headers.at("date"), "Thu, 28 May 2026 19:26:40 GMT");
}

} // namespace
} // namespace medibridge::sandbox
