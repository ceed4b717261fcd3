#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>
#include <string>

/// Internal to the room: whom a TLS client believes.
namespace medibridge::http {

/// TLS 1.2 or later, with certificates checked against `ca_file` or, if it is empty, the system's
/// trust store. Every certificate in `ca_file` is believed as it stands, whether or not it is the
/// root: a hospital often has only the authority that issues. Throws std::runtime_error if that
/// cannot be read.
boost::asio::ssl::context make_tls_context(const std::string& ca_file);

/// Makes the handshake demand a certificate for `host`, a name or an address. False if OpenSSL
/// takes no such host: the session must not be used then, as it may check no name at all.
[[nodiscard]] bool expect_host(SSL* session, const std::string& host);

/// What a failed handshake failed of, in words for an operator.
std::string handshake_failure(SSL* session, const boost::system::error_code& failure);

} // namespace medibridge::http
