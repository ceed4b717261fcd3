#include "base/http/client.hpp"
#include "base/runtime/allocation.hpp"
#include "connectors/medicapp/answers.hpp"
#include "http_peer.hpp"
#include "peak_memory.hpp"
#include "tests/sanitized.hpp"
#include "unix_server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <list>

// Servers that mean harm to our client, and clients that mean harm to our server: each gets a clear
// reason, in time, and costs neither memory nor descriptors for good.

namespace medibridge::tests {
namespace {

using http::ErrorKind;
using std::chrono::steady_clock;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::size_t body_limit = 4u << 20;
constexpr std::size_t at_once = 4;
// Longer than a busy machine needs for 4 MiB, less than a drip takes.
constexpr std::chrono::milliseconds patience{sanitized ? 4000 : 800};
const std::string out_of_patience = "no answer within " + std::to_string(patience.count()) + " ms";

const std::string ok = "HTTP/1.1 200 OK\r\n";
const std::string chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";

/// `at_once` requests to it.
std::vector<http::Result> ask(const HostilePeer& peer) {
    boost::asio::io_context io{1};
    http::ClientSettings settings;
    settings.origin = peer.url();
    settings.connections = at_once;
    settings.timeout = patience;
    settings.body_limit = body_limit;
    http::Client client(io.get_executor(), settings);
    std::vector<http::Result> results;
    for (std::size_t i = 0; i < at_once; ++i)
        boost::asio::co_spawn(io, client.send(http::Request(http::Method::get, "/")),
                              [&](const std::exception_ptr& error, http::Result result) {
                                  EXPECT_EQ(error, nullptr);
                                  results.push_back(std::move(result));
                                  if (results.size() == at_once) client.cancel();
                              });
    io.run();
    return results;
}

struct HostileServer {
    std::string name;
    HostilePeer::Deed deed; ///< once the request was heard
    ErrorKind kind;
    std::string reason;
};

std::vector<HostileServer> hostile_servers() {
    using Line = const HostileLine&;
    const auto says = [](std::string bytes) {
        return [bytes = std::move(bytes)](Line line) {
            line.say(bytes);
            line.wait();
        };
    };
    const auto repeats = [](std::string start, std::string bytes) {
        return [start = std::move(start), bytes = std::move(bytes)](Line line) {
            line.say(start);
            line.say_again(bytes);
        };
    };
    const auto drips = [](std::string start, std::string bytes) {
        return [start = std::move(start), bytes = std::move(bytes)](Line line) {
            line.say(start);
            line.drip(bytes);
        };
    };
    const auto packed = [](const std::string& coding, std::string body) {
        return ok + "Content-Encoding: " + coding +
               "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    };
    const std::string block(64u << 10, 'x');
    const std::string slow(1000, 'x');
    const auto timeout = ErrorKind::timeout;
    const auto malformed = ErrorKind::malformed;
    const auto too_large = ErrorKind::too_large;
    return {
        {"silent", [](Line line) { line.wait(); }, timeout, out_of_patience},
        {"slow-loris head", drips("", ok + "A: " + slow), timeout, out_of_patience},
        {"drip of a body", drips(ok + "Content-Length: 1000\r\n\r\n", slow), timeout,
         out_of_patience},
        {"drip of chunks", drips(chunked, "1\r\nx\r\n1\r\nx\r\n1\r\nx\r\n1\r\nx\r\n" + slow),
         timeout, out_of_patience},
        {"drip of 1xx",
         drips("", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: " + slow), timeout,
         out_of_patience},
        {"flood of 1xx", repeats("", "HTTP/1.1 100 Continue\r\n\r\n"), malformed,
         "too many interim answers"},
        {"flood of large 1xx",
         repeats("", "HTTP/1.1 103 Early\r\nA: " + block.substr(0, 60'000) + "\r\n\r\n"), malformed,
         "too many interim answers"},
        {"another protocol", says("HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n"), malformed,
         "another protocol"},
        {"chunk that is none", says(chunked + "5\r\nhelloXX\r\n0\r\n"), malformed, "not HTTP"},
        {"chunk of a negative size", says(chunked + "-1\r\nx"), malformed, "not HTTP"},
        {"chunk of no size", says(chunked + "\r\nx"), malformed, "not HTTP"},
        {"chunk of more than 64 bits", says(chunked + "FFFFFFFFFFFFFFFFF\r\nx"), malformed,
         "not HTTP"},
        {"chunk of 2^64 - 1", says(chunked + "FFFFFFFFFFFFFFFF\r\nx"), too_large,
         "larger than allowed"},
        {"endless chunk extension", repeats(chunked + "1;", block), too_large,
         "larger than allowed"},
        {"endless trailers", repeats(chunked + "0\r\n", "A: " + slow + "\r\n"), too_large,
         "larger than allowed"},
        {"endless chunks", repeats(chunked, "400\r\n" + block.substr(0, 1024) + "\r\n"), too_large,
         "body is larger than allowed"},
        {"endless tiny chunks", repeats(chunked, "1\r\nx\r\n"), timeout, out_of_patience},
        {"endless body", repeats(ok + "\r\n", block), too_large, "body is larger than allowed"},
        {"body of 2^64 - 1", says(ok + "Content-Length: 18446744073709551615\r\n\r\nx"), too_large,
         "larger than allowed"},
        {"body of more than 64 bits", says(ok + "Content-Length: 99999999999999999999\r\n\r\nx"),
         malformed, "not HTTP"},
        {"two lengths", says(ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx"), malformed,
         "not HTTP"},
        {"length and chunks", says(ok + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx"),
         malformed, "Transfer-Encoding"},
        {"another coding of the transfer",
         says(ok + "Transfer-Encoding: xchunked\r\nContent-Length: 1\r\n\r\nx"), malformed,
         "Transfer-Encoding"},
        {"endless line of the head", repeats(ok + "A: ", block), too_large, "header is larger"},
        {"endless lines of the head", repeats(ok, "A: b\r\n"), too_large, "header is larger"},
        {"endless status line", repeats("HTTP/1.1 200 ", block), too_large, "header is larger"},
        {"cut body", [](Line line) { line.say(ok + "Content-Length: 1000000\r\n\r\nx"); },
         malformed, "cut off"},
        {"reset",
         [](Line line) {
             line.say(ok + "Content-Length: 9\r\n\r\nx");
             line.reset();
         },
         malformed, "cut off"},
        {"gzip bomb", says(packed("gzip", gzip_bomb(256u << 20))), too_large,
         "expands to more than is allowed"},
        {"gzip bomb in gzip", says(packed("gzip, gzip", gzip_bomb(256u << 20, 2))), too_large,
         "expands to more than is allowed"},
        {"gzip too many times",
         says(packed("gzip, gzip, gzip, gzip, gzip", gzip_bomb(1u << 20, 5))), malformed,
         "compressed too many times"},
        {"HTTP/2", says("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), malformed, "not HTTP"},
        {"TLS", [](Line line) { line.say(std::string_view("\x15\x03\x01\x00\x02\x02\x28", 7)); },
         malformed, "cut off"},
        {"zeros", repeats("", std::string(1000, '\0')), malformed, "not HTTP"},
    };
}

TEST(HostileHttp, NoServerCostsMoreThanItsTimeAndAFewBuffers) {
    runtime::return_freed_memory();
    const auto servers = hostile_servers();
    std::optional<PeakMemory> all;
    std::size_t descriptors = 0;
    for (int round = 0; round < 3; ++round) {
        for (const auto& server : servers) {
            PeakMemory memory;
            const auto began = steady_clock::now();
            {
                const HostilePeer peer([&](const HostileLine& line) {
                    if (line.hear()) server.deed(line);
                });
                for (const auto& result : ask(peer)) {
                    ASSERT_FALSE(result) << server.name;
                    EXPECT_EQ(name(result.error().kind), name(server.kind)) << server.name;
                    EXPECT_THAT(result.error().what, HasSubstr(server.reason)) << server.name;
                    EXPECT_TRUE(result.error().maybe_executed) << server.name;
                }
            }
            EXPECT_LT(steady_clock::now() - began, std::chrono::seconds(10)) << server.name;
#ifndef MEDIBRIDGE_SANITIZED
            EXPECT_LT(memory.mib(), 2 * at_once * (body_limit >> 20) + 16) << server.name;
#endif
        }
        if (round == 0) {
            all.emplace();
            descriptors = open_descriptors();
        }
    }
    EXPECT_EQ(open_descriptors(), descriptors);
#ifndef MEDIBRIDGE_SANITIZED
    EXPECT_LT(all->kept_mib(), 8u);
#endif
}

TEST(HostileHttp, AnAnswerToNoRequestIsNotTakenForTheNext) {
    const auto answer = [](const std::string& body) {
        return ok + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    };
    std::atomic<int> requests = 0;
    const HostilePeer peer([&](const HostileLine& line) {
        while (line.hear())
            if (!line.say(answer(std::to_string(++requests)) + answer("planted"))) return;
    });
    for (int i = 0; i < 20; ++i)
        for (const auto& result : ask(peer)) {
            ASSERT_TRUE(result);
            EXPECT_NE(result->body, "planted");
        }
    EXPECT_EQ(peer.accepted(), 20 * static_cast<int>(at_once)) << "no connection is used again";
}

TEST(HostileHttp, NestingOfAnyDepthIsRefusedAsAnAnswer) {
    for (const std::string bracket : {"[", "{\"data\":", "{\"error\":{\"code\":["}) {
        std::string body;
        while (body.size() < (3u << 20))
            body += bracket;
        const HostilePeer peer([&](const HostileLine& line) {
            if (line.hear()) line.say(ok + "Connection: close\r\n\r\n" + body);
        });
        for (const auto& result : ask(peer)) {
            ASSERT_TRUE(result);
            EXPECT_FALSE(connectors::read_page(result->body));
            EXPECT_FALSE(connectors::read_patient(result->body));
            EXPECT_FALSE(connectors::read_error(result->body));
        }
    }
}

using http::test::UnixClient;

/// The control socket's server, with less patience.
class HostileClients : public http::test::UnixServerTest {
  protected:
    static constexpr std::size_t places = 8;

    HostileClients() {
        runtime::return_freed_memory();
        http::ServerSettings settings;
        settings.connections = places;
        settings.header_limit = 4u << 10;
        settings.body_limit = 64u << 10;
        settings.read_limit = runtime::Duration(300);
        settings.idle_limit = runtime::Duration(300);
        settings.write_limit = runtime::Duration(300);
        start(settings);
    }

    /// What it answers to that, which may never end.
    std::string answer_to(const std::string& start, const std::string& more = "", int times = 0) {
        auto client = connect();
        bool going = client.say(start);
        for (; going && times > 0; --times)
            going = client.say(more);
        return client.read_all();
    }

    std::size_t clients() {
        std::size_t count = 0;
        call([&] { count = server_->connections(); });
        return count;
    }

    void expect_service() {
        EXPECT_TRUE(
            wait_until([&] { return ask(http::test::get_request("/echo")).contains(" 200 "); }));
    }
};

TEST_F(HostileClients, EachGetsItsReasonAndIsGone) {
    const std::string block(16u << 10, 'x');
    struct Case {
        std::string name, start, more;
        int times;
        std::string answer;
    };
    const std::string post = "POST /echo HTTP/1.1\r\nHost: x\r\n";
    const std::vector<Case> cases = {
        {"endless line of the head", "GET /echo HTTP/1.1\r\nA: ", block, 64, "HTTP/1.1 431 "},
        {"endless target", "GET /", block, 64, "HTTP/1.1 431 "},
        {"endless lines of the head", "GET /echo HTTP/1.1\r\n", "A: b\r\n", 2000, "HTTP/1.1 431 "},
        {"large body", post + "Content-Length: 999999999\r\n\r\n", "", 0, "HTTP/1.1 413 "},
        {"body of more than 64 bits", post + "Content-Length: 99999999999999999999\r\n\r\n", "", 0,
         "HTTP/1.1 400 "},
        {"endless chunks", post + "Transfer-Encoding: chunked\r\n\r\n", "4000\r\n" + block + "\r\n",
         64, "HTTP/1.1 413 "},
        {"chunk that is none", post + "Transfer-Encoding: chunked\r\n\r\nzzz\r\n", "", 0,
         "HTTP/1.1 400 "},
        {"another coding of the transfer",
         post + "Transfer-Encoding: xchunked\r\nContent-Length: 1\r\n\r\nx", "", 0,
         "HTTP/1.1 400 "},
        {"length and chunks", post + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx", "",
         0, "HTTP/1.1 400 "},
        {"two lengths", post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx", "", 0,
         "HTTP/1.1 400 "},
        {"no HTTP", std::string("\x16\x03\x01\0\0\0\r\n\r\n", 10), "", 0, "HTTP/1.1 400 "},
        {"half a request", post + "Content-Length: 10\r\n\r\nx", "", 0, "HTTP/1.1 408 "},
        {"half a head", "GET /ec", "", 0, "HTTP/1.1 408 "},
        {"nothing", "", "", 0, ""},
    };
    std::optional<PeakMemory> memory;
    std::size_t descriptors = 0;
    for (int round = 0; round < 3; ++round) {
        for (const auto& one : cases)
            EXPECT_THAT(answer_to(one.start, one.more, one.times), StartsWith(one.answer))
                << one.name;
        expect_service();
        if (round == 0) {
            memory.emplace();
            descriptors = open_descriptors();
        }
    }
    EXPECT_TRUE(wait_until([&] { return open_descriptors() <= descriptors; }));
#ifndef MEDIBRIDGE_SANITIZED
    EXPECT_LT(memory->mib(), 16u);
    EXPECT_LT(memory->kept_mib(), 4u);
#endif
}

TEST_F(HostileClients, WhoDripsIsCutOffHoweverLongHeGoesOn) {
    auto client = connect();
    const auto began = steady_clock::now();
    bool going = true;
    while (going && steady_clock::now() - began < std::chrono::seconds(10)) {
        going = client.say("x");
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    EXPECT_LT(steady_clock::now() - began, std::chrono::seconds(5));
    expect_service();
}

TEST_F(HostileClients, PipelinedRequestsAreAnsweredOneByOne) {
    PeakMemory memory;
    auto client = connect();
    constexpr int count = 2000;
    std::string requests;
    for (int i = 0; i < 50; ++i)
        requests += http::test::get_request("/echo");
    std::thread sender([&] {
        for (int i = 0; i < count / 50; ++i)
            client.say(requests);
    });
    int answered = 0;
    for (; answered < count && client.read_answer().contains(" 200 "); ++answered) {
    }
    sender.join();
    EXPECT_EQ(answered, count);
#ifndef MEDIBRIDGE_SANITIZED
    EXPECT_LT(memory.mib(), 16u);
#endif
}

TEST_F(HostileClients, WhoTakesNoAnswersIsCutOff) {
    PeakMemory memory;
    auto client = connect();
    client.say(http::test::get_request("/endless"));
    EXPECT_TRUE(wait_until([&] { return left_ == 1; }));
    client.close();
    expect_service();
#ifndef MEDIBRIDGE_SANITIZED
    EXPECT_LT(memory.mib(), 16u);
#endif
}

TEST_F(HostileClients, AFloodOfConnectionsEndsWithItself) {
    expect_service();
    const auto descriptors = open_descriptors();
    for (int round = 0; round < 3; ++round) {
        EXPECT_TRUE(wait_until([&] { return clients() == 0; }));
        std::list<UnixClient> silent;
        for (std::size_t i = 0; i < 3 * places; ++i)
            silent.emplace_back(path());
        expect_service();
        std::size_t dropped = 0;
        for (auto& client : silent)
            dropped += client.read_all().empty() ? 1 : 0;
        EXPECT_EQ(dropped, 3 * places)
            << "the silent make room, and have no longer than is allowed";
    }
    expect_service();
    EXPECT_TRUE(wait_until([&] { return open_descriptors() <= descriptors; }));
}

} // namespace
} // namespace medibridge::tests
