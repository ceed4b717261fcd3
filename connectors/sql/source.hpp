#pragma once

#include "connectors/source/environment.hpp"
#include "connectors/source/source.hpp"
#include "connectors/sql/kind.hpp"
#include "connectors/web/retrying_get.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace medibridge::connectors {

/// What one reading of a database may take.
struct SqlLimits {
    std::size_t pages = 1'000'000;
    /// Of one page. A database that is restarted is back within a minute.
    RetryLimits retries{8, runtime::Duration(500), runtime::Duration(30'000), runtime::Duration(0)};
    std::chrono::milliseconds grace{5'000};    ///< beyond the timeouts, before a driver is given up
    int stuck_drivers = 4;                     ///< with so many given up, no other is begun
    std::chrono::milliseconds farewell{2'000}; ///< for connections to close at the end
};

/// A HIS whose patients stand in a table or view of a database that has an ODBC driver.
///
/// Pages follow the key (modification time, externalId). What changes during a pass comes later in
/// that order, so a pass that reached its end missed nobody.
class SqlSource final : public Source {
  public:
    /// Throws as SourceKind::make().
    SqlSource(SourceEnvironment its, const SqlSettings& settings, SqlLimits limits = {});
    /// Waits a little for connections to close.
    ~SqlSource() override;

    const std::string& name() const override;
    /// Only complete readings show rows without a time, and they show them first. A very old
    /// `since` asks for all rows with a time.
    std::unique_ptr<SourceReading> read(std::optional<reconcile::Instant> since) override;
    /// By `lookup`, where there is one.
    std::unique_ptr<SourceReading> read_one(const std::string& external_id) override;
    bool reads_one() const override;
    /// Pages asked for so far.
    std::int64_t requests() const override;
    /// Permanent: later readings end with `cancelled` too.
    void cancel() override;

  private:
    struct Shared;
    class Reading;

    std::shared_ptr<Shared> shared_;
};

} // namespace medibridge::connectors
