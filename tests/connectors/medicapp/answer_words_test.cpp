#include "rig.hpp"

#include "base/bytes/ascii.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

// What the peer did is said by its name, and what fixes it.

namespace medibridge::test {
namespace {

using connectors::Failure;
using connectors::ListQuery;

struct WordsRow {
    int status;
    std::string location;
    std::string words;
};

std::string words_of_list(const http::Response& answer) {
    Rig rig;
    rig.transport.otherwise([&](const http::Request&) { return answer; });
    const auto reply = rig.run(rig.client.list(ListQuery()));
    EXPECT_FALSE(reply);
    EXPECT_EQ(reply.error().status, answer.status);
    return reply.error().what;
}

std::string words_of_get(const http::Response& answer) {
    Rig rig;
    rig.transport.otherwise([&](const http::Request&) { return answer; });
    return rig.run(rig.client.get("p-1")).error().what;
}

http::Response redirection(int status, const std::string& location) {
    http::Headers headers;
    if (!location.empty()) headers.emplace_back("Location", location);
    return html(status, std::move(headers));
}

TEST(AnswerWordsTest, ARedirectionIsNamedWithWhereItLeads) {
    const std::string portal =
        "a firewall or a portal seems to be in between, or medicapp.base_url is wrong";
    const std::vector<WordsRow> rows{
        {301, "https://api2.example.org/v5/patients?page=1&per_page=100",
         "301 moved: set medicapp.base_url to https://api2.example.org/v5"},
        {308, "https://api.example.org:8443/v5/patients",
         "308 moved: set medicapp.base_url to https://api.example.org:8443/v5"},
        {308, "/v5.1/patients?page=1", "308 moved: set medicapp.base_url to /v5.1"},
        {301, "", "301 moved: set medicapp.base_url to the new address"},
        {301, "nowhere", "301 moved: set medicapp.base_url to the new address"},
        {301, "https://u:secret@api.example.org/",
         "301 moved: set medicapp.base_url to the new address"},
        {302, "https://portal.example.org/v5/?return=%2Fv5%2Fpatients",
         "302 redirected to https://portal.example.org/v5: " + portal},
        {307, "/login;jsessionid=secret", "307 redirected to /login: " + portal},
        {302, "", "302 redirected: " + portal},
    };
    for (const auto& row : rows) {
        const auto words = words_of_list(redirection(row.status, row.location));
        EXPECT_EQ(words, "GET /patients: " + row.words) << row.location;
        EXPECT_EQ(words.find("secret"), std::string::npos);
    }
}

// Whatever a server was sent may come back in it.
TEST(AnswerWordsTest, ARedirectionThatMayNameSomebodyIsSaidWithoutItsAddress) {
    for (const std::string location :
         {"http://qxhdrqx.example/QXLASTQX?n=QXFIRSTQX", "https://qxlastqx.example.org",
          "https://qxlastqx.example.org/login", "https://api.example.org/v5/QXLASTQX/patients",
          "/QXLASTQX", "/v5/QXLASTQX", "/19310729", "/v5/1931-07-29/patients",
          "/api;qxlastqx/qxlastqx/../../QXLASTQX"}) {
        auto words = words_of_list(redirection(301, location));
        EXPECT_EQ(words.substr(0, 22), "GET /patients: 301 mov") << words;
        EXPECT_EQ(words.find("1931"), std::string::npos) << words;
        words = base::ascii_lower_case(words);
        EXPECT_EQ(words.find("qx"), std::string::npos) << words;
    }
}

TEST(AnswerWordsTest, ARedirectionOfOnePatientNamesNobody) {
    for (const std::string location :
         {"https://x.example.org/v5/patients/p-1", "https://x.example.org/v5/patients/p-1?a=p-1",
          "https://x.example.org/login/p-1", "/p-1", "https://x.example.org/?p-1"}) {
        const auto words = words_of_get(redirection(308, location));
        EXPECT_NE(words.find("308 moved: set medicapp.base_url to "), std::string::npos) << words;
        EXPECT_EQ(words.find("p-1"), std::string::npos) << words;
    }
}

TEST(AnswerWordsTest, ARedirectionIsNotFollowedAndAWriteIsNotRepeated) {
    for (const int status : {301, 302, 303, 307, 308}) {
        Rig rig;
        rig.transport.otherwise([&](const http::Request&) {
            return redirection(status, "https://elsewhere.example.org/v5/patients");
        });
        const auto reply = rig.run(rig.client.create(planted_patient()));
        EXPECT_EQ(reply.error().failure, Failure::unknown);
        EXPECT_EQ(rig.requests(), 1u);
        EXPECT_EQ(rig.transport.sent()[0].request.target, "/v5/patients");
    }
}

TEST(AnswerWordsTest, WhatIsNotMedicappsIsNamed) {
    const std::string in_between = ": a firewall or a portal seems to be in between";
    auto by_its_type = response(200, "Please log in", {{"content-type", "text/html"}});
    const std::vector<std::pair<http::Response, std::string>> rows{
        {html(200), "200 an HTML page where JSON is expected" + in_between},
        {by_its_type, "200 an HTML page where JSON is expected" + in_between},
        {response(200, "\xEF\xBB\xBF<!DOCTYPE html>"),
         "200 an HTML page where JSON is expected" + in_between},
        {response(200), "200 no body"},
        {response(200, "{\"data\":"), "200 unreadable answer"},
        {html(404), "404 an HTML page where JSON is expected: check medicapp.base_url"},
        {response(404), "404 no body: check medicapp.base_url"},
        {json_error(404, "NO_ROUTE"), "404 NO_ROUTE: check medicapp.base_url"},
        {html(403), "403 with a page that is not Medicapp's (a proxy or firewall?)"},
        {html(401), "401 with a page that is not Medicapp's (a proxy or firewall?)"},
        {json_error(403, "NO_RIGHT"), "403 NO_RIGHT"},
        {html(502), "502 an HTML page where JSON is expected"},
        {json_error(500, "OOPS"), "500 OOPS"},
        {response(500, "{\"oops\":1}"), "500 without an error of Medicapp's"},
        {html(407), "407 a proxy on the way asks for credentials: check medicapp.proxy"},
    };
    for (const auto& [answer, words] : rows)
        EXPECT_EQ(words_of_list(answer), "GET /patients: " + words);
}

// RFC 9110 §15.5.8: a 407 is a proxy's, and nothing was passed on: not the key, and nothing done.
TEST(AnswerWordsTest, A407IsNoRefusalOfTheKeyAndIsTriedAgain) {
    const std::vector<http::Result> faults{
        html(407), json_error(407, "PROXY"),
        std::unexpected(
            http::Error(http::ErrorKind::proxy, false, "407: the proxy p:3128 wants credentials"))};
    for (const auto& fault : faults) {
        Rig rig;
        bool refused = true;
        rig.transport.otherwise([&](const http::Request& request) -> http::Result {
            if (refused) return fault;
            return request.target == "/v5/patients" ? patient_answer(201) : page_answer();
        });
        const auto reply = rig.run(rig.client.create(planted_patient()));
        EXPECT_EQ(reply.error().failure, Failure::unavailable);
        EXPECT_NE(reply.error().what.find("407"), std::string::npos);
        EXPECT_FALSE(rig.client.credentials_refused());
        EXPECT_LE(rig.requests(), 8u);
        EXPECT_GT(rig.elapsed(), runtime::Duration(1'000)) << "slowly";
        refused = false;
        EXPECT_TRUE(rig.run(rig.client.create(planted_patient())));
        const std::vector<std::string> expected{"medicapp.unavailable", "medicapp.recovered"};
        EXPECT_EQ(rig.log.names(), expected);
    }
}

} // namespace
} // namespace medibridge::test
