#include "base/http/reach.hpp"
#include "base/http/trust.hpp"

#include "certificates.hpp"
#include "fixture.hpp"
#include "lookup.hpp"

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <fstream>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdexcept>

namespace medibridge::http::test {
namespace {

namespace ssl = boost::asio::ssl;

class TlsTest : public HttpTest {
  protected:
    /// A server that shows `identity`, and a client that calls it `host`.
    Server& meet(const Identity& identity, const std::string& host,
                 std::vector<Script> scripts = {{echo()}}) {
        return meet(server_context(identity), host, std::move(scripts));
    }
    Server& meet(std::shared_ptr<ssl::context> context, const std::string& host,
                 std::vector<Script> scripts = {{echo()}}) {
        Server& server = serve(std::move(scripts), std::move(context));
        ClientSettings settings;
        settings.origin = server.url(host);
        settings.ca_file = authority_.ca_file();
        connect(settings);
        return server;
    }

    void expect_refused(const std::string& why) {
        const Result result = send(post());
        expect_error(result, ErrorKind::tls, false);
        EXPECT_NE(result.error().what.find(why), std::string::npos) << result.error().what;
        EXPECT_TRUE(servers_.back().requests().empty());
    }

    Authority authority_;
};

TEST_F(TlsTest, SpeaksToAServerThatProvesItsName) {
    Server& server = meet(authority_.issue("DNS:localhost"), "localhost");
    for (int i = 0; i < 3; ++i)
        expect_answer(send(post("x")), 200, "/\r\nx");
    EXPECT_EQ(server.accepted(), 1);
    EXPECT_EQ(server.server_name(), "localhost");
    EXPECT_EQ(server.tls_version(), "TLSv1.3");
}

TEST_F(TlsTest, SpeaksToAServerThatProvesItsAddress) {
    Server& server = meet(authority_.issue("IP:127.0.0.1"), "127.0.0.1");
    expect_answer(send(post("x")), 200, "/\r\nx");
    EXPECT_EQ(server.server_name(), "") << "an address is no server name";
}

TEST_F(TlsTest, TakesTheRootsDotForNoPartOfTheName) {
    Lookup lookup;
    lookup.answer({"127.0.0.1"});
    Server& server = meet(authority_.issue("DNS:his.test"), "his.test.");
    expect_answer(send(post("x")), 200, "/\r\nx");
    EXPECT_EQ(server.server_name(), "his.test");
}

TEST_F(TlsTest, RefusesAnotherName) {
    meet(authority_.issue("DNS:other.example"), "localhost");
    expect_refused("ostname mismatch");
}

TEST_F(TlsTest, RefusesAnotherAddress) {
    meet(authority_.issue("IP:127.0.0.2,DNS:localhost"), "127.0.0.1");
    expect_refused("IP address mismatch");
}

TEST_F(TlsTest, RefusesANameThatOnlyTheSubjectShowsForAnAddress) {
    meet(authority_.issue("DNS:127.0.0.1"), "127.0.0.1");
    expect_refused("IP address mismatch");
}

TEST_F(TlsTest, RefusesANameThatOnlyTheSubjectShows) {
    meet(authority_.issue_by_subject("localhost"), "localhost");
    expect_refused("ostname mismatch");
}

TEST_F(TlsTest, RefusesARevokedCertificate) {
    const Identity good = authority_.issue("DNS:localhost");
    const Identity revoked = authority_.issue("DNS:localhost");
    const Authority stranger;
    struct Case {
        const Identity& identity;
        std::string crl_file;
        const char* refused;
    };
    for (const auto& one : {Case{good, authority_.crl_file({revoked}), ""},
                            Case{revoked, authority_.crl_file({revoked}), "certificate revoked"},
                            Case{good, stranger.crl_file({}), "unable to get certificate CRL"}}) {
        Server& server = serve({{echo()}}, server_context(one.identity));
        ClientSettings settings;
        settings.origin = server.url("localhost");
        settings.ca_file = authority_.ca_file();
        settings.crl_file = one.crl_file;
        connect(settings);
        if (*one.refused == '\0')
            expect_answer(send(post("x")), 200, "/\r\nx");
        else
            expect_refused(one.refused);
    }
    ClientSettings expired;
    Server& server = serve({{echo()}}, server_context(good));
    expired.origin = server.url("localhost");
    expired.ca_file = authority_.ca_file();
    expired.crl_file = authority_.crl_file({}, -1);
    connect(expired);
    expect_refused("CRL has expired");
}

TEST_F(TlsTest, RefusesAnExpiredCertificate) {
    meet(authority_.issue("DNS:localhost", -1), "localhost");
    expect_refused("expired");
}

TEST_F(TlsTest, RefusesASelfSignedCertificate) {
    meet(Authority::self_signed("DNS:localhost"), "localhost");
    expect_refused("self-signed");
}

TEST_F(TlsTest, RefusesACertificateOfAnUnknownAuthority) {
    const Authority stranger;
    meet(stranger.issue("DNS:localhost"), "localhost");
    expect_refused("unable to get local issuer");
}

// A hospital that opens TLS often hands out the authority that issues, and not its root
// (RFC 5280 §6.1: a trust anchor is whom one chooses to believe).
TEST_F(TlsTest, BelievesAnAuthorityThatIsNotTheRoot) {
    const auto issuing = authority_.intermediate();
    Server& server = serve({{echo()}}, server_context(issuing->issue("DNS:localhost")));
    ClientSettings settings;
    settings.origin = server.url("localhost");
    settings.ca_file = issuing->ca_file();
    connect(settings);
    expect_answer(send(post("x")), 200, "/\r\nx");
}

TEST_F(TlsTest, BelievesTheServersOwnCertificateWhereItIsNamed) {
    const Identity identity = Authority::self_signed("DNS:localhost");
    Server& server = serve({{echo()}}, server_context(identity));
    ClientSettings settings;
    settings.origin = server.url("localhost");
    settings.ca_file = write_certificate(authority_.folder() / "server.pem", identity);
    connect(settings);
    expect_answer(send(post("x")), 200, "/\r\nx");
}

TEST_F(TlsTest, AnAuthorityThatIsNotTheRootVouchesForItsOwnOnly) {
    const auto issuing = authority_.intermediate();
    ClientSettings settings;
    settings.ca_file = issuing->ca_file();
    const Authority stranger;
    for (const auto& [identity, why] :
         {std::pair(authority_.issue("DNS:localhost"), "unable to get local issuer"),
          std::pair(stranger.issue("DNS:localhost"), "unable to get local issuer"),
          std::pair(issuing->issue("DNS:other.example"), "ostname mismatch"),
          std::pair(issuing->issue("DNS:localhost", -1), "expired")}) {
        Server& server = serve({{echo()}}, server_context(identity));
        settings.origin = server.url("localhost");
        connect(settings);
        expect_refused(why);
    }
}

TEST_F(TlsTest, TheSystemsStoreDoesNotKnowAPrivateAuthority) {
    Server& server = serve({{echo()}}, server_context(authority_.issue("DNS:localhost")));
    ClientSettings settings;
    settings.origin = server.url("localhost");
    connect(settings);
    expect_refused("unable to get local issuer");
}

TEST_F(TlsTest, SpeaksTls12ButNothingOlder) {
    const Identity identity = authority_.issue("DNS:localhost");
    auto newer = server_context(identity);
    SSL_CTX_set_max_proto_version(newer->native_handle(), TLS1_2_VERSION);
    Server& server = meet(newer, "localhost");
    expect_answer(send(post("x")), 200, "/\r\nx");
    EXPECT_EQ(server.tls_version(), "TLSv1.2");
    auto older = server_context(identity);
    SSL_CTX_set_cipher_list(older->native_handle(), "ALL:@SECLEVEL=0");
    SSL_CTX_set_min_proto_version(older->native_handle(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(older->native_handle(), TLS1_1_VERSION);
    meet(older, "localhost");
    expect_error(send(post()), ErrorKind::tls, false);
}

TEST_F(TlsTest, AServerWithoutTlsIsATlsError) {
    Server& server = serve({{say("HTTP/1.1 400 Bad Request\r\n\r\n")}});
    ClientSettings settings = settings_for(server);
    settings.origin.scheme = "https";
    settings.ca_file = authority_.ca_file();
    connect(settings);
    expect_error(send(post()), ErrorKind::tls, false);
}

TEST_F(TlsTest, AServerThatClosesInTheHandshakeHasExecutedNothing) {
    Server& server = serve({{swallow(1), close()}});
    ClientSettings settings = settings_for(server);
    settings.origin.scheme = "https";
    settings.ca_file = authority_.ca_file();
    connect(settings);
    expect_error(send(post()), ErrorKind::closed, false);
}

TEST_F(TlsTest, CarriesBodiesOfManyRecords) {
    Server& server = meet(authority_.issue("DNS:localhost"), "localhost");
    const std::string body(3u << 20, 'x');
    const Result result = send(post(body));
    ASSERT_TRUE(result) << result.error().what;
    EXPECT_EQ(result->body.size(), body.size() + 3);
    expect_answer(send(post("x")), 200, "/\r\nx");
    EXPECT_EQ(server.accepted(), 1);
}

TEST_F(TlsTest, SharesFewConnectionsAmongManyRequests) {
    Server& server = meet(authority_.issue("DNS:localhost"), "localhost");
    std::vector<Pending> pending;
    for (int i = 0; i < 200; ++i)
        pending.push_back(start(post(std::to_string(i))));
    for (int i = 0; i < 200; ++i)
        expect_answer(finish(pending[i]), 200, "/\r\n" + std::to_string(i));
    EXPECT_EQ(server.accepted(), 8);
}

TEST_F(TlsTest, AConnectionClosedWhileIdleIsReplacedBeforeAnythingIsSent) {
    for (const Step& end : {close(), close_notify(), reset()}) {
        Server& server = meet(authority_.issue("DNS:localhost"), "localhost",
                              {{expect(), say(answer(200, "x")), end}});
        for (int i = 0; i < 2; ++i) {
            expect_answer(send(post()), 200, "x");
            run_until([&] { return server.open() == 0; });
        }
        EXPECT_EQ(server.requests().size(), 2u);
    }
}

TEST_F(TlsTest, AnUnframedAnswerMustEndWithTls) {
    const std::string bytes = "HTTP/1.1 200 OK\r\n\r\nall of it";
    const Identity identity = authority_.issue("DNS:localhost");
    meet(identity, "localhost", {{expect(), say(bytes), close_notify()}});
    expect_answer(send(post()), 200, "all of it");
    meet(identity, "localhost", {{expect(), say(bytes), close()}});
    expect_error(send(post()), ErrorKind::malformed, true);
}

TEST_F(TlsTest, ClosedBeforeTheAnswerMayHaveBeenExecuted) {
    const Identity identity = authority_.issue("DNS:localhost");
    for (const Step& end : {close(), close_notify(), reset()}) {
        meet(identity, "localhost", {{expect(), end}});
        expect_error(send(post()), ErrorKind::closed, true);
    }
}

TEST_F(TlsTest, ARequestThatCannotHaveArrivedWholeWasNotExecuted) {
    meet(authority_.issue("DNS:localhost"), "localhost", {{swallow(1000), reset()}});
    expect_error(send(post(std::string(20u << 20, 'x'))), ErrorKind::closed, false);
}

TEST_F(TlsTest, AnUnreadableTrustStoreIsSaidAtOnce) {
    ClientSettings settings;
    settings.origin = *parse_url("https://localhost/");
    settings.ca_file = (authority_.folder() / "none.pem").string();
    EXPECT_THROW(connect(settings), std::runtime_error);
    settings.ca_file = (authority_.folder() / "empty.pem").string();
    std::ofstream(settings.ca_file) << "no certificate\n";
    EXPECT_THROW(connect(settings), std::runtime_error);
}

TEST_F(TlsTest, AMissingSystemStoreIsSaidAtOnce) {
    ClientSettings settings;
    settings.origin = *parse_url("https://localhost/");
    setenv("SSL_CERT_FILE", (authority_.folder() / "none.pem").c_str(), 1);
    setenv("SSL_CERT_DIR", (authority_.folder() / "none").c_str(), 1);
    EXPECT_THROW(connect(settings), std::runtime_error);
    unsetenv("SSL_CERT_FILE");
    unsetenv("SSL_CERT_DIR");
    EXPECT_NO_THROW(connect(settings));
}

class ReachTest : public TlsTest {
  protected:
    Reach reach_to(const Identity& identity, const std::string& host) {
        ClientSettings settings = settings_for(serve({{}}, server_context(identity)));
        settings.origin = servers_.back().url(host);
        settings.ca_file = authority_.ca_file();
        std::optional<Reach> found;
        boost::asio::co_spawn(io_, reach(io_.get_executor(), settings),
                              [&](const std::exception_ptr&, Reach it) { found = std::move(it); });
        run_until([&] { return found.has_value(); });
        return *found;
    }
};

TEST_F(ReachTest, TellsWhenTheFirstCertificateOfTheChainEnds) {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const auto found = reach_to(authority_.issue("DNS:localhost", 1), "localhost");
    EXPECT_FALSE(found.failure) << found.failure->what;
    ASSERT_TRUE(found.certificate_ends);
    EXPECT_GT(*found.certificate_ends, now);
    EXPECT_LE(*found.certificate_ends, now + std::chrono::days(1));
}

TEST_F(ReachTest, TellsWhyACertificateIsRefused) {
    const auto found = reach_to(authority_.issue("DNS:other.test"), "localhost");
    ASSERT_TRUE(found.failure);
    EXPECT_EQ(found.failure->kind, ErrorKind::tls);
    EXPECT_FALSE(found.certificate_ends);
}

/// What one end has to say, to the other.
void pass_on(SSL* from, SSL* to) {
    std::array<char, 16384> bytes;
    for (int size = 0; (size = BIO_read(SSL_get_wbio(from), bytes.data(), bytes.size())) > 0;)
        BIO_write(SSL_get_rbio(to), bytes.data(), size);
}

TEST_F(TlsTest, AnotherHandshakeWithinASessionIsRefused) {
    const auto server_side = server_context(authority_.issue("DNS:localhost"));
    auto client_side = make_tls_context(authority_.ca_file(), {});
    SSL_CTX_set_max_proto_version(server_side->native_handle(), TLS1_2_VERSION); // 1.3 has none
    const std::unique_ptr<SSL, void (*)(SSL*)> server(SSL_new(server_side->native_handle()),
                                                      SSL_free);
    const std::unique_ptr<SSL, void (*)(SSL*)> client(SSL_new(client_side.native_handle()),
                                                      SSL_free);
    for (auto* end : {server.get(), client.get()})
        SSL_set_bio(end, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(server.get());
    SSL_set_connect_state(client.get());
    char byte = 0;
    const auto talk = [&] {
        for (int i = 0; i < 10; ++i) {
            SSL_read(client.get(), &byte, 1);
            pass_on(client.get(), server.get());
            SSL_read(server.get(), &byte, 1);
            pass_on(server.get(), client.get());
        }
    };
    ASSERT_TRUE(expect_host(client.get(), "localhost"));
    talk();
    ASSERT_TRUE(SSL_is_init_finished(client.get()) && SSL_is_init_finished(server.get()));
    ERR_clear_error();
    SSL_renegotiate(server.get());
    SSL_do_handshake(server.get());
    pass_on(server.get(), client.get());
    talk();
    EXPECT_EQ(SSL_total_renegotiations(client.get()), 0);
    EXPECT_EQ(SSL_num_renegotiations(client.get()), 0);
}

} // namespace
} // namespace medibridge::http::test
