#pragma once

#include "base/http/url.hpp"
#include "config/secret.hpp"
#include "config/value_types.hpp"

#include <optional>
#include <string>
#include <variant>

/// What sources that are asked over HTTP have in common: `auth`, and `timeout`, `ca_file`,
/// `crl_file`, `proxy`.
namespace medibridge::config {

struct Value;
class Report;

struct NoAuth {};
struct BearerAuth {
    Secret token;
};
struct BasicAuth {
    std::string user;
    Secret password;
};
struct HeaderAuth {
    std::string name;
    Secret value;
};
/// What is sent with each request as it is.
using Auth = std::variant<NoAuth, BearerAuth, BasicAuth, HeaderAuth>;

/// OAuth 2.0 client credentials (RFC 6749 §4.4).
struct ClientCredentialsAuth {
    http::Url token_url;
    std::string client_id;
    Secret client_secret;
    std::string scope; ///< empty: not sent
};

/// SMART backend services: client credentials with a signed assertion (RFC 7523).
struct PrivateKeyJwtAuth {
    enum class Algorithm { rs384, es384 };
    std::optional<http::Url> token_url; ///< nothing: as .well-known/smart-configuration says
    std::string client_id;
    Secret key;         ///< PEM
    std::string key_id; ///< the header's `kid`; empty: not sent
    Algorithm algorithm = Algorithm::rs384;
    std::string scope = "system/Patient.rs";
};

/// The same, or a token that is asked for.
using TokenAuth = std::variant<NoAuth, BearerAuth, BasicAuth, HeaderAuth, ClientCredentialsAuth,
                               PrivateKeyJwtAuth>;

void read_auth(const Value& value, Report& report, Auth& out);
void read_token_auth(const Value& value, Report& report, TokenAuth& out);

class Section;

/// How a source is asked over HTTP: the keys `timeout`, `ca_file`, `crl_file`, `proxy`.
struct TransportSettings {
    Duration timeout{30'000}; ///< of one request
    std::string ca_file;      ///< empty: the system's trust store
    std::string crl_file;     ///< empty: no revocation is looked for
    std::optional<http::Proxy> proxy;
};

void read_transport(Section& section, TransportSettings& out);

/// A server that a source asks, and how it is reached.
struct HttpServer {
    http::Url url;
    TransportSettings transport;
};

} // namespace medibridge::config
