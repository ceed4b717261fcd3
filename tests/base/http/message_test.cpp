#include "base/http/message.hpp"

#include "base/http/request_text.hpp"

#include <gtest/gtest.h>

namespace medibridge::http {
namespace {

std::string written(const Request& request, const RequestFrame& frame) {
    std::string out = "what stood here before";
    write_request(request, frame, out);
    return out;
}

Request with_header(std::string name, std::string value) {
    Request request(Method::get, "/");
    request.headers.emplace_back(std::move(name), std::move(value));
    return request;
}

TEST(ResponseTest, FindsTheFirstHeaderInAnyCase) {
    Response response;
    response.headers = {{"Date", "now"}, {"RETRY-After", "1"}, {"Retry-After", "2"}};
    EXPECT_EQ(response.header("retry-after"), "1");
    EXPECT_EQ(response.header("date"), "now");
    EXPECT_EQ(response.header("Dat"), "");
    EXPECT_EQ(response.header(""), "");
}

TEST(MessageTest, NamesMethodsAndErrors) {
    EXPECT_EQ(name(Method::get), "GET");
    EXPECT_EQ(name(Method::post), "POST");
    EXPECT_EQ(name(Method::put), "PUT");
    EXPECT_EQ(name(Method::delete_), "DELETE");
    EXPECT_EQ(name(ErrorKind::too_large), "too_large");
    EXPECT_EQ(name(ErrorKind::invalid), "invalid");
}

TEST(RequestTextTest, WritesAPost) {
    Request request(Method::post, "/v5/patients?x=1");
    request.headers.emplace_back("Authorization", "Bearer k");
    request.body = "{\"a\":1}";
    EXPECT_EQ(written(request, make_frame("api.example:8443", false)),
              "POST /v5/patients?x=1 HTTP/1.1\r\nHost: api.example:8443\r\n"
              "User-Agent: medibridge/" MEDIBRIDGE_VERSION
              "\r\nAccept-Encoding: identity\r\nAuthorization: Bearer k\r\n"
              "Content-Length: 7\r\n\r\n{\"a\":1}");
}

TEST(RequestTextTest, SaysThatAPostIsEmptyAndNothingOfAGet) {
    const auto frame = make_frame("host", false);
    EXPECT_NE(written(Request(Method::post, "/"), frame).find("Content-Length: 0\r\n"),
              std::string::npos);
    EXPECT_NE(written(Request(Method::put, "/"), frame).find("Content-Length: 0\r\n"),
              std::string::npos);
    EXPECT_EQ(written(Request(Method::get, "/"), frame).find("Content-Length"), std::string::npos);
    EXPECT_EQ(written(Request(Method::delete_, "/"), frame).find("Content-Length"),
              std::string::npos);
}

TEST(RequestTextTest, WritesTheAbsoluteFormTowardsAProxy) {
    const auto text = written(Request(Method::get, "/x"), make_frame("his.example:81", true));
    EXPECT_TRUE(
        text.starts_with("GET http://his.example:81/x HTTP/1.1\r\nHost: his.example:81\r\n"))
        << text;
}

TEST(RequestTextTest, AcceptsWhatMayStandInARequest) {
    EXPECT_EQ(defect(Request(Method::get, "/a?b=c|d;e%20%C3%A9")), "");
    EXPECT_EQ(defect(with_header("X-Name", "h\xc3\xb4pital\t\"1\"")), "");
    EXPECT_EQ(defect(with_header("X-Empty", "")), "");
}

TEST(RequestTextTest, RefusesTargetsThatWouldReadAsSomethingElse) {
    for (const std::string& target :
         {std::string(), std::string("x"), std::string("http://host/"), std::string("/a b"),
          std::string("/a\r\nX: y"), std::string("/a\n"), std::string("/a\0b", 4),
          std::string("/\xc3\xa9"), std::string("/\x7f")})
        EXPECT_NE(defect(Request(Method::get, target)), "") << target;
}

TEST(RequestTextTest, RefusesHeadersThatWouldReadAsSomethingElse) {
    for (const std::string& value :
         {std::string("a\r\nX: y"), std::string("a\n"), std::string("a\r"), std::string("a\0b", 3),
          std::string("\x1b")})
        EXPECT_NE(defect(with_header("X-Name", value)), "") << value;
    for (const std::string name : {"", "X Name", "X:", "X\r\nY", "X\xc3\xa9", "X(", "\"X\""})
        EXPECT_NE(defect(with_header(name, "a")), "") << name;
}

TEST(RequestTextTest, RefusesHeadersThatTheClientWrites) {
    for (const std::string name :
         {"host", "Content-length", "TRANSFER-ENCODING", "Connection", "User-Agent", "TE",
          "Trailer", "accept-encoding", "Proxy-Authorization"})
        EXPECT_NE(defect(with_header(name, "a")), "") << name;
}

} // namespace
} // namespace medibridge::http
