#include "base/http/answer.hpp"

#include "fixture.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <stdexcept>
#include <zlib.h>

// RFC 9110 §8.4: content codings; RFC 1952: gzip; RFC 1950: zlib's format; RFC 1951: deflate.

namespace medibridge::http::test {
namespace {

/// `form` as zlib wants it: 31 gzip, 15 zlib, -15 neither.
std::string packed(const std::string& text, int form) {
    z_stream stream{};
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, form, 8, Z_DEFAULT_STRATEGY) !=
        Z_OK)
        throw std::runtime_error("zlib does not start");
    std::string out(deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int state = deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    if (state != Z_STREAM_END) throw std::runtime_error("zlib does not pack");
    return out;
}
std::string gzip(const std::string& text) {
    return packed(text, 31);
}
std::string zlib(const std::string& text) {
    return packed(text, 15);
}
std::string raw(const std::string& text) {
    return packed(text, -15);
}

Response with_body(std::string body, Headers headers, int status = 200) {
    Response response;
    response.status = status;
    response.headers = std::move(headers);
    response.body = std::move(body);
    return response;
}

constexpr std::size_t limit = 1u << 20;
const std::string text = R"({"data":[{"id":"p-1"}]})";

struct Readable {
    const char* name;
    std::string body;
    Headers headers;
    std::string expected;
};

std::vector<Readable> readable() {
    const auto coding = [](const char* value) { return Headers{{"Content-Encoding", value}}; };
    const std::string large(500'000, 'x');
    return {
        {"gzip", gzip(text), coding("gzip"), text},
        {"its old name", gzip(text), coding("x-gzip"), text},
        {"in capitals, with spaces", gzip(text), coding(" GZip\t"), text},
        {"deflate", zlib(text), coding("deflate"), text},
        {"deflate without zlib's frame", raw(text), coding("deflate"), text},
        {"twice", gzip(gzip(text)), coding("gzip, gzip"), text},
        {"first gzip, then deflate", zlib(gzip(text)), coding("gzip, deflate"), text},
        {"in two fields",
         zlib(gzip(text)),
         {{"content-encoding", "gzip"}, {"Content-Encoding", "deflate"}},
         text},
        {"identity", text, coding("identity"), text},
        {"identity beside gzip", gzip(text), coding("gzip, identity"), text},
        {"an empty field", text, coding(""), text},
        {"a charset in the wrong field", text, coding("UTF-8"), text},
        {"none at all", text, {}, text},
        {"gzip of two members", gzip("{\"data\":") + gzip("[]}"), coding("gzip"), "{\"data\":[]}"},
        {"gzip padded with zeros", gzip(text) + std::string(700, '\0'), coding("gzip"), text},
        {"gzip with something behind it", gzip(text) + "\r\n<!-- proxy -->", coding("gzip"), text},
        {"gzip of nothing", gzip(""), coding("gzip"), ""},
        {"unpacked on the way, label left", text, coding("gzip"), text},
        {"no content", "", coding("gzip"), ""},
        {"no content of an unknown coding", "", coding("br"), ""},
        {"more than one block", gzip(large), coding("gzip"), large},
        {"just as large as allowed", gzip(std::string(limit, 'x')), coding("gzip"),
         std::string(limit, 'x')},
    };
}

TEST(ContentCodingTest, IsUndone) {
    for (const auto& row : readable()) {
        auto response = with_body(row.body, row.headers);
        const auto error = undo_content_coding(response, limit);
        ASSERT_FALSE(error) << row.name << ": " << error->what;
        EXPECT_TRUE(response.body == row.expected) << row.name;
        EXPECT_EQ(response.header("Content-Encoding"), "") << row.name;
    }
}

struct Unreadable {
    const char* name;
    std::string body;
    const char* coding;
    ErrorKind kind;
    const char* words;
};

std::vector<Unreadable> unreadable() {
    const std::string bomb = gzip(std::string(20u << 20, '\0'));
    std::string damaged = gzip(text);
    damaged[damaged.size() - 6] ^= 1; // in the checksum
    std::string mangled = gzip(std::string("abcdefgh") + text);
    mangled[14] ^= 0x55;
    const auto malformed = ErrorKind::malformed;
    return {
        {"brotli", "\x8b\x05\x80{}\x03", "br", malformed, "compressed with br"},
        {"zstd", "(\xb5/\xfd", "zstd", malformed, "compressed with zstd"},
        {"compress", "\x1f\x9d", "compress", malformed, "compressed with compress"},
        {"brotli upon gzip", gzip(text), "gzip, br", malformed, "compressed with br"},
        {"a coding that may be a name", "x", "dupont_19310317", malformed,
         "compressed with something unknown"},
        {"a coding that is no word", "x", "Zo\xc3\xa9 DURAND 1980", malformed,
         "compressed with something unknown"},
        {"cut in the middle", gzip(text).substr(0, 20), "gzip", malformed,
         "gzip body is cut short"},
        {"cut in gzip's head", gzip(text).substr(0, 5), "gzip", malformed, "cut short"},
        {"cut before the checksum", gzip(text).substr(0, gzip(text).size() - 8), "gzip", malformed,
         "cut short"},
        {"one byte of it", "\x1f", "gzip", malformed, "cut short"},
        {"the second member cut", gzip("{\"data\":") + gzip("[]}").substr(0, 12), "gzip", malformed,
         "cut short"},
        {"a checksum that is wrong", damaged, "gzip", malformed, "damaged"},
        {"bytes that changed on the way", mangled, "gzip", malformed, "damaged"},
        {"deflate cut short", zlib(text).substr(0, 12), "deflate", malformed, "cut short"},
        {"what is no deflate", "<html><body>no</body></html>", "deflate", malformed, "damaged"},
        {"five times", text, "gzip,gzip,gzip,gzip,gzip", malformed, "too many times"},
        {"a bomb", bomb, "gzip", ErrorKind::too_large, "expands to more than is allowed"},
        {"one byte too many", gzip(std::string(limit + 1, 'x')), "gzip", ErrorKind::too_large,
         "expands to more"},
        {"a bomb in deflate", zlib(std::string(20u << 20, '\0')), "deflate", ErrorKind::too_large,
         "expands to more"},
        {"a bomb within a bomb", gzip(bomb), "gzip, gzip", ErrorKind::too_large, "expands to more"},
        {"a bomb of two members", gzip(std::string(limit, 'x')) + gzip("y"), "gzip",
         ErrorKind::too_large, "expands to more"},
    };
}

TEST(ContentCodingTest, ThatCannotBeUndoneIsNamed) {
    for (const auto& row : unreadable()) {
        auto response = with_body(row.body, {{"Content-Encoding", row.coding}});
        const auto error = undo_content_coding(response, limit);
        ASSERT_TRUE(error) << row.name;
        EXPECT_EQ(error->kind, row.kind) << row.name;
        EXPECT_TRUE(error->maybe_executed) << row.name;
        EXPECT_NE(error->what.find(row.words), std::string::npos) << row.name << error->what;
        EXPECT_EQ(error->what.find("DURAND"), std::string::npos);
    }
}

TEST(ContentCodingTest, LeavesTheStatusWhereTheBodyCannotBeRead) {
    for (const int status : {301, 403, 407, 429, 500, 502}) {
        for (const auto& row : unreadable()) {
            auto response = with_body(row.body, {{"Content-Encoding", row.coding}}, status);
            EXPECT_FALSE(undo_content_coding(response, limit)) << row.name;
            EXPECT_EQ(response.status, status);
            EXPECT_EQ(response.body, "");
        }
    }
}

TEST(ContentCodingTest, GivesWhatWasPackedAndNothingElse) {
    EXPECT_TRUE(rc::check("any text, any form", [](const std::string& body) {
        for (const auto& [bytes, name] :
             {std::pair(gzip(body), "gzip"), std::pair(zlib(body), "deflate"),
              std::pair(raw(body), "deflate")}) {
            auto response = with_body(bytes, {{"Content-Encoding", name}});
            RC_ASSERT(!undo_content_coding(response, limit));
            RC_ASSERT(response.body == body);
        }
    }));
    EXPECT_TRUE(rc::check("gzip cut anywhere is no shorter text", [](const std::string& body) {
        const auto whole = gzip(body);
        const auto length = *rc::gen::inRange<std::size_t>(1, whole.size());
        auto response = with_body(whole.substr(0, length), {{"Content-Encoding", "gzip"}});
        RC_ASSERT(undo_content_coding(response, limit).has_value());
    }));
    EXPECT_TRUE(rc::check("any bytes are refused or bounded", [](const std::string& body) {
        for (const char* coding : {"gzip", "deflate", "gzip, deflate"}) {
            auto response = with_body("\x1f\x8b\x08" + body, {{"Content-Encoding", coding}});
            if (!undo_content_coding(response, 100)) RC_ASSERT(response.body.size() <= 100u);
        }
    }));
}

class CodedAnswerTest : public HttpTest {};

TEST_F(CodedAnswerTest, IsReadThoughNobodyAskedForIt) {
    Server& server =
        serve({{expect(), say(answer(200, gzip(text), "Content-Encoding: gzip\r\n")), expect(),
                say(answer(201, zlib(text), "Content-Encoding: deflate\r\n"))}});
    connect(settings_for(server));
    expect_answer(send(get()), 200, text);
    expect_answer(send(post()), 201, text);
    EXPECT_EQ(server.accepted(), 1) << "the connection is as good as before";
    for (const auto& request : server.requests())
        EXPECT_NE(request.find("\r\nAccept-Encoding: identity\r\n"), std::string::npos) << request;
}

TEST_F(CodedAnswerTest, InChunksIsReadAsWell) {
    const auto body = gzip(text);
    char size[16];
    std::snprintf(size, sizeof size, "%zx\r\n", body.size() - 7);
    Server& server = serve(
        {{expect(), say("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
                        "Transfer-Encoding: chunked\r\n\r\n7\r\n" +
                        body.substr(0, 7) + "\r\n" + size + body.substr(7) + "\r\n0\r\n\r\n")}});
    connect(settings_for(server));
    expect_answer(send(get()), 200, text);
}

TEST_F(CodedAnswerTest, MayHaveNoBody) {
    Server& server = serve({{expect(), say("HTTP/1.1 204 No\r\nContent-Encoding: gzip\r\n\r\n")}});
    connect(settings_for(server));
    expect_answer(send(get()), 204, "");
}

TEST_F(CodedAnswerTest, IsBoundedAsAnyBodyIs) {
    Server& server = serve(
        {{expect(), say(answer(200, gzip(std::string(100'000, 'x')), "Content-Encoding: gzip\r\n")),
          expect(), say(answer(200, "x"))}});
    auto settings = settings_for(server);
    settings.body_limit = 1000;
    connect(settings);
    expect_error(send(post()), ErrorKind::too_large, true);
    expect_answer(send(post()), 200, "x");
}

} // namespace
} // namespace medibridge::http::test
