#pragma once

#include "base/log/event.hpp"
#include "base/runtime/clock.hpp"
#include "connectors/sql/source.hpp"
#include "database.hpp"

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace medibridge::tests {

class KeptLog final : public log::EventLog {
  public:
    void write(const log::Event& event) override { events.push_back(event); }
    std::vector<log::Event> events;
};

/// What a whole pass gave.
struct SqlPass {
    std::vector<reconcile::SourceRecord> records;
    int pages = 0;
    std::optional<connectors::SourceError> error;
    bool proven = false;
    std::uint64_t fingerprint = 0;
    std::optional<reconcile::Instant> server_time; ///< of the last page

    std::vector<std::string> ids() const;
};

/// A table of patients (ipp, nom, prenom, naissance, maj) in a database, and its source.
class HisTable {
  public:
    explicit HisTable(Database& its_database);

    /// `maj` as SQL writes it: '2026-06-01 10:00:00', or NULL.
    void insert(const std::string& ipp, const std::string& maj, const std::string& nom = "Nom");
    /// As many rows of the same time.
    void insert_many(int count, const std::string& maj);

    /// Settings for that table, with pages of 4 rows.
    connectors::SqlSettings settings() const;
    connectors::SqlSource& open(const connectors::SqlSettings& settings,
                                connectors::SqlLimits limits = quick());
    connectors::SqlSource& open() { return open(settings()); }
    /// The whole pass; `between` is called after each page.
    SqlPass pass(std::optional<reconcile::Instant> since = std::nullopt,
                 const std::function<void()>& between = {});

    SqlPass one(const std::string& external_id);
    /// Reads to the end; `between` as in pass().
    SqlPass run(connectors::SourceReading& reading, const std::function<void()>& between = {});

    /// Retries without long waits.
    static connectors::SqlLimits quick();

    Database& database;
    Client client;
    boost::asio::io_context context{1};
    runtime::SteadyClock clock{context.get_executor()};
    KeptLog log;
    std::unique_ptr<connectors::SqlSource> source;
};

/// An RFC 3339 text.
reconcile::Instant at(const std::string& text);

} // namespace medibridge::tests
