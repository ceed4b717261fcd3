#include "connectors/rest/page_request.hpp"

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
