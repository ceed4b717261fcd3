#pragma once

#include "http/url.hpp"
#include "reconcile/policy.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// The configuration file, read and checked.
namespace medibridge::config {

using Duration = std::chrono::milliseconds;

/// A secret's text. It has no stream operator and no formatter, so that it cannot be printed by
/// accident.
class Secret {
  public:
    Secret() = default;
    explicit Secret(std::string text) : text_(std::move(text)) {}
    const std::string& reveal() const { return text_; }
    bool empty() const { return text_.empty(); }

  private:
    std::string text_;
};

struct MedicappSettings {
    http::Url base_url;
    Secret api_key;
    std::size_t concurrency = 8;      ///< requests in flight, 1 to 256
    std::optional<double> rate_limit; ///< requests per second; nothing: found out by itself
    Duration timeout{30'000};
    std::string ca_file; ///< empty: the system's trust store
    std::optional<http::Url> proxy;
};

/// Where a field stands in a source's record, and how its text becomes the canonical one.
struct FieldPlace {
    std::string at;                         ///< JSON pointer, column or header
    std::string format;                     ///< strptime's; empty: the canonical form
    std::map<std::string, std::string> map; ///< the source's word → ours; empty: as it is
    std::optional<std::string> default_value;
};

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
    std::string records;     ///< JSON pointer to the array; empty: the document itself
    std::string total_pages; ///< JSON pointer; empty: not given
    std::string total;       ///< JSON pointer to the number of records; empty: not given
    std::string next;        ///< JSON pointer to the next page's link; empty: pages by number
    std::string timezone = "Europe/Paris"; ///< of times without an offset
    Duration timeout{30'000};
    std::string ca_file;
    std::optional<http::Url> proxy;
    /// Keys are canonical field names (`externalId`, `address.city`) and modifiedAt, active,
    /// deceased, identityStatus, usualLastName, mergedInto.
    std::map<std::string, FieldPlace> fields;
};

struct SourceSettings {
    std::string name;
    std::variant<RestSource> source;
};

struct MaxChanges {
    double ratio = 0.3;
    std::int64_t at_least = 100;
};

struct SyncSettings {
    Duration interval{60'000};
    Duration overlap{300'000};
    Duration full_compare{86'400'000}; ///< 0: never
    Duration deadline{0};              ///< 0: never
    reconcile::Policy policy;
    MaxChanges max_changes;
};

struct StateSettings {
    std::filesystem::path path;
    std::optional<Secret> key; ///< nothing: one is made beside the file
};

enum class LogLevel { debug, info, warn, error };
enum class LogFormat { json, text };
enum class LogIdentifiers { pseudonym, external_id };

struct LogSettings {
    LogLevel level = LogLevel::info;
    LogFormat format = LogFormat::json;
    LogIdentifiers identifiers = LogIdentifiers::pseudonym;
};

struct ListenAddress {
    std::string host;
    std::uint16_t port = 0;
};

struct Settings {
    MedicappSettings medicapp;
    std::vector<SourceSettings> his; ///< at least one; names are unique
    SyncSettings sync;
    reconcile::IdentityPolicy identity;
    StateSettings state;
    LogSettings log;
    std::optional<ListenAddress> http;    ///< nothing: no listener
    std::filesystem::path control_socket; ///< empty: beside the state file, or $RUNTIME_DIRECTORY
};

} // namespace medibridge::config
