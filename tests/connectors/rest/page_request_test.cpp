#include "connectors/web/page_request.hpp"

#include "simulated_his.hpp"

#include <gtest/gtest.h>
#include <stdexcept>

namespace medibridge::connectors {
namespace {

const reconcile::Instant since = reconcile::parse_rfc3339("2026-01-31T09:05:07.999Z")->instant;

TEST(PageRequestsTest, AddsItsParametersBehindThoseOfTheUrl) {
    auto settings = simple_settings();
    EXPECT_EQ(PageRequests(settings).target(3, std::nullopt), "/api/patients?page=3&taille=2");
    settings.url.path = "/api/patients?etab=12";
    EXPECT_EQ(PageRequests(settings).target(1, std::nullopt),
              "/api/patients?etab=12&page=1&taille=2");
    settings.url.path = "/p?";
    EXPECT_EQ(PageRequests(settings).target(1, std::nullopt), "/p?page=1&taille=2");
    settings.url.path = "/p?a=1&";
    EXPECT_EQ(PageRequests(settings).target(1, std::nullopt), "/p?a=1&page=1&taille=2");
    settings.url.path = "";
    EXPECT_EQ(PageRequests(settings).target(1, std::nullopt), "/?page=1&taille=2");
}

TEST(PageRequestsTest, LeavesOutWhatHasNoName) {
    auto settings = simple_settings();
    settings.query = {};
    EXPECT_EQ(PageRequests(settings).target(1, since), "/api/patients");
    settings.query.per_page = "size";
    EXPECT_EQ(PageRequests(settings).target(1, since), "/api/patients?size=2");
}

TEST(PageRequestsTest, SaysSinceWhenFlooredInUtc) {
    EXPECT_EQ(PageRequests(simple_settings()).target(1, since),
              "/api/patients?depuis=2026-01-31T09%3A05%3A07Z&page=1&taille=2");
}

TEST(PageRequestsTest, SaysSinceWhenInTheConfiguredFormatAndZone) {
    auto settings = simple_settings();
    settings.query.modified_after_format = "%d/%m/%Y %H:%M";
    EXPECT_EQ(parameter(PageRequests(settings).target(1, since), "depuis"),
              "31%2F01%2F2026%2010%3A05");
    settings.query.modified_after_format = "%Q";
    EXPECT_EQ(parameter(PageRequests(settings).target(1, since), "depuis"), "1769850307999");
}

TEST(PageRequestsTest, EncodesNames) {
    auto settings = simple_settings();
    settings.query.page = "filter[page]";
    EXPECT_EQ(PageRequests(settings).target(1, std::nullopt),
              "/api/patients?filter%5Bpage%5D=1&taille=2");
}

TEST(PageRequestsTest, RefusesAFormatThatCannotSayADate) {
    auto settings = simple_settings();
    for (const auto* format : {"%H:%M", "%d/%m/%y", "%K", "%"}) {
        settings.query.modified_after_format = format;
        EXPECT_THROW(PageRequests{settings}, std::invalid_argument) << format;
    }
}

TEST(AuthHeadersTest, AreExact) {
    using Headers = http::Headers;
    EXPECT_EQ(auth_headers(config::NoAuth{}), Headers{});
    EXPECT_EQ(auth_headers(config::BearerAuth{config::Secret("t0k.en~")}),
              (Headers{{"Authorization", "Bearer t0k.en~"}}));
    EXPECT_EQ(auth_headers(config::HeaderAuth{"X-Api-Key", config::Secret("k e y")}),
              (Headers{{"X-Api-Key", "k e y"}}));
    const auto basic = [](std::string user, std::string password) {
        return auth_headers(config::BasicAuth{std::move(user), config::Secret(std::move(password))})
            .at(0)
            .second;
    };
    EXPECT_EQ(basic("Aladdin", "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    EXPECT_EQ(basic("u", "pa:ss"), "Basic dTpwYTpzcw==");
    EXPECT_EQ(basic("u", "pas"), "Basic dTpwYXM=");
    EXPECT_EQ(basic("u", "\xC3\xA9t"), "Basic dTrDqXQ=");
    EXPECT_EQ(basic("u", "p"), "Basic dTpw");
}

TEST(AuthHeadersTest, RefusesWhatCannotStandInAHeaderWithoutQuotingIt) {
    const std::vector<config::Auth> refused = {
        config::BearerAuth{config::Secret("planted\n")},
        config::BearerAuth{config::Secret("")},
        config::BasicAuth{"user", config::Secret("planted\r\nX: y")},
        config::BasicAuth{"planted:x", config::Secret("p")},
        config::HeaderAuth{"X Key", config::Secret("planted")},
        config::HeaderAuth{"", config::Secret("planted")},
        config::HeaderAuth{"X-Key", config::Secret(std::string("planted\0", 8))}};
    for (const auto& auth : refused) {
        try {
            auth_headers(auth);
            ADD_FAILURE() << "accepted";
        } catch (const std::invalid_argument& fault) {
            EXPECT_EQ(std::string(fault.what()).find("planted"), std::string::npos);
        }
    }
}

TEST(PageRequestsTest, EveryPageCarriesTheCredentials) {
    auto settings = simple_settings();
    settings.auth = config::BearerAuth{config::Secret("token")};
    const auto request = PageRequests(settings).get("/x");
    EXPECT_EQ(request.method, http::Method::get);
    EXPECT_EQ(request.target, "/x");
    EXPECT_EQ(request.headers, (http::Headers{{"Authorization", "Bearer token"},
                                              {"Accept", "application/json"},
                                              {"Cache-Control", "no-cache"}}));
}

} // namespace
} // namespace medibridge::connectors
