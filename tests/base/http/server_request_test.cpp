#include "base/http/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

namespace medibridge::http {
namespace {

using testing::ElementsAre;
using testing::Pair;

ServerRequest read(std::string_view target) {
    ServerRequest request;
    EXPECT_EQ(read_target(target, request), "") << target;
    return request;
}

TEST(ServerRequest, PartsOfThePathAreDecodedOneByOne) {
    EXPECT_THAT(read("/v1/held/a%2Fb%20c+d").path, ElementsAre("v1", "held", "a/b c+d"));
    EXPECT_THAT(read("/").path, ElementsAre(""));
    EXPECT_THAT(read("//x/").path, ElementsAre("", "x", ""));
    EXPECT_THAT(read("/%C3%A9").path, ElementsAre("é"));
}

TEST(ServerRequest, ParametersKeepTheirOrderAndMayLackAValue) {
    const auto request = read("/p?b=1&a=x%26y+z&c&=d&&b=2#part");
    EXPECT_THAT(request.query, ElementsAre(Pair("b", "1"), Pair("a", "x&y z"), Pair("c", ""),
                                           Pair("", "d"), Pair("b", "2")));
    EXPECT_EQ(request.parameter("b"), "1");
    EXPECT_EQ(request.parameter("c"), "");
    EXPECT_EQ(request.parameter("d"), std::nullopt);
    EXPECT_THAT(read("/p?").query, ElementsAre());
}

TEST(ServerRequest, WhatIsNoPathInUtf8IsRefused) {
    for (const char* target : {"", "x", "*", "http://medibridge/v1", "/%ff", "/a?b=%c3", "/%00"}) {
        ServerRequest request;
        EXPECT_NE(read_target(target, request), "") << target;
    }
}

TEST(ServerRequest, APercentSignWithoutTwoDigitsIsRefusedWithItsPlace) {
    for (const auto& [target, byte] : std::map<std::string, int>{{"/a%", 3},
                                                                 {"/%2", 2},
                                                                 {"/a%zz", 3},
                                                                 {"/a?b=%4", 6},
                                                                 {"/a?%g1=c", 4},
                                                                 {"/%41%4", 5}}) {
        ServerRequest request;
        EXPECT_THAT(read_target(target, request), testing::EndsWith("byte " + std::to_string(byte)))
            << target;
    }
    EXPECT_THAT(read("/a%2fb#%").path, ElementsAre("a/b"));
}

} // namespace
} // namespace medibridge::http
