#include "fixture.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>

namespace medibridge::http::test {
namespace {

class ClientTest : public HttpTest {};

TEST_F(ClientTest, SendsARequestAndReadsTheAnswer) {
    Server& server = serve({{expect(), say(answer(201, "{\"id\":1}", "X-Request-Id: r1\r\n"))}});
    connect(settings_for(server));
    const Result result = send(post("{\"a\":1}", "/v5/patients"));
    expect_answer(result, 201, "{\"id\":1}");
    EXPECT_EQ(result->header("x-request-id"), "r1");
    ASSERT_EQ(server.requests().size(), 1u);
    const std::string& request = server.requests().front();
    EXPECT_TRUE(request.starts_with(
        "POST /v5/patients HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) + "\r\n"))
        << request;
    EXPECT_TRUE(request.ends_with("\r\n\r\n{\"a\":1}")) << request;
}

TEST_F(ClientTest, KeepsTheConnectionForTheNextRequest) {
    Server& server = serve({{echo()}});
    connect(settings_for(server));
    for (const std::string body : {"a", "b", "c"})
        expect_answer(send(post(body, "/x")), 200, "/x\r\n" + body);
    EXPECT_EQ(server.accepted(), 1);
}

TEST_F(ClientTest, OpensANewConnectionWhereTheServerSaidClose) {
    const Script script = {expect(), say(answer(200, "x", "Connection: close\r\n"))};
    Server& server = serve({script});
    connect(settings_for(server));
    for (int i = 0; i < 3; ++i)
        expect_answer(send(post()), 200, "x");
    EXPECT_EQ(server.accepted(), 3);
}

TEST_F(ClientTest, ReadsAnAnswerThatEndsWithTheConnection) {
    Server& server = serve({{expect(), say("HTTP/1.1 200 OK\r\n\r\nall of it"), close()}});
    connect(settings_for(server));
    expect_answer(send(post()), 200, "all of it");
    expect_answer(send(post()), 200, "all of it");
}

TEST_F(ClientTest, ReadsChunksThatDripIn) {
    const std::string chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                               "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    Server& server = serve({{expect(), drip(chunks, 1), expect(), say(answer(200, "next"))}});
    connect(settings_for(server));
    expect_answer(send(get()), 200, "abcde");
    expect_answer(send(get()), 200, "next");
    EXPECT_EQ(server.accepted(), 1);
}

TEST_F(ClientTest, SkipsContinueAndUsesTheConnectionAgain) {
    Server& server = serve({{expect(), say("HTTP/1.1 100 Continue\r\n\r\n"), say(answer(200, "x")),
                             expect(), say(answer(200, "y"))}});
    connect(settings_for(server));
    expect_answer(send(post()), 200, "x");
    expect_answer(send(post()), 200, "y");
}

TEST_F(ClientTest, CarriesBodiesThatDoNotFitTheSocketsBuffers) {
    Server& server = serve({{echo()}});
    connect(settings_for(server));
    const std::string body(20u << 20, 'x');
    const Result result = send(post(body, "/"));
    ASSERT_TRUE(result);
    EXPECT_EQ(result->body.size(), body.size() + 3);
    expect_answer(send(post("small")), 200, "/\r\nsmall");
    EXPECT_EQ(server.accepted(), 1);
}

TEST_F(ClientTest, SharesFewConnectionsAmongManyRequests) {
    Server& server = serve({{echo()}});
    connect(settings_for(server));
    std::vector<Pending> pending;
    for (int i = 0; i < 200; ++i)
        pending.push_back(start(post(std::to_string(i), "/" + std::to_string(i))));
    for (int i = 0; i < 200; ++i)
        expect_answer(finish(pending[i]), 200,
                      "/" + std::to_string(i) + "\r\n" + std::to_string(i));
    EXPECT_EQ(server.accepted(), 8);
    EXPECT_EQ(server.requests().size(), 200u);
}

TEST_F(ClientTest, ServesThoseWhoWaitInTheirOrder) {
    Server& server = serve({{echo()}});
    ClientSettings settings = settings_for(server);
    settings.connections = 1;
    connect(settings);
    std::vector<Pending> pending;
    for (int i = 0; i < 20; ++i)
        pending.push_back(start(get("/" + std::to_string(i))));
    for (const Pending& each : pending)
        EXPECT_TRUE(finish(each));
    for (int i = 0; i < 20; ++i)
        EXPECT_TRUE(server.requests().at(i).starts_with("GET /" + std::to_string(i) + " "));
}

TEST_F(ClientTest, NeverOpensMoreConnectionsThanAllowedWhenTheyFail) {
    Server& server = serve({{expect(), reset()}});
    ClientSettings settings = settings_for(server);
    settings.connections = 3;
    connect(settings);
    std::vector<Pending> pending;
    for (int i = 0; i < 30; ++i)
        pending.push_back(start(post()));
    for (const Pending& each : pending)
        expect_error(finish(each), ErrorKind::closed, true);
    EXPECT_EQ(server.accepted(), 30);
    EXPECT_LE(server.most_open(), 3);
}

TEST_F(ClientTest, LetsGoOfConnectionsThatWereIdleForTooLong) {
    Server& server = serve({{echo()}});
    ClientSettings settings = settings_for(server);
    settings.idle_limit = runtime::Duration(0);
    connect(settings);
    EXPECT_TRUE(send(post()));
    const auto later = std::chrono::steady_clock::now() + std::chrono::milliseconds(2);
    io_.run_until(later);
    EXPECT_TRUE(send(post()));
    EXPECT_EQ(server.accepted(), 2);
}

TEST_F(ClientTest, PrefersTheConnectionThatWasUsedLast) {
    Server& server = serve({{echo()}});
    connect(settings_for(server));
    std::vector<Pending> pending;
    for (int i = 0; i < 4; ++i)
        pending.push_back(start(get("/")));
    for (const Pending& each : pending)
        EXPECT_TRUE(finish(each));
    for (int i = 0; i < 4; ++i)
        EXPECT_TRUE(send(get("/")));
    EXPECT_EQ(server.accepted(), 4) << "a kept connection was passed over for a new one";
}

TEST_F(ClientTest, PrefersAnOpenConnectionToOneThatIsToBeOpened) {
    const std::string slow = answer(200, "x", "Connection: close\r\n");
    Server& server = serve({{echo()}, {expect(), drip(slow, 1)}});
    connect(settings_for(server));
    const Pending kept = start(get("/"));
    const Pending closed_last = start(get("/"));
    EXPECT_TRUE(finish(kept));
    EXPECT_TRUE(finish(closed_last));
    EXPECT_TRUE(send(get("/")));
    EXPECT_EQ(server.accepted(), 2);
}

TEST_F(ClientTest, RefusesARequestThatCannotBeToldApartOnTheWire) {
    Server& server = serve({{echo()}});
    connect(settings_for(server));
    Request request = get("/");
    request.headers.emplace_back("X-Name", "a\r\nX-Other: b");
    expect_error(send(std::move(request)), ErrorKind::invalid, false);
    expect_error(send(get("/a b")), ErrorKind::invalid, false);
    EXPECT_EQ(server.accepted(), 0);
}

TEST_F(ClientTest, RunsDryAfterTheLastAnswer) {
    Server& server = serve({{expect(), say(answer(200, "x"))}});
    connect(settings_for(server));
    expect_answer(send(get("/")), 200, "x");
    server.stop();
    io_.run_for(std::chrono::seconds(10));
    EXPECT_TRUE(io_.stopped()) << "an idle client keeps the io_context busy";
}

TEST(ClientLifetimeTest, MayBeLeftBehindByAnIoContextThatEnds) {
    auto io = std::make_unique<boost::asio::io_context>(1);
    auto server = std::make_unique<Server>(*io, std::vector<Script>{{expect(), hang()}});
    ClientSettings settings;
    settings.origin = server->url();
    settings.connections = 2;
    auto client = std::make_unique<Client>(io->get_executor(), settings);
    int done = 0;
    for (int i = 0; i < 5; ++i)
        boost::asio::co_spawn(*io, client->send(get("/")),
                              [&](std::exception_ptr, const Result&) { ++done; });
    while (server->requests().size() < 2)
        io->run_one();
    server->stop();
    client.reset();
    // The requests are cancelled but their coroutines do not run any more.
    server.reset();
    io.reset();
    EXPECT_EQ(done, 0);
}

} // namespace
} // namespace medibridge::http::test
