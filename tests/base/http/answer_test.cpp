#include "base/http/answer.hpp"

#include <cstring>
#include <gtest/gtest.h>
#include <malloc.h>
#include <rapidcheck.h>

namespace medibridge::http {
namespace {

using State = AnswerReader::State;

/// Feeds `bytes` in pieces of at most `piece`; stops at the first state that is not `more`.
State feed(AnswerReader& reader, std::string_view bytes, std::size_t piece = 1u << 20) {
    State state = State::more;
    while (!bytes.empty() && state == State::more) {
        const auto space = reader.space();
        const std::size_t size = std::min({piece, bytes.size(), space.size()});
        std::memcpy(space.data(), bytes.data(), size);
        bytes.remove_prefix(size);
        state = reader.feed(size);
    }
    return state;
}

class AnswerTest : public ::testing::Test {
  protected:
    void SetUp() override { reader_.begin(); }

    void expect_malformed(const std::string& bytes) {
        AnswerReader reader(4096, 4096);
        reader.begin();
        EXPECT_EQ(feed(reader, bytes), State::malformed) << bytes;
        EXPECT_NE(reader.reason(), "");
    }

    AnswerReader reader_{4096, 4096};
};

TEST_F(AnswerTest, ReadsABodyOfKnownLength) {
    const std::string bytes = "HTTP/1.1 201 Created\r\nA: b\r\nContent-Length: 5\r\n\r\nhello";
    ASSERT_EQ(feed(reader_, bytes), State::done);
    EXPECT_TRUE(reader_.reusable());
    EXPECT_TRUE(reader_.heard());
    const Response response = reader_.take();
    EXPECT_EQ(response.status, 201);
    EXPECT_EQ(response.header("a"), "b");
    EXPECT_EQ(response.body, "hello");
}

TEST_F(AnswerTest, ReadsABodyOfNoChunkInAnyPieces) {
    const std::string start = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const std::string end : {"0\r\n\r\n", "0;a\r\n\r\n", "000\r\n\r\n", "0\r\nA: b\r\n\r\n"}) {
        for (std::size_t piece = 1; piece < (start + end).size(); ++piece) {
            reader_.begin();
            ASSERT_EQ(feed(reader_, start + end, piece), State::done) << end << piece;
            EXPECT_EQ(reader_.take().body, "");
        }
    }
}

TEST_F(AnswerTest, ReadsChunksAndDropsTrailers) {
    const std::string bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                              "5;ext=\"x\"\r\nhello\r\n1\r\n!\r\n0\r\nDigest: x\r\n\r\n";
    for (std::size_t piece = 1; piece < bytes.size(); ++piece) {
        reader_.begin();
        ASSERT_EQ(feed(reader_, bytes, piece), State::done) << piece;
        EXPECT_TRUE(reader_.reusable());
        const Response response = reader_.take();
        EXPECT_EQ(response.body, "hello!");
        EXPECT_EQ(response.header("digest"), "");
    }
}

TEST_F(AnswerTest, SkipsInterimAnswers) {
    const std::string bytes = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n"
                              "Link: </x>\r\nContent-Length: 7\r\n\r\n"
                              "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx";
    for (std::size_t piece = 1; piece < bytes.size(); ++piece) {
        reader_.begin();
        ASSERT_EQ(feed(reader_, bytes, piece), State::done) << piece;
        const Response response = reader_.take();
        EXPECT_EQ(response.status, 200);
        EXPECT_EQ(response.header("link"), "");
        EXPECT_EQ(response.body, "x");
    }
}

TEST_F(AnswerTest, RefusesInterimAnswersWithoutEnd) {
    std::string bytes;
    for (int i = 0; i < 100; ++i)
        bytes += "HTTP/1.1 100 Continue\r\n\r\n";
    expect_malformed(bytes);
}

TEST_F(AnswerTest, ExpectsNoBodyWhereThereCannotBeOne) {
    for (const std::string status : {"204 No Content", "304 Not Modified"}) {
        reader_.begin();
        EXPECT_EQ(feed(reader_, "HTTP/1.1 " + status + "\r\nContent-Length: 9\r\n\r\n"),
                  State::done);
        EXPECT_TRUE(reader_.reusable());
    }
    reader_.begin(true);
    EXPECT_EQ(feed(reader_, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"), State::done);
}

TEST_F(AnswerTest, TakesAnUnframedBodyUntilTheCleanEnd) {
    const std::string bytes = "HTTP/1.1 200 OK\r\n\r\nhello";
    ASSERT_EQ(feed(reader_, bytes), State::more);
    ASSERT_EQ(reader_.end(true), State::done);
    EXPECT_FALSE(reader_.reusable());
    EXPECT_EQ(reader_.take().body, "hello");
    reader_.begin();
    ASSERT_EQ(feed(reader_, bytes), State::more);
    EXPECT_EQ(reader_.end(false), State::malformed);
}

TEST_F(AnswerTest, TakesNothingElseThatEndsEarly) {
    const std::string sized = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab";
    const std::string chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n";
    for (const std::string& bytes : {sized, chunked})
        for (std::size_t size = 1; size <= bytes.size(); ++size) {
            reader_.begin();
            ASSERT_EQ(feed(reader_, bytes.substr(0, size)), State::more) << size;
            EXPECT_EQ(reader_.end(true), State::malformed) << size;
            reader_.discard();
        }
}

TEST_F(AnswerTest, KnowsWhetherAnotherRequestMayFollow) {
    const auto reusable = [&](const std::string& start, const std::string& header) {
        reader_.begin();
        EXPECT_EQ(feed(reader_, start + "\r\n" + header + "Content-Length: 0\r\n\r\n"),
                  State::done);
        return reader_.reusable();
    };
    EXPECT_TRUE(reusable("HTTP/1.1 200 OK", ""));
    EXPECT_TRUE(reusable("HTTP/1.0 200 OK", "Connection: keep-alive\r\n"));
    EXPECT_FALSE(reusable("HTTP/1.0 200 OK", ""));
    EXPECT_FALSE(reusable("HTTP/1.1 200 OK", "Connection: x, CLOSE\r\n"));
    reader_.begin();
    EXPECT_EQ(feed(reader_, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/"), State::done);
    EXPECT_FALSE(reader_.reusable());
}

TEST_F(AnswerTest, RefusesWhatIsNotHttp) {
    expect_malformed("<html><body>502</body></html>\r\n\r\n");
    expect_malformed("SSH-2.0-OpenSSH_9.2\r\n");
    expect_malformed("HTTP/2 200\r\n\r\n");
    expect_malformed("HTTP/1.1 20 OK\r\n\r\n");
    expect_malformed("HTTP/1.1 200 OK\r\nno colon\r\n\r\n");
    expect_malformed("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n");
    expect_malformed(std::string("HTTP/1.1 200 OK\r\nA: \0\r\n\r\n", 25));
}

TEST_F(AnswerTest, RefusesContradictoryFraming) {
    const std::string start = "HTTP/1.1 200 OK\r\n";
    expect_malformed(start + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n");
    expect_malformed(start + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n");
    expect_malformed(start + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n");
    expect_malformed(start + "Content-Length: -1\r\n\r\n");
    expect_malformed(start + "Content-Length: 99999999999999999999\r\n\r\n");
    expect_malformed(start + "Transfer-Encoding: chunked\r\n\r\nzz\r\n");
    expect_malformed(start + "Transfer-Encoding: chunked\r\n\r\n2\r\nabXX\r\n");
}

TEST_F(AnswerTest, KeepsDuplicatedAndOddHeaders) {
    const std::string bytes = "HTTP/1.1 200 \r\nX: 1\r\nX: 2\r\nEmpty:\r\nFolded: a\r\n b\r\n"
                              "Latin: \xe9\r\nContent-Length: 0, 0\r\n\r\n";
    ASSERT_EQ(feed(reader_, bytes, 1), State::done);
    const Response response = reader_.take();
    EXPECT_EQ(response.header("X"), "1");
    EXPECT_EQ(response.header("Empty"), "");
    EXPECT_EQ(response.header("Folded"), "a b");
    EXPECT_EQ(response.headers.size(), 6u);
}

TEST_F(AnswerTest, BoundsTheHeader) {
    const std::string start = "HTTP/1.1 200 OK\r\n";
    EXPECT_EQ(feed(reader_, start + "A: " + std::string(8192, 'a')), State::too_large);
    std::string many = start;
    for (int i = 0; i < 2000; ++i)
        many += "A: b\r\n";
    reader_.discard();
    reader_.begin();
    EXPECT_EQ(feed(reader_, many, 100), State::too_large);
    reader_.discard();
    reader_.begin();
    EXPECT_EQ(feed(reader_, "HTTP/1.1 200 " + std::string(8192, 'a'), 100), State::too_large);
}

TEST_F(AnswerTest, BoundsTheBodyHoweverItIsFramed) {
    const std::string start = "HTTP/1.1 200 OK\r\n";
    const std::string sized = start + "Content-Length: 4097\r\n\r\n";
    const std::string unframed = start + "\r\n" + std::string(4097, 'a');
    std::string chunked = start + "Transfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 4097; ++i)
        chunked += "1\r\na\r\n";
    for (const std::string& bytes : {sized, unframed, chunked})
        for (const std::size_t piece : {std::size_t{7}, bytes.size()}) {
            reader_.discard();
            reader_.begin();
            EXPECT_EQ(feed(reader_, bytes, piece), State::too_large) << bytes.substr(0, 60);
        }
    reader_.discard();
    reader_.begin();
    EXPECT_EQ(feed(reader_, start + "Content-Length: 4096\r\n\r\n" + std::string(4096, 'a')),
              State::done);
}

TEST_F(AnswerTest, BoundsChunkExtensionsAndTrailers) {
    const std::string start = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_EQ(feed(reader_, start + "1;" + std::string(100000, 'a'), 1000), State::too_large);
    std::string trailers = start + "0\r\n";
    for (int i = 0; i < 20000; ++i)
        trailers += "A: b\r\n";
    reader_.discard();
    reader_.begin();
    EXPECT_EQ(feed(reader_, trailers, 1000), State::too_large);
}

/// Answers that a server may give, and such as differ from them in a few bytes.
rc::Gen<std::string> nearly_answers() {
    return rc::gen::exec([] {
        std::string bytes = *rc::gen::element<std::string>(
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 404 Not Found\r\nA: b\r\n c\r\n\r\nbody",
            "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
        const int changes = *rc::gen::inRange(0, 4);
        for (int i = 0; i < changes; ++i) {
            const auto place = *rc::gen::inRange<std::size_t>(0, bytes.size());
            const char byte =
                *rc::gen::oneOf(rc::gen::elementOf(std::string("\r\n :;,0123456789aF-\t\0", 20)),
                                rc::gen::arbitrary<char>());
            switch (*rc::gen::inRange(0, 3)) {
            case 0:
                bytes[place] = byte;
                break;
            case 1:
                bytes.insert(place, 1, byte);
                break;
            default:
                bytes.erase(place, 1);
            }
        }
        return bytes;
    });
}

TEST(AnswerPropertyTest, ReadsTheSameHoweverTheBytesArrive) {
    EXPECT_TRUE(rc::check([] {
        const std::string bytes = *nearly_answers();
        const auto piece = *rc::gen::inRange<std::size_t>(1, 12);
        AnswerReader whole(4096, 4096);
        AnswerReader pieces(4096, 4096);
        whole.begin();
        pieces.begin();
        State first = feed(whole, bytes);
        State second = feed(pieces, bytes, piece);
        if (first == State::more) first = whole.end(true);
        if (second == State::more) second = pieces.end(true);
        RC_ASSERT(first == second);
        if (first != State::done) return;
        const Response a = whole.take();
        const Response b = pieces.take();
        RC_ASSERT(a.status == b.status);
        RC_ASSERT(a.headers == b.headers);
        RC_ASSERT(a.body == b.body);
    }));
}

TEST_F(AnswerTest, AnotherTransferEncodingIsRefusedWhateverElseIsSaid) {
    for (const std::string encoding : {"xchunked", "chunked, gzip", "gzip, chunked", "gzip",
                                       "chunked,chunked", "chunked;q=1", ""}) {
        const auto header = "Transfer-Encoding: " + encoding + "\r\n";
        expect_malformed("HTTP/1.1 200 OK\r\n" + header + "Content-Length: 5\r\n\r\nhello");
        expect_malformed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n" + header + "\r\nhello");
        expect_malformed("HTTP/1.1 200 OK\r\n" + header + "\r\n5\r\nhello\r\n0\r\n\r\n");
    }
    const std::string chunks = "\r\n5\r\nhello\r\n0\r\n\r\n";
    EXPECT_EQ(feed(reader_, "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n" + chunks),
              State::done);
    reader_.begin();
    EXPECT_EQ(feed(reader_, "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n"
                            "Content-Length: 5\r\n\r\nhello"),
              State::done);
}

#ifndef MEDIBRIDGE_SANITIZED
/// Bytes that the program has from the allocator, which sanitizers replace.
std::size_t allocated() {
    const auto now = mallinfo2();
    return now.uordblks + now.hblkhd;
}

TEST(AnswerMemoryTest, ARefusedAnswerGivesItsMemoryBack) {
    constexpr std::size_t limit = 16u << 20;
    const std::string body(limit + 1, 'x');
    AnswerReader reader(4096, limit);
    const auto before = allocated();
    reader.begin();
    EXPECT_EQ(feed(reader, "HTTP/1.1 200 OK\r\n\r\n"), State::more);
    EXPECT_EQ(feed(reader, body), State::too_large);
    EXPECT_GT(allocated(), before + limit / 2);
    reader.discard();
    EXPECT_LT(allocated(), before + (128u << 10));
    reader.begin();
    EXPECT_EQ(feed(reader, "HTTP/1.1 200 OK\r\nContent-Length: 16000000\r\n\r\n"), State::more);
    EXPECT_EQ(feed(reader, std::string_view(body).substr(0, 8u << 20)), State::more);
    EXPECT_EQ(reader.end(true), State::malformed);
    reader.begin(); // whoever forgets to discard
    EXPECT_LT(allocated(), before + (128u << 10));
}
#endif

} // namespace
} // namespace medibridge::http
