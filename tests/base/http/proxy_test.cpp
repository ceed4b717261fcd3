#include "certificates.hpp"
#include "fixture.hpp"

namespace medibridge::http::test {
namespace {

const std::string established = "HTTP/1.1 200 Connection established\r\n\r\n";

/// The example of RFC 7617 §2.
const std::string aladdin = "\r\nProxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n";

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

class ProxyTest : public HttpTest {
  protected:
    /// A client that reaches a TLS server at `localhost` through `proxy`.
    void connect_through(const Server& proxy, const Server& server) {
        connect_through(Proxy(proxy.url()), server);
    }
    void connect_through(const Proxy& proxy, const Server& server) {
        ClientSettings settings;
        settings.origin = server.url("localhost");
        settings.ca_file = authority_.ca_file();
        settings.proxy = proxy;
        connect(settings);
    }
    /// A client that reaches a plain server, which need not exist, through `proxy`.
    void connect_plainly(const Proxy& proxy) {
        ClientSettings settings;
        settings.origin = *parse_url("http://his.example:8080");
        settings.proxy = proxy;
        connect(settings);
    }
    Server& serve_tls(std::vector<Script> scripts) {
        return serve(std::move(scripts), server_context(authority_.issue("DNS:localhost")));
    }
    void expect_proxy_error(Script script) {
        Server& proxy = serve({std::move(script)});
        connect_through(proxy, serve_tls({{echo()}}));
        expect_error(send(post()), ErrorKind::proxy, false);
    }

    Authority authority_;
};

TEST_F(ProxyTest, TunnelsHttpsOnce) {
    Server& server = serve_tls({{echo()}});
    Server& proxy = serve({{expect(), say(established), tunnel(server.port())}});
    connect_through(proxy, server);
    for (int i = 0; i < 3; ++i)
        expect_answer(send(post("x", "/y")), 200, "/y\r\nx");
    const std::string target = "localhost:" + std::to_string(server.port());
    ASSERT_EQ(proxy.requests().size(), 1u);
    EXPECT_EQ(proxy.requests().front(),
              "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n\r\n");
    EXPECT_EQ(server.server_name(), "localhost");
}

TEST_F(ProxyTest, TheTunnelsAnswerMaySayAnythingButNo) {
    for (const std::string words :
         {"HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n",
          "HTTP/1.1 200 OK\r\nProxy-Connection: close\r\n\r\n",
          "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 OK\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
        Server& server = serve_tls({{echo()}});
        Server& proxy = serve({{expect(), say(words), tunnel(server.port())}});
        connect_through(proxy, server);
        expect_answer(send(post("x")), 200, "/\r\nx");
    }
}

TEST_F(ProxyTest, ChecksTheServersNameThroughTheTunnel) {
    Server& server = serve({{echo()}}, server_context(authority_.issue("DNS:other.example")));
    Server& proxy = serve({{expect(), say(established), tunnel(server.port())}});
    connect_through(proxy, server);
    expect_error(send(post()), ErrorKind::tls, false);
}

TEST_F(ProxyTest, ATunnelClosedWhileIdleIsReplaced) {
    Server& server = serve_tls({{expect(), say(answer(200, "x")), close_notify()}});
    Server& proxy = serve({{expect(), say(established), tunnel(server.port())}});
    connect_through(proxy, server);
    for (int i = 0; i < 2; ++i) {
        expect_answer(send(post()), 200, "x");
        run_until([&] { return server.open() == 0 && proxy.open() == 0; });
    }
    EXPECT_EQ(server.requests().size(), 2u);
}

TEST_F(ProxyTest, ARefusalIsAProxyErrorWithItsStatus) {
    Server& proxy = serve({{expect(), say(answer(407, "no"))}});
    connect_through(proxy, serve_tls({{echo()}}));
    const Result result = send(post());
    expect_error(result, ErrorKind::proxy, false);
    EXPECT_NE(result.error().what.find("407"), std::string::npos) << result.error().what;
}

TEST_F(ProxyTest, ShowsItsCredentialsToTheProxyAndToNobodyElse) {
    Server& server = serve_tls({{echo()}});
    Server& proxy = serve({{expect(), say(established), tunnel(server.port())}});
    connect_through(Proxy(proxy.url(), "Aladdin", "open sesame"), server);
    expect_answer(send(post("x")), 200, "/\r\nx");
    EXPECT_TRUE(has(proxy.requests().front(), aladdin)) << proxy.requests().front();
    EXPECT_FALSE(has(server.requests().front(), "Proxy-Authorization"));
}

TEST_F(ProxyTest, ShowsItsCredentialsWithPlainRequestsToo) {
    Server& proxy = serve({{echo()}});
    connect_plainly(Proxy(proxy.url(), "Aladdin", "open sesame"));
    for (int i = 0; i < 2; ++i)
        EXPECT_TRUE(send(get("/x")));
    ASSERT_EQ(proxy.requests().size(), 2u);
    for (const auto& request : proxy.requests())
        EXPECT_TRUE(has(request, aladdin)) << request;
}

TEST_F(ProxyTest, SendsNoCredentialsWhereThereAreNone) {
    Server& proxy = serve({{echo()}});
    connect_plainly(Proxy(proxy.url()));
    EXPECT_TRUE(send(get()));
    EXPECT_FALSE(has(proxy.requests().front(), "Proxy-Authorization"));
}

// RFC 7617 §2: user and password, with a colon between, in Base64.
TEST(ProxyCredentialsTest, AreBasic) {
    const Url url = *parse_url("http://proxy:3128");
    EXPECT_EQ(Proxy(url).authorization(), "");
    EXPECT_EQ(Proxy(url, "Aladdin", "open sesame").authorization(),
              "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    EXPECT_EQ(Proxy(url, "test", "123\xC2\xA3").authorization(), "Basic dGVzdDoxMjPCow==");
    EXPECT_EQ(Proxy(url, "a", "b").authorization(), "Basic YTpi");
    EXPECT_EQ(Proxy(url, "a", "").authorization(), "Basic YTo=");
    EXPECT_EQ(Proxy(url, "a", "b:c").authorization(), "Basic YTpiOmM=");
}

// RFC 9110 §15.5.8: the proxy has passed nothing on, and it is not the server that refuses.
TEST_F(ProxyTest, A407IsTheProxysAndSaysWhatIsMissing) {
    const std::string refusal = answer(407, "<html>", "Proxy-Authenticate: Basic realm=\"x\"\r\n");
    for (const bool tunnels : {true, false}) {
        for (const bool with_credentials : {true, false}) {
            Server& proxy = serve({{expect(), say(refusal)}});
            const auto way =
                with_credentials ? Proxy(proxy.url(), "u", "planted-secret") : Proxy(proxy.url());
            if (tunnels)
                connect_through(way, serve_tls({{echo()}}));
            else
                connect_plainly(way);
            const Result result = send(post());
            expect_error(result, ErrorKind::proxy, false);
            const std::string& what = result.error().what;
            EXPECT_TRUE(has(what, "407: the proxy 127.0.0.1:")) << what;
            EXPECT_TRUE(has(what, with_credentials ? "refuses the credentials: check `proxy.user`"
                                                   : "wants credentials: set `proxy.user`"))
                << what;
            EXPECT_FALSE(has(what, "planted-secret"));
        }
    }
}

TEST_F(ProxyTest, A407WithoutAProxyIsTheServersAnswer) {
    connect(settings_for(serve({{expect(), say(answer(407, "odd"))}})));
    expect_answer(send(post()), 407, "odd");
}

TEST_F(ProxyTest, ARefusalLeavesNothingBehindForTheNextTry) {
    Server& server = serve_tls({{echo()}});
    Server& proxy = serve({{expect(), say(answer(503, "a page of words"))},
                           {expect(), say(established), tunnel(server.port())}});
    connect_through(proxy, server);
    expect_error(send(post()), ErrorKind::proxy, false);
    expect_answer(send(post("x")), 200, "/\r\nx");
}

TEST_F(ProxyTest, WhatIsNoAnswerToConnectIsAProxyError) {
    expect_proxy_error({expect(), close()});
    expect_proxy_error({expect(), reset()});
    expect_proxy_error({expect(), say("HTTP/1.1 20"), close()});
    expect_proxy_error({expect(), say("SOCKS?\r\n\r\n")});
    expect_proxy_error({expect(), say("HTTP/1.1 200 OK\r\nA: " + std::string(1u << 20, 'a'))});
    expect_proxy_error({expect(), say(established + "and more")});
}

TEST_F(ProxyTest, AProxyThatIsNotThereIsAConnectError) {
    Server& proxy = serve({{echo()}});
    proxy.stop();
    connect_through(proxy, serve_tls({{echo()}}));
    expect_error(send(post()), ErrorKind::connect, false);
}

TEST_F(ProxyTest, SendsHttpInTheAbsoluteForm) {
    Server& proxy = serve({{echo()}});
    ClientSettings settings;
    settings.origin = *parse_url("http://his.example:8080");
    settings.proxy = Proxy(proxy.url());
    connect(settings);
    const std::string target = "http://his.example:8080/x?y=1";
    for (int i = 0; i < 2; ++i)
        expect_answer(send(get("/x?y=1")), 200, target + "\r\n");
    EXPECT_EQ(proxy.accepted(), 1);
    EXPECT_TRUE(proxy.requests().front().starts_with("GET " + target +
                                                     " HTTP/1.1\r\nHost: his.example:8080\r\n"));
}

TEST_F(ProxyTest, AnHttpsProxyIsRefusedAtOnce) {
    ClientSettings settings;
    settings.origin = *parse_url("http://his.example");
    settings.proxy = Proxy(*parse_url("https://proxy.example"));
    EXPECT_THROW(connect(settings), std::runtime_error);
}

} // namespace
} // namespace medibridge::http::test
