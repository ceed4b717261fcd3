#include "simulated_his.hpp"
#include "source_environment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::connectors {
namespace {

using namespace std::chrono_literals;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Le;
using testing::Not;
using testing::SizeIs;

/// A HIS with one page that answers by `faults` first.
class FaultyHis : public SimulatedHis {
  public:
    using Fault = std::function<http::Result()>;

    explicit FaultyHis(std::vector<Fault> faults) : SimulatedHis(settings()) {
        transport.answer = [this,
                            faults = std::move(faults)](const http::Request&) -> http::Result {
            if (at < faults.size()) return faults[at++]();
            return json_answer(list_json({patient_json("1")}));
        };
    }

    static RestSettings settings() {
        auto settings = simple_settings();
        settings.query.page = "";
        settings.url.path = "/api/patients?secret=plantedquery";
        settings.auth = config::BearerAuth{config::Secret("plantedtoken")};
        return settings;
    }

    std::size_t at = 0;
};

FaultyHis::Fault status(int code, http::Headers headers = {}) {
    return [code, headers] {
        auto answer = json_answer("<html>plantedname</html>", code);
        for (const auto& header : headers)
            answer.headers.push_back(header);
        return answer;
    };
}

FaultyHis::Fault broken(http::ErrorKind kind) {
    return [kind]() -> http::Result { return failure(kind); };
}

FaultyHis::Fault body(std::string text) {
    return [text] { return json_answer(text); };
}

std::vector<FaultyHis::Fault> times(std::size_t count, const FaultyHis::Fault& fault) {
    return std::vector<FaultyHis::Fault>(count, fault);
}

TEST(RestRetryTest, EveryPassingFaultIsRepeatedUntilItHasPassed) {
    const std::vector<FaultyHis::Fault> passing = {status(500),
                                                   status(502),
                                                   status(503),
                                                   status(504),
                                                   status(429),
                                                   status(408),
                                                   status(425),
                                                   broken(http::ErrorKind::resolve),
                                                   broken(http::ErrorKind::connect),
                                                   broken(http::ErrorKind::tls),
                                                   broken(http::ErrorKind::proxy),
                                                   broken(http::ErrorKind::timeout),
                                                   broken(http::ErrorKind::closed),
                                                   broken(http::ErrorKind::malformed),
                                                   body("<html>plantedname</html>"),
                                                   body(""),
                                                   body(R"({"error":"plantedname"})"),
                                                   body(R"({"patients":[{"ipp":"plantedna)")};
    for (const auto& fault : passing) {
        FaultyHis his(times(4, fault));
        const auto pass = his.pass();
        ASSERT_FALSE(pass.error) << pass.error->what;
        EXPECT_THAT(pass.ids(), ElementsAre("1"));
        EXPECT_EQ(his.source->requests(), 5);
        EXPECT_THAT(his.clock.sleeps, SizeIs(4));
    }
}

struct Lasting {
    FaultyHis::Fault fault;
    SourceError::Kind kind;
    std::int64_t requests;
    const char* said;
};

TEST(RestRetryTest, AFaultThatLastsIsAnErrorOfItsKind) {
    const std::vector<Lasting> cases = {
        {status(503), SourceError::Kind::unavailable, 5, "HTTP 503 (5 attempts)"},
        {status(429), SourceError::Kind::unavailable, 5, "HTTP 429"},
        {broken(http::ErrorKind::connect), SourceError::Kind::unavailable, 5, "planned failure"},
        {body("<html>plantedname"), SourceError::Kind::unreadable, 5, "not JSON: an HTML page"},
        {body(R"({"error":"plantedname"})"), SourceError::Kind::unreadable, 5, "`records`"},
        {status(401), SourceError::Kind::unauthorized, 1, "HTTP 401"},
        {status(403), SourceError::Kind::unauthorized, 1, "`auth`"},
        {status(400), SourceError::Kind::unreadable, 1, "modified_after_format"},
        {status(404), SourceError::Kind::unreadable, 1, "check `url`"},
        {status(301), SourceError::Kind::unreadable, 1, "moved to another address for good"},
        {status(308), SourceError::Kind::unreadable, 1, "set `url` to that address"},
        {status(302), SourceError::Kind::unreadable, 1, "set `url` to the final address"},
        {status(303), SourceError::Kind::unreadable, 1, "sign-in"},
        {status(407), SourceError::Kind::unreadable, 1, "the proxy asks for a user and a password"},
        {status(406), SourceError::Kind::unreadable, 1, "no JSON"},
        {status(414), SourceError::Kind::unreadable, 1, "too large"},
        {status(502), SourceError::Kind::unavailable, 5, "a gateway or a proxy on the way"},
        {status(511), SourceError::Kind::unavailable, 5, "sign-in"},
        {status(403, {{"Content-Type", "text/html"}}), SourceError::Kind::unauthorized, 1,
         "a firewall or a proxy"},
        {broken(http::ErrorKind::tls), SourceError::Kind::unavailable, 5, "this machine's clock"},
        {status(418), SourceError::Kind::unreadable, 1, "HTTP 418"},
        {broken(http::ErrorKind::too_large), SourceError::Kind::unreadable, 1, "page_size"},
        {broken(http::ErrorKind::cancelled), SourceError::Kind::cancelled, 1, "cancelled"}};
    for (const auto& lasting : cases) {
        FaultyHis his(times(9, lasting.fault));
        const auto pass = his.pass();
        ASSERT_TRUE(pass.error) << lasting.said;
        EXPECT_EQ(pass.error->kind, lasting.kind) << lasting.said;
        EXPECT_EQ(his.source->requests(), lasting.requests) << lasting.said;
        EXPECT_THAT(pass.error->what, HasSubstr(lasting.said));
        EXPECT_THAT(pass.error->what, HasSubstr("page 1: "));
        EXPECT_THAT(pass.error->what, Not(HasSubstr("planted")));
        EXPECT_FALSE(pass.proven);
        EXPECT_THAT(his.log.text(), Not(HasSubstr("planted")));
    }
}

TEST(RestRetryTest, NoContentIsAnEmptyPage) {
    FaultyHis his({status(204)});
    const auto pass = his.pass();
    EXPECT_FALSE(pass.error);
    EXPECT_TRUE(pass.records.empty());
    EXPECT_TRUE(pass.proven);
}

TEST(RestRetryTest, DelaysDoubleWithFullJitter) {
    std::vector<runtime::Duration> longest(4);
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        VirtualClock clock;
        ScriptedTransport transport;
        KeptLog log;
        transport.answer = [](const http::Request&) { return json_answer("", 503); };
        RestSource source(tests::source_environment("dpi", {}, clock, log, seed), simple_settings(),
                          std::make_unique<tests::OneTransport>(transport));
        run_pass(source, std::nullopt);
        ASSERT_EQ(clock.sleeps.size(), 4u);
        for (std::size_t i = 0; i < 4; ++i) {
            EXPECT_LE(clock.sleeps[i], 500ms * (1 << i));
            longest[i] = std::max(longest[i], clock.sleeps[i]);
        }
    }
    for (std::size_t i = 0; i < 4; ++i)
        EXPECT_GT(longest[i], 450ms * (1 << i));
}

TEST(RestRetryTest, HonoursRetryAfterInSecondsAndAsADate) {
    for (const auto* after : {"7", "Sat, 31 Jan 2026 12:00:07 GMT"}) {
        FaultyHis his({status(429, {{"Retry-After", after}})});
        EXPECT_FALSE(his.pass().error);
        EXPECT_THAT(his.clock.sleeps, ElementsAre(7s)) << after;
    }
}

TEST(RestRetryTest, CutsARetryAfterThatIsTooLong) {
    for (const auto* after : {"86400", "99999999999999999999", "Fri, 31 Dec 2027 12:00:07 GMT"}) {
        FaultyHis his({status(503, {{"Retry-After", after}})});
        EXPECT_FALSE(his.pass().error);
        EXPECT_THAT(his.clock.sleeps, Each(Le(120s))) << after;
    }
    FaultyHis his({status(503, {{"Retry-After", "86400"}})});
    his.pass();
    EXPECT_THAT(his.clock.sleeps, ElementsAre(120s));
}

TEST(RestRetryTest, ASenselessRetryAfterIsLikeNone) {
    for (const auto* after : {"-5", "soon", "", "1.5.", "Sat, 31 Jan 2026 11:00:00 GMT"}) {
        FaultyHis his({status(429, {{"Retry-After", after}})});
        EXPECT_FALSE(his.pass().error);
        EXPECT_THAT(his.clock.sleeps, Each(Le(500ms))) << after;
    }
}

TEST(RestRetryTest, APageIsReadAgainAsAWholeAndOnce) {
    auto settings = simple_settings();
    settings.total_pages = "/pages";
    SimulatedHis his(settings);
    int failures = 0;
    his.transport.answer = [&failures](const http::Request& request) -> http::Result {
        const auto page = *parameter(request.target, "page");
        if (page > "2") return json_answer(list_json({}, "\"pages\":2"));
        auto text = list_json({patient_json(page + "1"), patient_json(page + "2")}, "\"pages\":2");
        // Cut off behind both records, on the second page, twice.
        if (page == "2" && failures++ < 2) text.resize(text.size() - 3);
        return json_answer(text);
    };
    const auto pass = his.pass();
    EXPECT_THAT(pass.ids(), ElementsAre("11", "12", "21", "22"));
    EXPECT_TRUE(his.pass().proven);
}

TEST(RestRetryTest, CancellingEndsTheReadingBeforeTheNextAttempt) {
    FaultyHis his(times(9, status(503)));
    his.clock.on_sleep = [&his] { his.source->cancel(); };
    const auto pass = his.pass();
    ASSERT_TRUE(pass.error);
    EXPECT_EQ(pass.error->kind, SourceError::Kind::cancelled);
    EXPECT_THAT(pass.error->what, HasSubstr("HTTP 503")) << "it was answered";
    EXPECT_EQ(his.source->requests(), 1);
    EXPECT_EQ(his.transport_cancels, 1);
    EXPECT_EQ(his.clock.wakes, 1);
    EXPECT_EQ(his.pass().error->kind, SourceError::Kind::cancelled);
}

TEST(RestRetryTest, APageBeyondTheLimitIsRefused) {
    RestLimits limits;
    limits.body = 100;
    SimulatedHis his(FaultyHis::settings(), limits);
    his.transport.answer = [](const http::Request&) {
        return json_answer(list_json({patient_json("1"), patient_json("2")}));
    };
    const auto pass = his.pass();
    ASSERT_TRUE(pass.error);
    EXPECT_THAT(pass.error->what, HasSubstr("more than 100 bytes"));
}

} // namespace
} // namespace medibridge::connectors
