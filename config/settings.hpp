#pragma once

#include "base/http/url.hpp"
#include "config/secret.hpp"
#include "config/source_kind.hpp"
#include "config/value_types.hpp"
#include "reconcile/policy.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

/// The configuration file, read and checked.
namespace medibridge::config {

/// How Medicapp is asked for patients: `template=FHIR` of its V6, or not. `automatic`: so where
/// that shows all that the native form does.
enum class Representation { native, fhir, automatic };

struct MedicappSettings {
    http::Url base_url;
    Secret api_key;
    std::size_t concurrency = 8;      ///< requests in flight, 1 to 256
    std::optional<double> rate_limit; ///< requests per second; nothing: learnt from refusals
    Duration timeout{30'000};
    std::string ca_file;  ///< empty: the system's trust store
    std::string crl_file; ///< empty: no revocation is looked for
    std::optional<http::Proxy> proxy;
    Representation representation = Representation::native;
    /// Systems of the identifiers that hold externalId and Medicapp's own id, where it answers with
    /// FHIR; empty: they are recognised, and the id may be the resource's.
    std::string external_id_system;
    std::string id_system;
};

struct SourceSettings {
    std::string name;
    /// Of several sources that know a patient: e-mail, phone and postal address from here are not
    /// replaced by those of a source without priority, however new.
    bool contact_priority = false;
    /// Of deceased, active, identityStatus and mergedInto: those that are neither mapped nor
    /// declared `not_available` in `safety`. Such patients would be created.
    std::vector<std::string> unseen;
    const SourceKind* kind = nullptr;        ///< of those that the file was read with
    std::shared_ptr<const KindSettings> its; ///< the kind's own keys
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

struct AuditSettings {
    Duration keep{std::chrono::hours(8760)}; ///< lines older than that are removed
};

/// The listener for monitoring.
struct HttpSettings {
    ListenAddress listen;
    /// By which names who asks may call this machine, besides IP addresses, `localhost` and its own
    /// name; in lower case.
    std::vector<std::string> names;
};

struct ControlSettings {
    std::filesystem::path socket; ///< empty: in $RUNTIME_DIRECTORY, or beside the state file
    /// Names of users and groups that may decide, root and the service's own user apart; empty:
    /// everybody who can open the socket.
    std::vector<std::string> decide;
};

struct Settings {
    MedicappSettings medicapp;
    std::vector<SourceSettings> his; ///< at least one; names are unique
    SyncSettings sync;
    reconcile::IdentityPolicy identity;
    StateSettings state;
    LogSettings log;
    AuditSettings audit;
    std::optional<HttpSettings> http; ///< nothing: no listener
    ControlSettings control;
    /// Where the configuration lets others in, as `FILE:LINE:COLUMN: what and how to fix it`; said
    /// at start.
    std::vector<std::string> exposures;

    std::set<std::string> source_names() const {
        std::set<std::string> names;
        for (const auto& source : his)
            names.insert(source.name);
        return names;
    }
};

} // namespace medibridge::config
