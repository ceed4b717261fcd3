#pragma once

#include <string>

struct ssl_ctx_st; // OpenSSL's SSL_CTX

/// Certificates and keys out of PEM files, for clients and servers. The files are read by
/// files::open_given(), never by OpenSSL, which would wait for a pipe. All throw
/// std::runtime_error that names the file.
namespace medibridge::http {

/// Trusts every certificate of the file.
void trust_certificates(ssl_ctx_st* context, const std::string& file);

/// Refuses a peer whose certificate is named by the revocation lists (CRL) of the file, and one
/// whose authority has no list there that is still valid (RFC 5280 §5).
void refuse_revoked(ssl_ctx_st* context, const std::string& file);

/// Shows the file's first certificate to peers, with the others as its chain.
void show_certificate(ssl_ctx_st* context, const std::string& file);

/// The key of the certificate that is shown. One with a passphrase is refused.
void use_private_key(ssl_ctx_st* context, const std::string& file);

} // namespace medibridge::http
