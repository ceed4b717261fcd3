#include "base/http/url.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace medibridge::http {
namespace {

std::string text(const Url& url) {
    return url.scheme + "://" + url.authority() + url.path;
}

TEST(UrlTest, ReadsSchemeHostPortAndPath) {
    const auto url = parse_url("https://api.example:8443/v5/patients?page=1&q=a%20b");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->scheme, "https");
    EXPECT_TRUE(url->secure());
    EXPECT_EQ(url->host, "api.example");
    EXPECT_EQ(url->port, 8443);
    EXPECT_EQ(url->path, "/v5/patients?page=1&q=a%20b");
    EXPECT_EQ(url->authority(), "api.example:8443");
}

TEST(UrlTest, KnowsTheSchemesPorts) {
    EXPECT_EQ(parse_url("http://host")->port, 80);
    EXPECT_EQ(parse_url("https://host")->port, 443);
    EXPECT_FALSE(parse_url("http://host")->secure());
    EXPECT_EQ(parse_url("https://host:443/x")->authority(), "host");
    EXPECT_EQ(parse_url("http://host:443/x")->authority(), "host:443");
}

TEST(UrlTest, LowersSchemeAndHostButNotThePath) {
    const auto url = parse_url("HTTPS://API.Example/V5?Q=A");
    ASSERT_TRUE(url);
    EXPECT_EQ(text(*url), "https://api.example/V5?Q=A");
}

TEST(UrlTest, MayHaveNoPath) {
    EXPECT_EQ(parse_url("http://host")->path, "");
    EXPECT_EQ(parse_url("http://host/")->path, "/");
    EXPECT_EQ(parse_url("http://host?page=2")->path, "/?page=2");
}

TEST(UrlTest, KeepsIpv6WithoutBrackets) {
    const auto url = parse_url("https://[2001:DB8::1]:8443/x");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->host, "2001:db8::1");
    EXPECT_EQ(url->authority(), "[2001:db8::1]:8443");
    EXPECT_EQ(parse_url("http://[::1]")->authority(), "[::1]");
    EXPECT_EQ(parse_url("http://[::ffff:127.0.0.1]/")->host, "::ffff:127.0.0.1");
}

TEST(UrlTest, EncodesBytesAboveAsciiInThePath) {
    EXPECT_EQ(parse_url("http://host/h\xc3\xb4pital")->path, "/h%C3%B4pital");
}

class RefusedUrlTest : public ::testing::TestWithParam<std::string> {};

TEST_P(RefusedUrlTest, IsRefused) {
    EXPECT_EQ(parse_url(GetParam()), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusedUrlTest,
    ::testing::Values("", "host", "//host/x", "/x", "ftp://host/x", "file:///etc/passwd",
                      "http:host/x", "http:/host/x", "http://", "http:///x", "http://:80/x",
                      "http://user@host/", "http://user:password@host/", "http://host/x#part",
                      "http://host#part", "http://ho st/", " http://host/", "http://host/ ",
                      "http://host/a b", "http://host/a\tb", "http://host/a\r\nX: y",
                      std::string("http://host/a\0b", 15), std::string("http://ho\0st/", 13),
                      "http://host/\x7f", "http://host:/x", "http://host:0/", "http://host:65536/",
                      "http://host:-1/", "http://host:8a/", "http://host:+80/",
                      "http://host:80:80/", "http://h%6fst/", "http://h\xc3\xb4te/", "http://::1/",
                      "http://[::1", "http://[::1]x/", "http://[]/", "http://[fe80::1%25eth0]/",
                      "http://[127.0.0.1]/", "http://[host]/", "http://ho\\st/",
                      "http://host\\@evil/", "http://" + std::string(254, 'a')));

TEST(UrlTest, ReadsBackWhatItWrites) {
    EXPECT_TRUE(rc::check([] {
        const auto word = rc::gen::nonEmpty(
            rc::gen::container<std::string>(rc::gen::elementOf(std::string("abcxyz019-_."))));
        Url url;
        url.scheme = *rc::gen::element<std::string>("http", "https");
        url.host = *rc::gen::suchThat(word, [](const auto& host) { return host.size() < 250; });
        url.port = *rc::gen::inRange<std::uint16_t>(1, 65535);
        url.path = "/" + *word + "?" + *word;
        RC_ASSERT(parse_url(text(url)) == url);
    }));
}

TEST(UrlTest, TakesAnyBytesWithoutHarm) {
    EXPECT_TRUE(rc::check([](const std::string& bytes) {
        const auto url = parse_url("http://" + bytes);
        if (!url) return;
        RC_ASSERT(parse_url(text(*url)) == url);
    }));
}

using Reference = std::pair<const char*, const char*>;
class ResolveUrlTest : public ::testing::TestWithParam<Reference> {};

TEST_P(ResolveUrlTest, FollowsTheExamplesOfTheRfc) {
    const auto url = resolve(*parse_url("http://a/b/c/d;p?q"), GetParam().first);
    ASSERT_TRUE(url) << GetParam().first;
    EXPECT_EQ(text(*url), GetParam().second) << GetParam().first;
}

// RFC 3986 §5.4; fragments are left out.
INSTANTIATE_TEST_SUITE_P(
    Rfc3986, ResolveUrlTest,
    ::testing::Values(Reference("g", "http://a/b/c/g"), Reference("./g", "http://a/b/c/g"),
                      Reference("g/", "http://a/b/c/g/"), Reference("/g", "http://a/g"),
                      Reference("//g", "http://g"), Reference("?y", "http://a/b/c/d;p?y"),
                      Reference("g?y", "http://a/b/c/g?y"), Reference("#s", "http://a/b/c/d;p?q"),
                      Reference("g#s", "http://a/b/c/g"), Reference("g?y#s", "http://a/b/c/g?y"),
                      Reference(";x", "http://a/b/c/;x"), Reference("g;x", "http://a/b/c/g;x"),
                      Reference("", "http://a/b/c/d;p?q"), Reference(".", "http://a/b/c/"),
                      Reference("./", "http://a/b/c/"), Reference("..", "http://a/b/"),
                      Reference("../", "http://a/b/"), Reference("../g", "http://a/b/g"),
                      Reference("../..", "http://a/"), Reference("../../", "http://a/"),
                      Reference("../../g", "http://a/g"), Reference("../../../g", "http://a/g"),
                      Reference("../../../../g", "http://a/g"), Reference("/./g", "http://a/g"),
                      Reference("/../g", "http://a/g"), Reference("g.", "http://a/b/c/g."),
                      Reference(".g", "http://a/b/c/.g"), Reference("g..", "http://a/b/c/g.."),
                      Reference("..g", "http://a/b/c/..g"), Reference("./../g", "http://a/b/g"),
                      Reference("./g/.", "http://a/b/c/g/"), Reference("g/./h", "http://a/b/c/g/h"),
                      Reference("g/../h", "http://a/b/c/h"),
                      Reference("g;x=1/./y", "http://a/b/c/g;x=1/y"),
                      Reference("g;x=1/../y", "http://a/b/c/y"),
                      Reference("g?y/./x", "http://a/b/c/g?y/./x"),
                      Reference("g?y/../x", "http://a/b/c/g?y/../x")));

TEST(ResolveUrlTest, TakesAbsoluteLinks) {
    const auto base = *parse_url("https://his.example:8443/api?page=1");
    EXPECT_EQ(text(*resolve(base, "http://other.example/x?y=http://z/")),
              "http://other.example/x?y=http://z/");
    EXPECT_EQ(text(*resolve(base, "//other.example/x")), "https://other.example/x");
}

TEST(ResolveUrlTest, KeepsOriginAndPortOfTheBase) {
    const auto base = *parse_url("https://his.example:8443/api/patients?page=1");
    EXPECT_EQ(text(*resolve(base, "?page=2")), "https://his.example:8443/api/patients?page=2");
    EXPECT_EQ(text(*resolve(base, "/v2?next=a/../b")), "https://his.example:8443/v2?next=a/../b");
}

TEST(ResolveUrlTest, WorksOnABaseWithoutPath) {
    const auto base = *parse_url("http://host");
    EXPECT_EQ(text(*resolve(base, "x")), "http://host/x");
    EXPECT_EQ(text(*resolve(base, "?x")), "http://host/?x");
    EXPECT_EQ(text(*resolve(base, "")), "http://host");
}

TEST(ResolveUrlTest, TakesAColonInAQueryForWhatItIs) {
    const auto base = *parse_url("http://host/a");
    EXPECT_EQ(text(*resolve(base, "?t=10:00")), "http://host/a?t=10:00");
    EXPECT_EQ(text(*resolve(base, "/p:1")), "http://host/p:1");
}

TEST(ResolveUrlTest, RefusesWhatIsNoHttpUrl) {
    const auto base = *parse_url("http://host/a");
    for (const std::string reference :
         {"ftp://host/x", "mailto:a@b", "javascript:x", "file:///x", "http:g", "//user@host/x",
          "//", "a b", "a\r\nb", "http://host:99999/"})
        EXPECT_EQ(resolve(base, reference), std::nullopt) << reference;
}

} // namespace
} // namespace medibridge::http
