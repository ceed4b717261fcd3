#include "fixture.hpp"

/// What the server does wrong, and what the client says of it.
namespace medibridge::http::test {
namespace {

class FaultTest : public HttpTest {
  protected:
    Result send_to(Script script, Request request = post()) {
        Server& server = serve({std::move(script)});
        ClientSettings settings = settings_for(server);
        settings.header_limit = 8192;
        settings.body_limit = 8192;
        connect(settings);
        return send(std::move(request));
    }
};

TEST_F(FaultTest, ClosedBeforeTheAnswerMayHaveBeenExecuted) {
    expect_error(send_to({expect(), close()}), ErrorKind::closed, true);
}

TEST_F(FaultTest, ResetBeforeTheAnswerMayHaveBeenExecuted) {
    expect_error(send_to({expect(), reset()}), ErrorKind::closed, true);
}

TEST_F(FaultTest, AFreshConnectionThatClosesIsNotTriedAgain) {
    expect_error(send_to({expect(), close()}, get("/")), ErrorKind::closed, true);
    EXPECT_EQ(servers_.front().accepted(), 1);
}

TEST_F(FaultTest, ClosedInTheHeaderIsMalformed) {
    expect_error(send_to({expect(), say("HTTP/1.1 200 O"), close()}), ErrorKind::malformed, true);
}

TEST_F(FaultTest, ClosedInTheBodyIsMalformed) {
    expect_error(
        send_to({expect(), say("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"), close()}),
        ErrorKind::malformed, true);
}

TEST_F(FaultTest, ClosedInAChunkIsMalformedAlsoForAGet) {
    const std::string cut = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab";
    expect_error(send_to({expect(), say(cut), close()}, get("/")), ErrorKind::malformed, true);
}

TEST_F(FaultTest, ResetInTheBodyIsMalformedHoweverItIsFramed) {
    const std::string sized = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab";
    expect_error(send_to({expect(), say(sized), reset()}), ErrorKind::malformed, true);
    expect_error(send_to({expect(), say("HTTP/1.1 200 OK\r\n\r\nab"), reset()}),
                 ErrorKind::malformed, true);
}

TEST_F(FaultTest, GarbageIsMalformed) {
    expect_error(send_to({expect(), say("<html>Bad gateway</html>\r\n\r\n")}), ErrorKind::malformed,
                 true);
    expect_error(send_to({expect(), say(std::string(100, '\0'))}), ErrorKind::malformed, true);
}

TEST_F(FaultTest, AHugeHeaderIsTooLarge) {
    expect_error(send_to({expect(), say("HTTP/1.1 200 OK\r\nA: " + std::string(1u << 20, 'a'))}),
                 ErrorKind::too_large, true);
}

TEST_F(FaultTest, AHugeBodyIsTooLarge) {
    expect_error(send_to({expect(), say(answer(200, std::string(1u << 20, 'a')))}),
                 ErrorKind::too_large, true);
    expect_error(send_to({expect(), say("HTTP/1.1 200 OK\r\n\r\n" + std::string(1u << 20, 'a'))}),
                 ErrorKind::too_large, true);
}

TEST_F(FaultTest, AFailureLeavesNothingBehindForTheNextRequest) {
    const Script good = {expect(), say(answer(200, "good"))};
    for (const std::string& bad :
         {std::string("garbage\r\n\r\n"), answer(200, std::string(1u << 20, 'a')),
          "HTTP/1.1 200 OK\r\nA: " + std::string(1u << 20, 'a')}) {
        Server& server = serve({{expect(), say(bad)}, good});
        ClientSettings settings = settings_for(server);
        settings.body_limit = 8192;
        settings.connections = 1;
        connect(settings);
        EXPECT_FALSE(send(post()));
        expect_answer(send(post()), 200, "good");
    }
}

TEST_F(FaultTest, BytesBehindAnAnswerAreNotTakenForTheNext) {
    const Script first = {expect(), say(answer(200, "first") + answer(200, "stray"))};
    const Script second = {expect(), say(answer(200, "second"))};
    Server& server = serve({first, second});
    connect(settings_for(server));
    expect_answer(send(post()), 200, "first");
    expect_answer(send(post()), 200, "second");
    EXPECT_EQ(server.accepted(), 2);
}

TEST_F(FaultTest, BytesThatComeWhileIdleAreNotTakenForTheNextAnswer) {
    const Script first = {expect(), say(answer(200, "first")), say(answer(408, "idle too long"))};
    const Script second = {expect(), say(answer(200, "second"))};
    Server& server = serve({first, second});
    connect(settings_for(server));
    expect_answer(send(post()), 200, "first");
    run_until([&] { return server.played() == 1; });
    expect_answer(send(post()), 200, "second");
}

TEST_F(FaultTest, AConnectionClosedWhileIdleIsReplacedBeforeAnythingIsSent) {
    Server& server = serve({{expect(), say(answer(200, "x")), close()}});
    connect(settings_for(server));
    for (int i = 1; i <= 3; ++i) {
        expect_answer(send(post()), 200, "x");
        run_until([&] { return server.open() == 0; });
    }
    EXPECT_EQ(server.accepted(), 3);
    EXPECT_EQ(server.requests().size(), 3u);
}

TEST_F(FaultTest, AConnectionResetWhileIdleIsReplacedBeforeAnythingIsSent) {
    Server& server = serve({{expect(), say(answer(200, "x")), reset()}});
    connect(settings_for(server));
    for (int i = 1; i <= 3; ++i) {
        expect_answer(send(post()), 200, "x");
        run_until([&] { return server.open() == 0; });
    }
    EXPECT_EQ(server.requests().size(), 3u);
}

/// The connection is kept after a first answer, and closed once the second request has come.
std::vector<Script> closes_under_second_request() {
    return {{expect(), say(answer(200, "first")), expect(), close()},
            {expect(), say(answer(200, "again"))}};
}

TEST_F(FaultTest, AGetOnAKeptConnectionThatClosesIsRepeatedOnce) {
    Server& server = serve(closes_under_second_request());
    connect(settings_for(server));
    expect_answer(send(get("/")), 200, "first");
    expect_answer(send(get("/")), 200, "again");
    EXPECT_EQ(server.requests().size(), 3u);
}

TEST_F(FaultTest, AWriteOnAKeptConnectionThatClosesIsNeverRepeated) {
    for (const Method method : {Method::post, Method::put, Method::delete_}) {
        Server& server = serve(closes_under_second_request());
        connect(settings_for(server));
        expect_answer(send(get("/")), 200, "first");
        expect_error(send(Request(method, "/")), ErrorKind::closed, true);
        EXPECT_EQ(server.requests().size(), 2u);
        EXPECT_EQ(server.accepted(), 1);
    }
}

TEST_F(FaultTest, AGetIsRepeatedOnlyOnce) {
    Server& server =
        serve({{expect(), say(answer(200, "first")), expect(), close()}, {expect(), close()}});
    connect(settings_for(server));
    expect_answer(send(get("/")), 200, "first");
    expect_error(send(get("/")), ErrorKind::closed, true);
    EXPECT_EQ(server.requests().size(), 3u);
}

TEST_F(FaultTest, AGetThatWasPartlyAnsweredIsNotRepeated) {
    Server& server =
        serve({{expect(), say(answer(200, "first")), expect(), say("HTTP/1.1 2"), close()}});
    connect(settings_for(server));
    expect_answer(send(get("/")), 200, "first");
    expect_error(send(get("/")), ErrorKind::malformed, true);
    EXPECT_EQ(server.accepted(), 1);
}

TEST_F(FaultTest, ARequestThatCannotHaveArrivedWholeWasNotExecuted) {
    Server& server = serve({{swallow(1000), reset()}});
    connect(settings_for(server));
    expect_error(send(post(std::string(20u << 20, 'x'))), ErrorKind::closed, false);
    EXPECT_LT(server.received(), 20u << 20);
}

TEST_F(FaultTest, AKeptConnectionThatRefusesAWriteHalfwayIsReplaced) {
    Server& server = serve({{expect(), say(answer(200, "first")), swallow(1000), reset()},
                            {expect(), say(answer(200, "second"))}});
    connect(settings_for(server));
    expect_answer(send(get("/")), 200, "first");
    expect_answer(send(post(std::string(20u << 20, 'x'))), 200, "second");
    EXPECT_EQ(server.requests().size(), 2u);
}

TEST_F(FaultTest, ARefusedConnectionWasNotExecuted) {
    Server& server = serve({{echo()}});
    server.stop();
    connect(settings_for(server));
    const Result result = send(post());
    expect_error(result, ErrorKind::connect, false);
    EXPECT_NE(result.error().what.find("127.0.0.1:" + std::to_string(server.port())),
              std::string::npos)
        << result.error().what;
}

TEST_F(FaultTest, ErrorsShowNothingOfTheRequestOrTheAnswer) {
    const Result result =
        send_to({expect(), say("Dupont is no HTTP\r\n\r\n")}, post("Dupont", "/Dupont"));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().what.find("Dupont"), std::string::npos) << result.error().what;
}

} // namespace
} // namespace medibridge::http::test
