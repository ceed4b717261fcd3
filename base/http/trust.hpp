#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>
#include <string>

/// Internal to the room: which servers a TLS client trusts.
namespace medibridge::http {

/// TLS 1.2 or later, with certificates checked against `ca_file` or, if it is empty, the system's
/// trust store. Every certificate in `ca_file` is trusted, whether or not it is a root: a hospital
/// often has only the issuing authority. With a `crl_file`, as refuse_revoked() does. Throws
/// std::runtime_error if that cannot be read.
boost::asio::ssl::context make_tls_context(const std::string& ca_file, const std::string& crl_file);

/// Makes the handshake demand a certificate for `host`, a name or an address. False if OpenSSL does
/// not accept the host: the session must then not be used, because it may check no name at all.
[[nodiscard]] bool expect_host(SSL* session, const std::string& host);

/// Why a handshake failed, in words for an operator.
std::string handshake_failure(SSL* session, const boost::system::error_code& failure);

} // namespace medibridge::http
