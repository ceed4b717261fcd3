#include "running_sandbox.hpp"

#include "sandbox/fault.hpp"

#include <gtest/gtest.h>
#include <stdexcept>

namespace medibridge::sandbox {
namespace {

using End = Answer::End;

std::unique_ptr<RunningSandbox> with(std::vector<std::string> faults) {
    auto settings = RunningSandbox::quiet();
    settings.faults = std::move(faults);
    return std::make_unique<RunningSandbox>(settings);
}

Answer post(RunningSandbox& sandbox) {
    return sandbox.medicapp("POST", "/patients", patient_json("E1"));
}

int patients(RunningSandbox& sandbox) {
    return sandbox.stats()["medicapp"]["patients"].get<int>();
}

struct Case {
    const char* name;
    const char* what;
    End end;
    unsigned status;
    const char* content_type; ///< empty: not looked at
    int patients;             ///< that are there afterwards
};

void PrintTo(const Case& value, std::ostream* out) {
    *out << value.name;
}

class Strikes : public testing::TestWithParam<Case> {};

TEST_P(Strikes, ThePostItIsMeantForAndNoOther) {
    const Case& fault = GetParam();
    const auto sandbox = with({std::string("POST:2:") + fault.what});
    EXPECT_EQ(sandbox->medicapp("POST", "/patients", patient_json("E0")).status, 201U);
    const auto answer = post(*sandbox);
    EXPECT_EQ(answer.end, fault.end);
    EXPECT_EQ(answer.status, fault.status);
    if (*fault.content_type != 0) {
        EXPECT_EQ(answer.headers.at("content-type"), fault.content_type);
    }
    EXPECT_EQ(patients(*sandbox), 1 + fault.patients);
    EXPECT_EQ(post(*sandbox).status, fault.patients == 1 ? 409U : 201U);
    EXPECT_EQ(sandbox->stats()["medicapp"]["faults"], 1);
}

constexpr const char* html = "text/html; charset=utf-8";
constexpr const char* json_type = "application/json; charset=utf-8";

INSTANTIATE_TEST_SUITE_P(
    FaultTest, Strikes,
    testing::Values(Case{"BadGatewayBefore", "502", End::whole, 502, html, 0},
                    Case{"UnavailableBefore", "503-before", End::whole, 503, html, 0},
                    Case{"GatewayTimeoutAfter", "504-after", End::whole, 504, html, 1},
                    Case{"ServerErrorBefore", "500", End::whole, 500, json_type, 0},
                    Case{"ServerErrorAfter", "500-after", End::whole, 500, json_type, 1},
                    Case{"Unauthorized", "401", End::whole, 401, json_type, 0},
                    Case{"TooMany", "429", End::whole, 429, json_type, 0},
                    Case{"ResetBefore", "reset-before", End::reset, 0, "", 0},
                    Case{"ResetAfter", "reset-after", End::reset, 0, "", 1},
                    Case{"CloseBefore", "close", End::closed, 0, "", 0},
                    Case{"CloseAfter", "close-after", End::closed, 0, "", 1},
                    Case{"Truncated", "truncate", End::cut, 201, json_type, 1},
                    Case{"Firewall", "html=403", End::whole, 403, html, 0},
                    Case{"FirewallAfter", "html=413-after", End::whole, 413, html, 1},
                    Case{"Gzip", "gzip", End::whole, 201, json_type, 1},
                    Case{"HtmlPage", "html", End::whole, 200, html, 0},
                    Case{"HtmlPageAfter", "html-after", End::whole, 200, html, 1},
                    Case{"Garbage", "garbage", End::whole, 200, json_type, 1},
                    Case{"EmptyAnswer", "empty-after", End::whole, 200, json_type, 1}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(FaultTest, AScripted429AnnouncesItselfLikeARealOne) {
    const auto sandbox = with({"ANY:1:429"});
    EXPECT_EQ(sandbox->medicapp("GET", "/patients").headers.at("retry-after"), "1");
}

TEST(FaultTest, ASlowAnswerIsRightButLate) {
    const auto sandbox = with({"GET:1:slow=120"});
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(sandbox->medicapp("GET", "/patients").status, 200U);
    EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(120));
}

TEST(FaultTest, EveryRequestAfterTheNthIsUnauthorized) {
    const auto sandbox = with({"ANY:3+:401"});
    for (const unsigned expected : {200U, 200U, 401U, 401U, 401U})
        EXPECT_EQ(sandbox->medicapp("GET", "/patients").status, expected);
}

TEST(FaultTest, ARangeStrikesItsRequestsOnly) {
    const auto sandbox = with({"GET:2-3:503"});
    for (const unsigned expected : {200U, 503U, 503U, 200U})
        EXPECT_EQ(sandbox->medicapp("GET", "/patients").status, expected);
}

TEST(FaultTest, TellsListsFromItemsAndSidesApart) {
    const auto sandbox = with({"LIST:1:502", "ITEM:1:503", "his/ANY:1:504"});
    const auto id = sandbox->create("E1");
    EXPECT_EQ(sandbox->medicapp("GET", "/patients/" + id).status, 503U);
    EXPECT_EQ(sandbox->medicapp("GET", "/patients").status, 502U);
    EXPECT_EQ(sandbox->his("").status, 504U);
    EXPECT_EQ(sandbox->medicapp("GET", "/patients/" + id).status, 200U);
    EXPECT_EQ(sandbox->his("").status, 200U);
}

TEST(FaultTest, MayStrikeOnePatientsRequestsOnly) {
    const auto sandbox = with({"WRITE@E1:1+:html=403", "ITEM@E2:1+:500", "POST@E3:1-2:500"});
    const auto create = [&](const char* id) {
        return sandbox->medicapp("POST", "/patients", patient_json(id)).status;
    };
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(create("E1"), 403U);
    const auto id = sandbox->create("E2");
    EXPECT_EQ(sandbox->medicapp("GET", "/patients/" + id).status, 500U);
    EXPECT_EQ(sandbox->medicapp("PUT", "/patients/" + id, R"({"firstName":"Ada"})").status, 200U);
    for (const unsigned expected : {500U, 500U, 201U})
        EXPECT_EQ(create("E3"), expected);
    EXPECT_EQ(sandbox->medicapp("GET", "/patients").status, 200U);
    // Who is in Medicapp already is struck at the path, too.
    const auto rules = R"({"faults":["WRITE@E2:1+:html=403"]})";
    EXPECT_EQ(sandbox->control("POST", "/faults", rules).status, 200U);
    EXPECT_EQ(sandbox->medicapp("PUT", "/patients/" + id, R"({"firstName":"Eve"})").status, 403U);
    EXPECT_EQ(sandbox->medicapp("DELETE", "/patients/" + id).status, 403U);
    EXPECT_EQ(sandbox->medicapp("GET", "/patients/" + id).json()["firstName"], "Ada");
}

TEST(FaultTest, PacksTheRightAnswer) {
    const auto sandbox = with({"LIST:1:gzip", "LIST:2:deflate"});
    sandbox->create("E1");
    const auto zipped = sandbox->medicapp("GET", "/patients");
    EXPECT_EQ(zipped.headers.at("content-encoding"), "gzip");
    EXPECT_TRUE(zipped.body.starts_with("\x1f\x8b"));
    const auto deflated = sandbox->medicapp("GET", "/patients");
    EXPECT_EQ(deflated.headers.at("content-encoding"), "deflate");
    EXPECT_TRUE(deflated.body.starts_with("\x78"));
    EXPECT_EQ(sandbox->medicapp("GET", "/patients").json()["data"].size(), 1U);
}

TEST(FaultTest, StrikesTheHisToo) {
    const auto sandbox = with({"his/LIST:1:html", "his/LIST:2:truncate", "his/LIST:3:500"});
    const auto page = sandbox->his("");
    EXPECT_EQ(page.status, 200U);
    EXPECT_EQ(page.headers.at("content-type"), html);
    EXPECT_EQ(sandbox->his("").end, End::cut);
    EXPECT_TRUE(sandbox->his("").json().contains("erreur"));
}

TEST(FaultTest, TheSameSeedStrikesTheSameRequests) {
    const auto pattern = [](std::uint64_t seed) {
        FaultScript script(seed);
        script.replace({"ANY:30%:500"});
        std::string strikes;
        for (int i = 0; i < 2'000; ++i)
            strikes += script.next(Side::medicapp, Verb::get, true).strikes ? '1' : '0';
        return strikes;
    };
    EXPECT_EQ(pattern(1), pattern(1));
    EXPECT_NE(pattern(1), pattern(2));
}

TEST(FaultTest, AProbabilityIsKeptOnAverage) {
    FaultScript script(7);
    script.replace({"ANY:30%:500"});
    int strikes = 0;
    for (int i = 0; i < 10'000; ++i)
        strikes += script.next(Side::his, Verb::get, true).strikes;
    EXPECT_EQ(strikes, 0); // another side
    for (int i = 0; i < 10'000; ++i)
        strikes += script.next(Side::medicapp, Verb::get, true).strikes;
    EXPECT_NEAR(strikes, 3'000, 200);
}

TEST(FaultTest, TheFirstRuleThatStrikesWinsAndDelaysAddUp) {
    FaultScript script(1);
    script.replace({"ANY:1+:slow=5", "POST:1:reset", "ANY:1+:500", "POST:1+:slow=7"});
    const auto first = script.next(Side::medicapp, Verb::post, true);
    EXPECT_EQ(first.kind, FaultKind::reset);
    EXPECT_EQ(first.delay, 12);
    EXPECT_EQ(script.next(Side::medicapp, Verb::post, true).status, 500U);
}

TEST(FaultTest, RefusesWhatItDoesNotUnderstandAndKeepsTheOldRules) {
    FaultScript script(1);
    script.replace({"POST:1:reset"});
    for (const char* text : {"",
                             "POST",
                             "POST:1",
                             "POST:0:reset",
                             "POST:x:reset",
                             "POST:5-4:reset",
                             "POST:5-6+:reset",
                             "POST:101%:reset",
                             "post:1:reset",
                             "PATCH:1:reset",
                             "lab/POST:1:reset",
                             "POST:1:explode",
                             "POST:1:399",
                             "POST:1:600",
                             "POST:1:slow",
                             "POST:1:slow=-1",
                             "POST:1:truncate-before",
                             "POST@:1:reset",
                             "his/LIST@E1:1:500",
                             "POST:1:html=200",
                             "POST:1:html=x",
                             "POST:1:gzip-before"}) {
        EXPECT_THROW(script.replace({text}), std::invalid_argument) << text;
    }
    ASSERT_EQ(script.rules().size(), 1U);
    EXPECT_EQ(script.rules()[0].text(), "POST:1:reset");
}

} // namespace
} // namespace medibridge::sandbox
