#pragma once

#include <chrono>
#include <optional>
#include <string>

struct ssl_ctx_st;    // OpenSSL's SSL_CTX
struct stack_st_X509; // OpenSSL's STACK_OF(X509)

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

/// When the first certificate of the chain ends; nothing: there is none.
std::optional<std::chrono::sys_seconds> first_end(const stack_st_X509* chain);

/// When the first certificate of the chain that is shown ends; nothing: none is shown.
std::optional<std::chrono::sys_seconds> shown_certificate_end(ssl_ctx_st* context);

/// The key of the certificate that is shown. One with a passphrase is refused.
void use_private_key(ssl_ctx_st* context, const std::string& file);

} // namespace medibridge::http
