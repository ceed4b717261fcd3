#include "unix_server.hpp"

#include <fstream>
#include <gmock/gmock.h>
#include <list>
#include <random>
#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>

namespace medibridge::http::test {
namespace {

using std::chrono::milliseconds;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST_F(UnixServerTest, AnswersOneRequestAfterTheOtherOnAConnection) {
    start();
    auto client = connect();
    for (int i = 0; i < 3; ++i) {
        client.say(post_request("/echo/a%20b?n=1", "body"));
        const auto answer = client.read_answer();
        EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
        EXPECT_THAT(answer, HasSubstr("Connection: keep-alive\r\n"));
        EXPECT_THAT(answer, EndsWith("\r\n\r\nPOST [echo] [a b] n=1 body"));
    }
    client.say(get_request("/echo", "Connection: close\r\n"));
    EXPECT_THAT(client.read_all(), HasSubstr("Connection: close\r\n"));
}

TEST_F(UnixServerTest, TakesRequestsInWhateverPiecesTheyCome) {
    start();
    auto client = connect();
    for (const char byte : post_request("/echo", "four"))
        client.say(std::string(1, byte));
    EXPECT_THAT(client.read_answer(), EndsWith("POST [echo] four"));
    client.say(get_request("/echo/1") + post_request("/lines/2", "") + get_request("/echo/2"));
    EXPECT_THAT(client.read_answer(), EndsWith("[1] "));
    EXPECT_THAT(client.read_until("0\r\n\r\n"), HasSubstr("line 1\n"));
    EXPECT_THAT(client.read_answer(), EndsWith("[2] "));
}

TEST_F(UnixServerTest, SaysWhoIsAtTheOtherEnd) {
    start();
    EXPECT_THAT(ask(get_request("/who")),
                EndsWith(std::to_string(::getuid()) + " " + std::to_string(::getgid()) + " " +
                         std::to_string(::getpid())));
}

TEST_F(UnixServerTest, SendsTheHeaderOnlyToWhoAsksForThat) {
    start();
    auto client = connect();
    client.say("HEAD /echo HTTP/1.1\r\n\r\n");
    EXPECT_THAT(client.read_until("\r\n\r\n"), HasSubstr("Content-Length: 12"));
    client.say(get_request("/echo"));
    EXPECT_THAT(client.read_answer(), StartsWith("HTTP/1.1 200"));
}

TEST_F(UnixServerTest, AsksForABodyThatIsAnnounced) {
    start();
    auto client = connect();
    client.say("POST /echo HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    client.say("body");
    EXPECT_THAT(client.read_answer(), EndsWith("body"));
}

TEST_F(UnixServerTest, ReadsChunksInAnyPieces) {
    start();
    for (const std::string chunks : {"0\r\n\r\n", "4\r\nbody\r\n0\r\nA: b\r\n\r\n"}) {
        auto client = connect();
        client.say("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (const char c : chunks)
            client.say(std::string(1, c));
        EXPECT_THAT(client.read_answer(), StartsWith("HTTP/1.1 200"));
        client.say(get_request("/echo"));
        EXPECT_THAT(client.read_answer(), StartsWith("HTTP/1.1 200")) << "nothing is left over";
    }
}

TEST_F(UnixServerTest, RefusesWhatIsTooLarge) {
    ServerSettings settings;
    settings.header_limit = 1000;
    settings.body_limit = 1000;
    start(settings);
    EXPECT_THAT(ask(get_request("/" + std::string(2000, 'a'))), StartsWith("HTTP/1.1 431"));
    EXPECT_THAT(ask(post_request("/echo", std::string(1001, 'a'))), StartsWith("HTTP/1.1 413"));
    EXPECT_THAT(ask("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" +
                    std::string(2000, 'a') + "\r\n0\r\n\r\n"),
                StartsWith("HTTP/1.1 413"));
    EXPECT_THAT(ask(post_request("/echo", std::string(1000, 'a'))), StartsWith("HTTP/1.1 200"));
}

TEST_F(UnixServerTest, RefusesWhatIsNotHttp) {
    start();
    for (const char* bytes :
         {"nonsense\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/3.0\r\n\r\n",
          "GET / HTTP/1.1\r\n: x\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
          "GET /%ff HTTP/1.1\r\n\r\n", "OPTIONS * HTTP/1.1\r\n\r\n"})
        EXPECT_THAT(ask(bytes), StartsWith("HTTP/1.1 400 Bad Request\r\n")) << bytes;
    EXPECT_THAT(ask(get_request("/echo")), StartsWith("HTTP/1.1 200"));
}

TEST_F(UnixServerTest, SurvivesAnyBytes) {
    start();
    std::mt19937 random(20261128); // NOLINT: always the same bytes
    for (int i = 0; i < 200; ++i) {
        std::string bytes = i % 2 == 0 ? "" : post_request("/echo", "body");
        for (int n = 0; n < 40; ++n) {
            const auto at = bytes.empty() ? 0 : random() % bytes.size();
            bytes.insert(at, 1, static_cast<char>(random()));
        }
        auto client = connect();
        client.say(bytes);
        client.end();
        client.read_all();
    }
    EXPECT_THAT(ask(get_request("/echo")), StartsWith("HTTP/1.1 200"));
}

TEST_F(UnixServerTest, WordsItsRefusalsAsItIsTold) {
    ServerSettings settings;
    settings.refusal = [](int status, const std::string& why) {
        return RefusalBody{"text/x-test", std::to_string(status) + " because " + why};
    };
    start(settings);
    const auto answer = ask("nonsense\r\n\r\n");
    EXPECT_THAT(answer, HasSubstr("Content-Type: text/x-test\r\n"));
    EXPECT_THAT(answer, EndsWith("400 because the request is not HTTP/1.1"));
    EXPECT_THAT(ask(get_request("/throw")), HasSubstr("500 because "));
}

TEST_F(UnixServerTest, AHandlerThatFailsIsAnsweredForAndHarmsNobodyElse) {
    start();
    auto client = connect();
    for (const char* target : {"/throw", "/nothing"}) {
        client.say(get_request(target));
        EXPECT_THAT(client.read_answer(), StartsWith("HTTP/1.1 500")) << target;
    }
    client.say(get_request("/throw-late"));
    const auto cut = client.read_all();
    EXPECT_THAT(cut, HasSubstr("line 0\n"));
    EXPECT_THAT(cut, Not(HasSubstr("\r\n0\r\n"))) << "it is not to look complete";
    EXPECT_THAT(ask(get_request("/echo")), StartsWith("HTTP/1.1 200"));
}

TEST_F(UnixServerTest, GivesLinesInChunksAndWithoutThemToOldClients) {
    start();
    auto client = connect();
    client.say(get_request("/lines/2"));
    EXPECT_THAT(client.read_until("0\r\n\r\n"),
                EndsWith("\r\n\r\n00000007\r\nline 0\n\r\n00000007\r\nline 1\n\r\n0\r\n\r\n"));
    client.say(get_request("/echo"));
    EXPECT_THAT(client.read_answer(), StartsWith("HTTP/1.1 200")) << "the connection is kept";
    auto old = connect();
    old.say("GET /lines/2 HTTP/1.0\r\n\r\n");
    EXPECT_THAT(old.read_all(), EndsWith("\r\n\r\nline 0\nline 1\n"));
}

TEST_F(UnixServerTest, NoticesThatTheClientLeftInTheMiddleOfLines) {
    start();
    auto client = connect();
    client.say(get_request("/endless"));
    client.read_until("xxx");
    client.close();
    EXPECT_TRUE(wait_until([&] { return left_ == 1; }));
}

TEST_F(UnixServerTest, WaitsForAClientOnlySoLong) {
    ServerSettings settings;
    settings.read_limit = milliseconds(100);
    settings.write_limit = milliseconds(100);
    settings.idle_limit = milliseconds(300);
    start(settings);
    auto slow = connect();
    slow.say("GET /echo HTT");
    EXPECT_THAT(slow.read_all(), StartsWith("HTTP/1.1 408"));
    auto deaf = connect();
    deaf.say(get_request("/endless"));
    EXPECT_TRUE(wait_until([&] { return left_ == 1; })) << "nobody reads the lines";
    auto idle = connect();
    idle.say(get_request("/echo"));
    EXPECT_THAT(idle.read_answer(), StartsWith("HTTP/1.1 200"));
    EXPECT_EQ(idle.read_all(), "") << "closed after a while";
}

TEST_F(UnixServerTest, AnswersWhoSaysNothingMore) {
    start();
    auto client = connect();
    client.say(get_request("/lines/1"));
    client.end();
    EXPECT_THAT(client.read_all(), HasSubstr("line 0\n"));
}

TEST_F(UnixServerTest, HasRoomForSoManyAtOnce) {
    ServerSettings settings;
    settings.connections = 8;
    start(settings);
    std::list<UnixClient> clients;
    for (int i = 0; i < 8; ++i)
        clients.emplace_back(path()).say(get_request("/hold"));
    EXPECT_TRUE(wait_until([&] { return holding_ == 8; }));
    EXPECT_THAT(ask(get_request("/echo")), StartsWith("HTTP/1.1 503"));
    let_go();
    for (auto& client : clients)
        EXPECT_THAT(client.read_answer(), StartsWith("HTTP/1.1 200"));
    clients.clear();
    EXPECT_TRUE(wait_until([&] {
        std::size_t open = 0;
        call([&] { open = server_->connections(); });
        return open == 0;
    }));
    for (int i = 0; i < 100; ++i)
        ASSERT_THAT(ask(get_request("/echo")), StartsWith("HTTP/1.1 200"));
}

TEST_F(UnixServerTest, WhoSaysNothingKeepsNobodyOut) {
    ServerSettings settings;
    settings.connections = 8;
    start(settings);
    auto served = connect();
    served.say(get_request("/hold"));
    EXPECT_TRUE(wait_until([&] { return holding_ == 1; }));
    std::list<UnixClient> silent;
    for (int i = 0; i < 64; ++i) {
        silent.emplace_back(path());
        if (i % 2 == 0) silent.back().say("GET /echo HTTP/1.1\r\n");
    }
    EXPECT_THAT(ask(get_request("/echo")), StartsWith("HTTP/1.1 200"));
    EXPECT_EQ(silent.front().read_all(), "") << "the oldest made room";
    // The newest still has its place.
    silent.back().say(get_request("/echo"));
    EXPECT_THAT(silent.back().read_answer(), StartsWith("HTTP/1.1 200"));
    let_go();
    EXPECT_THAT(served.read_answer(), StartsWith("HTTP/1.1 200"));
}

TEST_F(UnixServerTest, OneClientHasABoundOfItsOwn) {
    ServerSettings settings;
    settings.connections = 8;
    settings.connections_of_client = 2;
    start(settings);
    auto first = connect();
    auto second = connect();
    for (auto* client : {&first, &second})
        client->say(get_request("/hold"));
    EXPECT_TRUE(wait_until([&] { return holding_ == 2; }));
    EXPECT_THAT(ask(get_request("/echo")),
                testing::AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("of one client")));
    let_go();
    first.read_answer();
    EXPECT_THAT(ask(get_request("/echo")), StartsWith("HTTP/1.1 200"));
}

/// RFC 9112 §3.2.
TEST_F(UnixServerTest, RefusesTwoHosts) {
    start();
    for (const char* second : {"Host: elsewhere\r\n", "Host: localhost\r\n", "host:\r\n"})
        EXPECT_THAT(ask(get_request("/echo", second)), StartsWith("HTTP/1.1 400")) << second;
}

TEST_F(UnixServerTest, APauseAwaitsRequestsUnderWayAndServesTheOthersLater) {
    start();
    auto idle = connect();
    idle.say(get_request("/echo"));
    idle.read_answer();
    auto first = connect();
    first.say(get_request("/hold"));
    EXPECT_TRUE(wait_until([&] { return holding_ == 1; }));
    std::thread pausing([&] { await([&] { return server_->pause(); }); });
    EXPECT_EQ(idle.read_all(), "") << "closed";
    auto second = connect();
    second.say(get_request("/echo"));
    let_go();
    EXPECT_THAT(first.read_all(), HasSubstr("[hold]"));
    pausing.join();
    call([&] { server_->resume(); });
    EXPECT_THAT(second.read_answer(), StartsWith("HTTP/1.1 200"));
}

TEST_F(UnixServerTest, StoppingDoesNotWaitForWhoTakesNoAnswer) {
    ServerSettings settings;
    settings.drain_limit = milliseconds(50);
    start(settings);
    auto deaf = connect();
    deaf.say(get_request("/endless"));
    auto slow = connect();
    slow.say("GET /ec");
    deaf.read_until("xxx");
    stop();
    EXPECT_EQ(left_, 1);
    EXPECT_THROW(connect(), std::runtime_error);
}

// Who is there, where the kernel does not say it

TEST_F(UnixServerTest, IsToldWhoIsThere) {
    ServerSettings settings;
    settings.identify = [](int socket, PeerCredentials seen) -> runtime::Task<PeerCredentials> {
        EXPECT_GE(socket, 0);
        co_return PeerCredentials{seen.uid + 7, seen.gid, seen.pid};
    };
    start(settings);
    EXPECT_THAT(ask(get_request("/who")), HasSubstr("\r\n" + std::to_string(::getuid() + 7) + " "));
}

TEST_F(UnixServerTest, WhoCannotBeToldIsNotServedAndHearsWhy) {
    ServerSettings settings;
    settings.identify = [](int, PeerCredentials) -> runtime::Task<PeerCredentials> {
        throw std::runtime_error("nobody knows you");
        co_return PeerCredentials();
    };
    start(settings);
    EXPECT_THAT(ask(get_request("/echo")),
                testing::AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("nobody knows you")));
}

TEST_F(UnixServerTest, TheBoundOfAClientIsOfWhoTheyTurnOutToBe) {
    std::atomic<std::uint32_t> user = 1;
    ServerSettings settings;
    settings.connections = 8;
    settings.connections_of_client = 2;
    settings.identify = [&](int, PeerCredentials seen) -> runtime::Task<PeerCredentials> {
        co_return PeerCredentials{user, seen.gid, seen.pid};
    };
    start(settings);
    auto first = connect();
    auto second = connect();
    for (auto* client : {&first, &second})
        client->say(get_request("/hold"));
    EXPECT_TRUE(wait_until([&] { return holding_ == 2; }));
    EXPECT_THAT(ask(get_request("/echo")),
                testing::AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("of one client")));
    user = 2;
    EXPECT_THAT(ask(get_request("/echo")), StartsWith("HTTP/1.1 200"));
    let_go();
    for (auto* client : {&first, &second})
        EXPECT_THAT(client->read_answer(), StartsWith("HTTP/1.1 200"));
}

TEST_F(UnixServerTest, WhileOneIsAskedAboutOthersAreServedAndItCanBeStopped) {
    std::atomic<int> asked = 0;
    runtime::Signal told(server_executor());
    bool is_told = false;
    ServerSettings settings;
    settings.identify = [&](int, PeerCredentials seen) -> runtime::Task<PeerCredentials> {
        if (++asked == 1)
            while (!is_told)
                co_await told.wait();
        co_return seen;
    };
    start(settings);
    auto unknown = connect();
    unknown.say(get_request("/echo"));
    EXPECT_TRUE(wait_until([&] { return asked == 1; }));
    EXPECT_THAT(ask(get_request("/echo")), StartsWith("HTTP/1.1 200"));
    std::thread stopping([&] { stop(); });
    EXPECT_EQ(unknown.read_all(), "") << "closed, without having been served";
    call([&] {
        is_told = true;
        told.notify();
    });
    stopping.join();
}

// The socket's file

TEST_F(UnixServerTest, TheSocketIsForUserAndGroupAndGoesWithTheServer) {
    const auto umask = ::umask(0077);
    start();
    ::umask(umask);
    struct stat status{};
    ASSERT_EQ(::lstat(path().c_str(), &status), 0);
    EXPECT_TRUE(S_ISSOCK(status.st_mode));
    EXPECT_EQ(status.st_mode & 0777, 0660);
    stop();
    EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(UnixServerTest, ASocketThatNobodyAnswersOnIsReplacedAndNothingElse) {
    start();
    const auto aside = path().parent_path() / "aside";
    std::filesystem::rename(path(), aside); // at the end the name is not ours any more
    stop();
    ASSERT_TRUE(std::filesystem::exists(aside));
    std::filesystem::rename(aside, path());
    start();
    EXPECT_THAT(ask(get_request("/echo")), StartsWith("HTTP/1.1 200"));

    const auto refused = [&](const std::filesystem::path& where) {
        std::string words;
        call([&] {
            Server other(server_executor(), {}, {});
            try {
                other.listen(where);
            } catch (const std::runtime_error& error) {
                words = error.what();
            }
        });
        return words;
    };
    EXPECT_THAT(refused(path()), HasSubstr("another process answers there"));
    EXPECT_THAT(ask(get_request("/echo")), StartsWith("HTTP/1.1 200")) << "left alone";
    const auto file = path().parent_path() / "file";
    std::ofstream(file) << "precious";
    EXPECT_THAT(refused(file), HasSubstr("something else than a socket"));
    EXPECT_TRUE(std::filesystem::exists(file));
    EXPECT_THAT(refused("/tmp/" + std::string(120, 'x')), HasSubstr("107 bytes"));
    EXPECT_THAT(refused(path().parent_path() / "none" / "socket"), HasSubstr("No such file"));
}

} // namespace
} // namespace medibridge::http::test
