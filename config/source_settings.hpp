#pragma once

#include "base/http/proxy.hpp"
#include "base/http/url.hpp"
#include "config/secret_text.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>

/// What the configuration says of the HIS's sources, read and checked: one struct a type.
namespace medibridge::config {

using Duration = std::chrono::milliseconds;

struct ListenAddress {
    std::string host;
    std::uint16_t port = 0;
};

/// Where a field stands in a source's record, and how its text becomes the canonical one.
struct FieldPlace {
    std::string at;                         ///< JSON pointer, column or header
    std::string format;                     ///< strptime's; empty: the canonical form
    std::map<std::string, std::string> map; ///< the source's word → ours; empty: as it is
    std::optional<std::string> default_value;
};

/// Keys are canonical field names (`externalId`, `address.city`) and modifiedAt, active, deceased,
/// identityStatus, usualLastName, mergedInto.
using FieldPlaces = std::map<std::string, FieldPlace>;

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
using Auth = std::variant<NoAuth, BearerAuth, BasicAuth, HeaderAuth>;

/// The names of a REST source's query parameters; empty: not sent.
struct RestQuery {
    std::string modified_after;
    std::string modified_after_format; ///< strptime's; empty: RFC 3339
    std::string page;
    std::string per_page;
};

struct RestSource {
    http::Url url;
    std::size_t page_size = 500;
    Auth auth;
    RestQuery query;
    std::optional<int> first_page; ///< 0 or 1; nothing: found out
    std::string records;           ///< JSON pointer to the array; empty: the document itself
    std::string total_pages;       ///< JSON pointer; empty: not given
    std::string total;             ///< JSON pointer to the number of records; empty: not given
    std::string next;              ///< JSON pointer to the next page's link; empty: pages by number
    std::string timezone = "Europe/Paris"; ///< of times without an offset
    Duration timeout{30'000};
    std::string ca_file;
    std::optional<http::Proxy> proxy;
    FieldPlaces fields;
};

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

using FhirAuth = std::variant<NoAuth, BearerAuth, BasicAuth, HeaderAuth, ClientCredentialsAuth,
                              PrivateKeyJwtAuth>;

struct FhirSource {
    http::Url base_url;
    std::size_t page_size = 200;
    std::string identifier_system; ///< of the identifier that is the externalId
    /// ISO 3166-1, where phone numbers are dialled from: identity.default_region, which whoever
    /// makes the source fills in.
    std::string default_region = "FR";
    FhirAuth auth;
    Duration timeout{30'000};
    std::string ca_file;
    std::optional<http::Proxy> proxy;
};

struct SqlSource {
    std::string connection; ///< ODBC connection string, without the password
    std::optional<Secret> password;
    std::string query; ///< with :modified_after, :after_id and :limit
    std::string
        null_query; ///< rows without a time, with :after_id and :limit; empty: there are none
    std::size_t page_size = 1000;
    std::string timezone = "Europe/Paris"; ///< of times without an offset
    Duration timeout{30'000};
    FieldPlaces fields;
};

struct CsvSource {
    std::filesystem::path directory;
    std::string pattern = "*.csv";
    char delimiter = ';';
    std::string encoding = "UTF-8"; ///< ICU's name; a byte order mark in the file goes before it
    Duration settle{5'000};         ///< a file whose size and time stood still for so long is whole
    std::uint64_t max_size = 256u << 20;   ///< bytes of one file
    std::string null_text;                 ///< a cell with this text says nothing; empty: none
    std::string timezone = "Europe/Paris"; ///< of times without an offset
    FieldPlaces fields;
};

struct ServerTls {
    std::string certificate_file; ///< PEM, the chain
    std::string key_file;         ///< PEM
    std::string client_ca_file;   ///< senders must show a certificate of it; empty: need not
};

struct Hl7Source {
    enum class DataError { accept, error }; ///< MSA-1 `AA` or `AE`
    ListenAddress listen;
    std::string assigning_authority;            ///< OID, or namespace, of PID-3's CX-4
    std::string default_charset = "ISO-8859-1"; ///< where MSH-18 is empty
    std::string processing = "P";               ///< MSH-11 of messages that count
    DataError data_error = DataError::accept;
    std::optional<ServerTls> tls;
    std::string timezone = "Europe/Paris";
    std::size_t max_message = 1u << 20; ///< bytes
    std::size_t max_connections = 64;
    Duration idle_timeout{300'000}; ///< a connection that is silent for so long is closed; 0: never
};

} // namespace medibridge::config
