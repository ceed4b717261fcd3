#include "certificate_folder.hpp"
#include "connectors/hl7v2/mllp_frame.hpp"
#include "corpus.hpp"
#include "listener_rig.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <fstream>
#include <gmock/gmock.h>

namespace medibridge::connectors::hl7::test {
namespace {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using testing::ElementsAre;
using testing::HasSubstr;

class ListenerTlsTest : public ListenerTest {
  protected:
    ListenerTlsTest() {
        certificates_.issue("server");
        certificates_.issue("sender");
        strangers_.issue("sender");
        settings_.tls =
            ServerTls{certificates_.path("server.pem"), certificates_.path("server.key"), ""};
    }

    /// Sends one message with these credentials; `AA m1`, or what went wrong.
    std::string ask(const std::string& certificate, const std::string& key,
                    int most = TLS1_3_VERSION) {
        asio::io_context io;
        ssl::context context(ssl::context::tls_client);
        context.load_verify_file(certificates_.ca());
        context.set_verify_mode(ssl::verify_peer);
        SSL_CTX_set_max_proto_version(context.native_handle(), most);
        if (!certificate.empty()) {
            context.use_certificate_chain_file(certificate);
            context.use_private_key_file(key, ssl::context::pem);
        }
        ssl::stream<asio::ip::tcp::socket> stream(io, context);
        stream.next_layer().connect({asio::ip::address_v4::loopback(), port_});
        boost::system::error_code error;
        stream.handshake(ssl::stream_base::client, error);
        if (error) return "no handshake";
        const auto block = framed(message("A08", {pid("1")}, "m1"));
        asio::write(stream, asio::buffer(block), error);
        std::string answer;
        asio::read_until(stream, asio::dynamic_buffer(answer), std::string("\x1c\r"), error);
        if (error) return "no answer";
        stream.shutdown(error);
        return told(answer);
    }

    CertificateFolder certificates_;
    CertificateFolder strangers_;
};

TEST_F(ListenerTlsTest, MessagesTravelUnderTls) {
    start();
    EXPECT_EQ(ask("", ""), "AA m1");
    EXPECT_EQ(ask("", "", TLS1_2_VERSION), "AA m1");
    EXPECT_EQ(ask("", "", TLS1_1_VERSION), "no handshake");
    EXPECT_THAT(reasons("mllp.listening"), ElementsAre(HasSubstr(", TLS")));
    EXPECT_THAT(reasons("mllp.connection_failed"), ElementsAre(HasSubstr("TLS: ")));
}

TEST_F(ListenerTlsTest, TheEndOfItsOwnCertificateIsToldToMonitoring) {
    EXPECT_FALSE(figures_->own_certificate_ends);
    start();
    ASSERT_TRUE(figures_->own_certificate_ends);
    const auto left = *figures_->own_certificate_ends - std::chrono::system_clock::now();
    EXPECT_GT(left, std::chrono::hours(1));
    EXPECT_LT(left, std::chrono::hours(24 * 4'000));
}

TEST_F(ListenerTlsTest, SendersMustShowTheRightCertificateWhereThatIsAsked) {
    settings_.tls->client_ca_file = certificates_.ca();
    start();
    EXPECT_EQ(ask(certificates_.path("sender.pem"), certificates_.path("sender.key")), "AA m1");
    EXPECT_EQ(ask(certificates_.path("sender.pem"), certificates_.path("sender.key")), "AA m1");
    EXPECT_THAT(ask("", ""), testing::AnyOf("no handshake", "no answer"));
    EXPECT_THAT(ask(strangers_.path("sender.pem"), strangers_.path("sender.key")),
                testing::AnyOf("no handshake", "no answer"));
    on_io([this] { EXPECT_EQ(inbox_.puts(), 2u); });
    EXPECT_EQ(reasons("mllp.connection_failed").size(), 2u);
    EXPECT_THAT(reasons("mllp.connection_failed").back(), HasSubstr("certificate refused"));
}

TEST_F(ListenerTlsTest, ASenderWhoseCertificateIsRevokedIsRefused) {
    certificates_.issue("lost");
    settings_.tls->client_ca_file = certificates_.ca();
    settings_.tls->client_crl_file = certificates_.revoke({"lost"});
    start();
    const auto asked = [this](const std::string& name) {
        return ask(certificates_.path(name + ".pem"), certificates_.path(name + ".key"));
    };
    EXPECT_THAT(asked("lost"), testing::AnyOf("no handshake", "no answer"));
    EXPECT_EQ(asked("sender"), "AA m1");
    EXPECT_THAT(reasons("mllp.connection_failed"), ElementsAre(HasSubstr("revoked")));
    on_io([this] { EXPECT_EQ(inbox_.puts(), 1u); });
}

TEST_F(ListenerTlsTest, WithoutAValidListNobodyIsLetIn) {
    settings_.tls->client_ca_file = certificates_.ca();
    settings_.tls->client_crl_file = strangers_.revoke({}); // another authority's
    start();
    EXPECT_THAT(ask(certificates_.path("sender.pem"), certificates_.path("sender.key")),
                testing::AnyOf("no handshake", "no answer"));
    on_io([this] { EXPECT_EQ(inbox_.puts(), 0u); });
}

TEST_F(ListenerTlsTest, APlainSenderIsLeft) {
    limits_.handshake = std::chrono::milliseconds(300);
    start();
    auto plain = connect();
    plain.send(framed(message("A08", {pid("1")}, "m1")));
    EXPECT_TRUE(plain.is_closed());
    auto silent = connect();
    EXPECT_TRUE(silent.is_closed()) << "a handshake has a bound";
    on_io([this] { EXPECT_EQ(inbox_.puts(), 0u); });
}

TEST_F(ListenerTlsTest, StoppingEndsAnIdleSession) {
    start();
    asio::io_context io;
    ssl::context context(ssl::context::tls_client);
    ssl::stream<asio::ip::tcp::socket> stream(io, context);
    stream.next_layer().connect({asio::ip::address_v4::loopback(), port_});
    stream.handshake(ssl::stream_base::client);
    on_io([this] { inbox_.hold(io_.get_executor()); });
    asio::write(stream, asio::buffer(framed(message("A08", {pid("1")}, "m1"))));
    wait_until([this] { return inbox_.waiting() == 1; });
    std::string answer;
    std::thread reader([&] {
        boost::system::error_code error;
        asio::read_until(stream, asio::dynamic_buffer(answer), std::string("\x1c\r"), error);
    });
    on_io([this] {
        // Released only once the listener stops reading.
        asio::post(io_, [this] { inbox_.release(); });
    });
    stop();
    reader.join();
    EXPECT_EQ(told(answer), "AA m1");
}

TEST_F(ListenerTlsTest, CertificatesThatCannotBeUsedAreSaid) {
    const auto refused = [this](ServerTls tls) {
        auto settings = settings_;
        settings.tls = std::move(tls);
        std::string said;
        on_io([&] {
            try {
                const MllpListener other(environment(), settings, inbox_);
            } catch (const std::runtime_error& error) {
                said = error.what();
            }
        });
        return said;
    };
    const auto good = *settings_.tls;
    auto bad = good;
    bad.certificate_file = "/nowhere";
    EXPECT_THAT(refused(bad), HasSubstr("/nowhere"));
    bad = good;
    bad.key_file = certificates_.path("sender.key");
    EXPECT_THAT(refused(bad), HasSubstr("sender.key"));
    bad = good;
    bad.client_ca_file = certificates_.path("server.key");
    EXPECT_THAT(refused(bad), HasSubstr("server.key"));
    EXPECT_EQ(refused(good), "");
}

TEST_F(ListenerTlsTest, ListeningToTheWorldInClearIsToldOnce) {
    settings_.tls.reset();
    settings_.listen.host = "0.0.0.0";
    start();
    EXPECT_THAT(reasons("mllp.unencrypted"), ElementsAre(HasSubstr("0.0.0.0:")));
    EXPECT_EQ(connect().ask(message("A08", {pid("1")}, "m1")), "AA m1");
}

} // namespace
} // namespace medibridge::connectors::hl7::test
