#include "base/http/trust.hpp"

#include "base/files/open.hpp"
#include "base/http/certificates.hpp"

#include <boost/asio/ip/address.hpp>
#include <cstdlib>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdexcept>
#include <unistd.h>

namespace medibridge::http {

namespace ssl = boost::asio::ssl;

namespace {

std::string from_environment(const char* variable, const char* otherwise) {
    const char* value = std::getenv(variable);
    return value != nullptr ? value : otherwise;
}

/// OpenSSL treats a missing store as an empty one: every server would be refused without a clear
/// reason.
void require_system_store() {
    const auto file =
        from_environment(X509_get_default_cert_file_env(), X509_get_default_cert_file());
    const auto folder =
        from_environment(X509_get_default_cert_dir_env(), X509_get_default_cert_dir());
    const auto bundle = files::open_given(file);
    if (bundle) return;
    // OpenSSL opens it by itself, and would wait for a pipe.
    if (bundle.error().error == 0)
        throw std::runtime_error("the system's trust store " + file + " " + bundle.error().text);
    if (access(folder.c_str(), R_OK | X_OK) == 0) return;
    throw std::runtime_error("cannot read the system's trust store (" + file + " or " + folder +
                             "): install ca-certificates or name a CA file");
}

void load_trust(ssl::context& context, const std::string& ca_file) {
    if (!ca_file.empty()) {
        trust_certificates(context.native_handle(), ca_file);
        return;
    }
    require_system_store();
    boost::system::error_code failure;
    context.set_default_verify_paths(failure);
    if (failure)
        throw std::runtime_error("cannot read the system's trust store: " + failure.message());
}

} // namespace

ssl::context make_tls_context(const std::string& ca_file, const std::string& crl_file) {
    constexpr unsigned char only_http_1_1[] = "\x08http/1.1";
    ssl::context context(ssl::context::tls_client);
    SSL_CTX* native = context.native_handle();
    if (SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_alpn_protos(native, only_http_1_1, sizeof only_http_1_1 - 1) != 0)
        throw std::runtime_error("cannot set up TLS");
    SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION); // a handshake costs; one is enough
    context.set_verify_mode(ssl::verify_peer);
    load_trust(context, ca_file);
    if (!crl_file.empty()) refuse_revoked(native, crl_file);
    if (!ca_file.empty())
        X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(native), X509_V_FLAG_PARTIAL_CHAIN);
    return context;
}

bool expect_host(SSL* session, const std::string& host) {
    X509_VERIFY_PARAM* checks = SSL_get0_param(session);
    boost::system::error_code not_an_address;
    boost::asio::ip::make_address(host, not_an_address);
    if (!not_an_address) return X509_VERIFY_PARAM_set1_ip_asc(checks, host.c_str()) == 1;
    // Names in certificates and SNI have no final dot. For OpenSSL an empty name means any name.
    const std::string name = host.ends_with('.') ? host.substr(0, host.size() - 1) : host;
    // A name is what the certificate lists as one (RFC 9110 §4.3.4), never its subject.
    X509_VERIFY_PARAM_set_hostflags(checks, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                                                X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    return !name.empty() && X509_VERIFY_PARAM_set1_host(checks, name.c_str(), 0) == 1 &&
           SSL_set_tlsext_host_name(session, name.c_str()) == 1;
}

std::string handshake_failure(SSL* session, const boost::system::error_code& failure) {
    const long verdict = SSL_get_verify_result(session);
    if (verdict == X509_V_OK) return failure.message();
    return std::string("certificate refused: ") + X509_verify_cert_error_string(verdict);
}

} // namespace medibridge::http
