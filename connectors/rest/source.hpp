#pragma once

#include "connectors/rest/kind.hpp"
#include "connectors/source/environment.hpp"
#include "connectors/source/source.hpp"
#include "connectors/web/http_source.hpp"
#include "connectors/web/retrying_get.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace medibridge::connectors {

/// What one reading of a REST source may take.
struct RestLimits {
    std::size_t pages = 100'000;
    std::size_t body = 32u << 20;  ///< bytes of one page
    std::size_t records = 500'000; ///< of one page
    std::size_t portion = 10'000;  ///< records of a page that are in memory at once
    std::size_t nameless = 10'000; ///< records without an identifier on one page
    RetryLimits retries;
};

/// A HIS that gives its patients as JSON over HTTP, page by page.
class RestSource final : public Source {
  public:
    /// Throws as SourceKind::make().
    RestSource(SourceEnvironment its, RestSettings settings, std::unique_ptr<Transports> transports,
               RestLimits limits = {});
    ~RestSource() override;

    const std::string& name() const override;
    /// Only one reading at a time: nothing but `since` distinguishes two of them.
    std::unique_ptr<SourceReading> read(std::optional<reconcile::Instant> since) override;
    /// By `query.external_id`, as far as its answers can be believed: each record must have that
    /// externalId, nothing more may be announced, and that there is nobody is only believed where
    /// somebody was found that way before. Else the whole list.
    std::unique_ptr<SourceReading> read_one(const std::string& external_id) override;
    bool reads_one() const override;
    std::int64_t requests() const override;
    /// Permanent: later readings end with `cancelled` too.
    void cancel() override;

  private:
    struct Shared;
    class Reading;
    class OneReading;

    std::shared_ptr<Shared> shared_;
};

} // namespace medibridge::connectors
