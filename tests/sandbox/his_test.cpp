#include "running_sandbox.hpp"

#include <gtest/gtest.h>
#include <set>

namespace medibridge::sandbox {
namespace {

Settings with_patients(std::uint64_t count) {
    Settings settings;
    settings.population.patients = count;
    return settings;
}

/// Adds patients with these ipps, all modified at the same moment.
void add(RunningSandbox& sandbox, const std::vector<std::string>& ipps, const std::string& when) {
    auto list = nlohmann::json::array();
    for (const auto& ipp : ipps)
        list.push_back(nlohmann::json{{"ipp", ipp}, {"majLe", when}});
    ASSERT_EQ(sandbox.control("POST", "/his/patients", list.dump()).status, 201U);
}

std::vector<std::string> ipps_of(const nlohmann::json& page) {
    std::vector<std::string> ipps;
    for (const auto& patient : page["patients"])
        ipps.push_back(patient["ipp"].get<std::string>());
    return ipps;
}

TEST(HisTest, ShowsAPatientInItsOwnShape) {
    RunningSandbox sandbox;
    const std::string patient =
        R"({"ipp":"80 1/é","etatCivil":{"nomNaissance":"Lefèvre","nomUsage":null,"dateNaissance":"31/12/1980",)"
        R"("sexe":"2","prenoms":["Chloé","Anne"]},"contact":{"mail":"c@example.fr","mobile":"01 99 00 12 34"},)"
        R"("adresse":{"voie":"1 rue A","commune":"Nantes","cp":"44000","pays":"FR"},)"
        R"("majLe":"2026-01-31T10:05:07+01:00","actif":true,"decede":false,"statutIdentite":"VALI"})";
    ASSERT_EQ(sandbox.control("POST", "/his/patients", patient).status, 201U);
    EXPECT_EQ(sandbox.his("/80%201%2F%C3%A9").json(), nlohmann::json::parse(patient));
    EXPECT_EQ(sandbox.his("/nobody").status, 404U);
}

TEST(HisTest, ListsByModificationThenIpp) {
    RunningSandbox sandbox;
    add(sandbox, {"C", "A"}, "2026-01-31T10:00:00+01:00");
    add(sandbox, {"B"}, "2026-01-31T10:00:00+01:00");
    add(sandbox, {"0"}, "2026-01-31T09:00:01Z");
    add(sandbox, {"Z"}, "2026-01-31T08:59:59Z");
    EXPECT_EQ(ipps_of(sandbox.his("").json()), (std::vector<std::string>{"Z", "A", "B", "C", "0"}));
}

TEST(HisTest, TheFilterIncludesTheMomentAndTies) {
    RunningSandbox sandbox;
    add(sandbox, {"B", "A"}, "2026-01-31T10:00:00+01:00");
    add(sandbox, {"C"}, "2026-01-31T09:59:59+01:00");
    const std::vector<std::string> both{"A", "B"};
    EXPECT_EQ(ipps_of(sandbox.his("?modifie_apres=2026-01-31T09:00:00Z").json()), both);
    EXPECT_EQ(ipps_of(sandbox.his("?modifie_apres=2026-01-31T10:00:00%2B01:00").json()), both);
    EXPECT_EQ(ipps_of(sandbox.his("?modifie_apres=2026-01-31T10:00:00").json()), both);
    EXPECT_TRUE(ipps_of(sandbox.his("?modifie_apres=2026-01-31T09:00:00.001Z").json()).empty());
}

TEST(HisTest, ShowsTheListOfOnePatient) {
    RunningSandbox sandbox;
    add(sandbox, {"A&B", "C"}, "2026-01-31T10:00:00+01:00");
    const auto page = sandbox.his("?taille=1&ipp=A%26B").json();
    EXPECT_EQ(ipps_of(page), std::vector<std::string>{"A&B"});
    EXPECT_EQ(page["pagination"]["total"], 1);
    EXPECT_TRUE(page["links"]["next"].is_null());
    EXPECT_TRUE(ipps_of(sandbox.his("?ipp=nobody").json()).empty());
}

TEST(HisTest, PagesUntilNextIsNull) {
    RunningSandbox sandbox(with_patients(25));
    std::set<std::string> seen;
    std::string target = "?taille=10&modifie_apres=2025-01-01T00:00:00%2B01:00";
    int pages = 0;
    while (!target.empty()) {
        const auto page = sandbox.his(target).json();
        ++pages;
        EXPECT_EQ(page["pagination"]["total"], 25);
        EXPECT_EQ(page["pagination"]["pages"], 3);
        EXPECT_EQ(page["pagination"]["page"], pages);
        for (const auto& ipp : ipps_of(page))
            EXPECT_TRUE(seen.insert(ipp).second);
        const auto next = page["links"]["next"];
        target = next.is_null()
                     ? ""
                     : next.get<std::string>().substr(std::string("/api/patients").size());
    }
    EXPECT_EQ(pages, 3);
    EXPECT_EQ(seen.size(), 25U);
}

TEST(HisTest, LinksMayBeAbsolute) {
    auto settings = with_patients(5);
    settings.his.next = NextLink::absolute;
    RunningSandbox sandbox(settings);
    const auto next = sandbox.his("?taille=2").json()["links"]["next"].get<std::string>();
    EXPECT_TRUE(next.starts_with("http://127.0.0.1:")) << next;
    EXPECT_TRUE(next.ends_with("/api/patients?page=2&taille=2")) << next;
}

TEST(HisTest, RefusesBadParametersAndWrites) {
    RunningSandbox sandbox;
    for (const char* target : {"?page=0", "?taille=0", "?taille=1001", "?modifie_apres=hier"})
        EXPECT_EQ(sandbox.his(target).status, 400U) << target;
}

struct AuthCase {
    const char* name;
    const char* setting;
    const char* header;
    const char* value;
};

void PrintTo(const AuthCase& value, std::ostream* out) {
    *out << value.name;
}

class HisAuthTest : public testing::TestWithParam<AuthCase> {};

TEST_P(HisAuthTest, LetsInWhoHasTheCredentials) {
    RunningSandbox sandbox;
    const auto& auth = GetParam();
    const nlohmann::json body{{"his-auth", auth.setting}};
    ASSERT_EQ(sandbox.control("POST", "/switches", body.dump()).status, 200U);
    EXPECT_EQ(sandbox.his("").status, 401U);
    EXPECT_EQ(sandbox.his("", Headers{{auth.header, "x"}}).status, 401U);
    EXPECT_EQ(sandbox.his("", Headers{{auth.header, auth.value}}).status, 200U);
}

INSTANTIATE_TEST_SUITE_P(
    All, HisAuthTest,
    testing::Values(AuthCase{"Bearer", "bearer:t0k:en", "Authorization", "Bearer t0k:en"},
                    AuthCase{"Basic", "basic:user:pa:ss", "Authorization",
                             "Basic dXNlcjpwYTpzcw=="},
                    AuthCase{"Header", "header:X-App-Key:k:1", "x-app-key", "k:1"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(HisTest, AnEditMovesThePatientToTheEnd) {
    RunningSandbox sandbox(with_patients(10));
    const auto before = sandbox.his("").json();
    EXPECT_EQ(sandbox.control("POST", "/his/edit").json()["done"], 1);
    const auto after = sandbox.his("?modifie_apres=2026-01-01T00:00:00Z").json();
    ASSERT_EQ(after["patients"].size(), 1U);
    const auto edited = after["patients"][0];
    EXPECT_EQ(edited["majLe"], "2026-05-28T22:26:40+02:00");
    for (auto was : before["patients"]) {
        if (was["ipp"] != edited["ipp"]) continue;
        EXPECT_NE(was, edited);
        was["majLe"] = edited["majLe"];
        int differences = 0;
        for (const char* group : {"contact", "adresse"}) {
            for (const auto& [key, value] : was[group].items())
                differences += value != edited[group][key];
        }
        EXPECT_EQ(differences, 1);
        EXPECT_EQ(was["etatCivil"], edited["etatCivil"]);
    }
}

TEST(HisTest, EditsBothSidesAndErasesOnASchedule) {
    auto settings = with_patients(50);
    settings.population.preload = 1;
    settings.schedule.edit_every = 5;
    settings.schedule.edit_medicapp_every = 5;
    settings.schedule.erase_every = 5;
    RunningSandbox sandbox(settings);
    const auto progress = [&] {
        const auto his = sandbox.his("?modifie_apres=2026-01-01T00:00:00Z").json();
        const auto medicapp =
            sandbox.medicapp("GET", "/patients?modified_after=2026-01-01T00:00:00Z").json();
        return his["pagination"]["total"].get<int>() > 0 &&
               medicapp["pagination"]["total"].get<int>() > 0 &&
               sandbox.stats()["medicapp"]["erased"].get<int>() > 2;
    };
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    bool seen = false;
    while (!seen && std::chrono::steady_clock::now() < deadline)
        seen = progress();
    EXPECT_TRUE(seen);
}

} // namespace
} // namespace medibridge::sandbox
