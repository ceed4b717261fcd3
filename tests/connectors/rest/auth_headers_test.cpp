#include "connectors/web/http_source.hpp"

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <vector>

namespace medibridge::connectors {
namespace {

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

} // namespace
} // namespace medibridge::connectors
