#include "simulated_fhir.hpp"
#include "test_keys.hpp"

#include <boost/asio.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

namespace medibridge::connectors {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::SizeIs;
using Algorithm = JwtSigner::Algorithm;
using Kind = SourceError::Kind;

const std::string list = "/Patient?_count=2";

http::Result token(const std::string& value, int life = 300) {
    return json_answer(R"({"access_token":")" + value + R"(","token_type":"bearer","expires_in":)" +
                       std::to_string(life) + "}");
}

FhirSettings with_secret() {
    auto settings = fhir_settings();
    config::ClientCredentialsAuth auth;
    auth.token_url = {"https", "sso.local", 443, "/token"};
    auth.client_id = "medi:bridge";
    auth.client_secret = config::Secret("s3cr&t");
    auth.scope = "system/Patient.rs";
    settings.auth = std::move(auth);
    return settings;
}

FhirSettings with_key(Algorithm algorithm) {
    auto settings = fhir_settings();
    config::PrivateKeyJwtAuth auth;
    auth.client_id = "medibridge";
    auth.key = config::Secret(private_key(algorithm));
    auth.key_id = "key-1";
    auth.algorithm = algorithm == Algorithm::rs384 ? config::PrivateKeyJwtAuth::Algorithm::rs384
                                                   : config::PrivateKeyJwtAuth::Algorithm::es384;
    settings.auth = std::move(auth);
    return settings;
}

/// A server that asks for a token; the tokens that it takes are `valid`.
class Guarded : public SimulatedFhir {
  public:
    explicit Guarded(FhirSettings settings) : SimulatedFhir(std::move(settings)) {
        answer(list, searchset({fhir_patient("p1", "1")}));
        answer("/token", {token("t1"), token("t2"), token("t3")});
        const auto inner = transport.answer;
        transport.answer = [this, inner](const http::Request& request) -> http::Result {
            if (request.target == "/fhir/metadata" || !request.target.starts_with("/fhir/Patient"))
                return inner(request);
            const auto sent = header(request, "Authorization");
            used.push_back(sent);
            if (!valid.contains(sent)) return json_answer("", 401);
            return inner(request);
        };
    }

    static std::string header(const http::Request& request, const std::string& name) {
        for (const auto& [its, value] : request.headers) {
            if (its == name) return value;
        }
        return {};
    }

    std::vector<http::Request> token_requests() const {
        std::vector<http::Request> found;
        for (const auto& request : transport.asked) {
            if (request.method == http::Method::post) found.push_back(request);
        }
        return found;
    }

    std::set<std::string> valid = {"Bearer t1", "Bearer t2", "Bearer t3"};
    std::vector<std::string> used;
};

/// The value of a field of a form.
std::string field(const std::string& body, const std::string& name) {
    return parameter("?" + body, name).value_or("");
}

TEST(AccessTokenTest, FetchesATokenWithTheSecretInTheHeader) {
    Guarded his(with_secret());
    EXPECT_FALSE(his.pass().error);
    ASSERT_THAT(his.token_requests(), SizeIs(1));
    const auto request = his.token_requests()[0];
    EXPECT_EQ(request.target, "/token");
    EXPECT_EQ(request.body, "grant_type=client_credentials&scope=system%2FPatient.rs");
    // base64("medi%3Abridge:s3cr%26t")
    EXPECT_THAT(request.headers,
                Contains(Pair("Authorization", "Basic bWVkaSUzQWJyaWRnZTpzM2NyJTI2dA==")));
    EXPECT_THAT(request.headers,
                Contains(Pair("Content-Type", "application/x-www-form-urlencoded")));
    EXPECT_THAT(his.used, ElementsAre("Bearer t1"));
    EXPECT_THAT(his.connected, Contains(http::Url{"https", "sso.local", 443, "/token"}));
    EXPECT_EQ(his.source->requests(), 3);
}

/// Lets virtual time pass.
void wait(SimulatedFhir& his, std::chrono::seconds duration) {
    boost::asio::io_context context{1};
    boost::asio::co_spawn(context, his.clock.sleep_for(duration), boost::asio::detached);
    context.run();
}

TEST(AccessTokenTest, ATokenIsRenewedBeforeItsEnd) {
    Guarded his(with_secret());
    his.pass();
    wait(his, std::chrono::seconds(239));
    his.pass();
    EXPECT_THAT(his.token_requests(), SizeIs(1));
    wait(his, std::chrono::seconds(1));
    his.pass();
    EXPECT_THAT(his.used, ElementsAre("Bearer t1", "Bearer t1", "Bearer t2"));
}

TEST(AccessTokenTest, ALongLivedTokenIsRenewedAMinuteBefore) {
    Guarded his(with_secret());
    his.answer("/token", {token("t1", 3600), token("t2", 3600)});
    his.pass();
    wait(his, std::chrono::seconds(3539));
    his.pass();
    wait(his, std::chrono::seconds(1));
    his.pass();
    EXPECT_THAT(his.used, ElementsAre("Bearer t1", "Bearer t1", "Bearer t2"));
}

TEST(AccessTokenTest, ARefusedTokenIsRenewedOnce) {
    Guarded his(with_secret());
    his.valid = {"Bearer t2"};
    const auto pass = his.pass();
    EXPECT_FALSE(pass.error);
    EXPECT_THAT(his.used, ElementsAre("Bearer t1", "Bearer t2"));
    EXPECT_THAT(his.clock.sleeps, IsEmpty());
    his.valid = {};
    EXPECT_EQ(his.pass().error.value().kind, Kind::unauthorized);
    EXPECT_THAT(his.used, SizeIs(4)) << "not for ever";
}

TEST(AccessTokenTest, ATokenServerThatRefusesIsSaidAtOnceWithItsCode) {
    for (const int status : {400, 401, 403}) {
        Guarded his(with_secret());
        his.answer(
            "/token",
            {json_answer(R"({"error":"invalid_client","error_description":"planted"})", status)});
        const auto pass = his.pass();
        ASSERT_TRUE(pass.error);
        EXPECT_EQ(pass.error->kind, Kind::unauthorized);
        EXPECT_THAT(pass.error->what, HasSubstr("invalid_client"));
        EXPECT_THAT(pass.error->what, Not(HasSubstr("planted")));
        EXPECT_THAT(his.token_requests(), testing::Not(IsEmpty()));
    }
}

TEST(AccessTokenTest, WhatTheTokenServerReallySaysIsNamed) {
    const std::pair<int, const char*> cases[] = {
        {301, "moved to another address for good"},
        {308, "set `token_url` to that address"},
        {302, "sign-in"},
        {404, "nothing is at this address: check `token_url`"},
        {407, "the proxy asks for a user"},
        {200, "an HTML page"}};
    for (const auto& [status, words] : cases) {
        Guarded his(with_secret());
        his.answer("/token", {json_answer("<html>planted</html>", status)});
        const auto error = his.pass().error.value();
        EXPECT_EQ(error.kind, SourceError::Kind::unreadable) << status;
        EXPECT_THAT(error.what, HasSubstr(words)) << status;
        EXPECT_THAT(error.what, Not(HasSubstr("planted")));
    }
}

TEST(AccessTokenTest, ATokenServerThatIsDownIsTriedAgain) {
    Guarded his(with_secret());
    his.answer("/token", {json_answer("", 503), failure(http::ErrorKind::timeout), token("t1")});
    EXPECT_FALSE(his.pass().error);
    EXPECT_THAT(his.clock.sleeps, SizeIs(2));
    Guarded down(with_secret());
    down.answer("/token", {json_answer("", 503)});
    EXPECT_EQ(down.pass().error.value().kind, Kind::unavailable);
}

TEST(AccessTokenTest, WhatIsNoTokenIsUnreadable) {
    for (const std::string body :
         {"{}", "<html>", R"({"access_token":7})", R"({"access_token":"a b"})",
          R"({"access_token":"a\r\nX: y"})", R"({"access_token":"t1","token_type":"mac"})"}) {
        Guarded his(with_secret());
        his.answer("/token", body);
        EXPECT_EQ(his.pass().error.value().kind, Kind::unreadable) << body;
        EXPECT_THAT(his.used, IsEmpty());
    }
}

TEST(AccessTokenTest, AnotherHostGetsAnAssertionOnlyWhereItIsConfigured) {
    Guarded his(with_key(Algorithm::es384));
    his.answer("/.well-known/smart-configuration",
               R"({"token_endpoint":"https://sso.local/token"})");
    const auto error = his.pass().error.value();
    EXPECT_EQ(error.kind, Kind::unreadable);
    EXPECT_THAT(error.what, HasSubstr("leads to another host"));
    EXPECT_THAT(his.token_requests(), IsEmpty());
}

TEST(AccessTokenTest, TheTokenEndpointIsFoundWhereSmartSaysSo) {
    Guarded his(with_key(Algorithm::es384));
    his.answer("/.well-known/smart-configuration",
               R"({"token_endpoint":"https://HIS.local/token"})");
    EXPECT_FALSE(his.pass().error);
    ASSERT_THAT(his.token_requests(), SizeIs(1));
    const auto request = his.token_requests()[0];
    EXPECT_EQ(field(request.body, "grant_type"), "client_credentials");
    EXPECT_EQ(field(request.body, "client_assertion_type"),
              "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer");
    EXPECT_EQ(field(request.body, "scope"), "system%2FPatient.rs");
    EXPECT_EQ(Guarded::header(request, "Authorization"), "");
    const auto opened = open_token(field(request.body, "client_assertion"), Algorithm::es384);
    EXPECT_TRUE(opened.verified);
    EXPECT_EQ(opened.header["kid"], "key-1");
    EXPECT_EQ(opened.claims["aud"], "https://his.local/token");
    EXPECT_EQ(opened.claims["iat"], 1'770'000'000);
    EXPECT_EQ(opened.claims["exp"], 1'770'000'240);
}

TEST(AccessTokenTest, EachAttemptHasAnAssertionOfItsOwn) {
    Guarded his(with_key(Algorithm::rs384));
    his.answer("/.well-known/smart-configuration", R"({"token_endpoint":"/token"})");
    his.answer("/token", {json_answer("", 503), token("t1")});
    EXPECT_FALSE(his.pass().error);
    std::set<std::string> ids;
    for (const auto& request : his.token_requests()) {
        const auto opened = open_token(field(request.body, "client_assertion"), Algorithm::rs384);
        EXPECT_TRUE(opened.verified);
        EXPECT_EQ(opened.claims["aud"], "https://his.local/token");
        ids.insert(opened.claims["jti"].get<std::string>());
    }
    EXPECT_THAT(ids, SizeIs(2));
}

TEST(AccessTokenTest, CredentialsAreNotSentOverAWeakerWay) {
    Guarded his(with_key(Algorithm::rs384));
    his.answer("/.well-known/smart-configuration",
               R"({"token_endpoint":"http://sso.local/token"})");
    EXPECT_EQ(his.pass().error.value().kind, Kind::unreadable);
    EXPECT_THAT(his.token_requests(), IsEmpty());
    Guarded silent(with_key(Algorithm::rs384));
    EXPECT_THAT(silent.pass().error.value().what, HasSubstr("`token_url`"));
}

TEST(AccessTokenTest, NothingOfItIsEverLogged) {
    Guarded his(with_secret());
    his.valid = {};
    const auto pass = his.pass();
    const auto all = his.log.text() + pass.error.value().what;
    for (const std::string secret : {"t1", "t2", "s3cr"})
        EXPECT_THAT(all, Not(HasSubstr(secret)));
}

} // namespace
} // namespace medibridge::connectors
