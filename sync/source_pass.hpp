#pragma once

#include "connectors/his/source.hpp"
#include "reconcile/assess.hpp"
#include "reconcile/watermark.hpp"
#include "sync/context.hpp"
#include "sync/id_set.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace medibridge::sync {

/// One pass over a source: records assessed, page by page, each externalId at most once a page.
class SourcePass {
  public:
    enum class State { reading, ended, failed };

    /// `anchor` is the externalId of the record that is looked for in it.
    SourcePass(connectors::Source& source, std::optional<reconcile::Instant> since,
               std::string anchor = {})
        : source_(&source),
          reading_(source.read(since)) {
        result_.anchor = std::move(anchor);
    }

    /// The next page; empty at the end or after a failure, which state() and error() tell.
    runtime::Task<std::vector<reconcile::Assessed>> next(const reconcile::IdentityPolicy& policy);

    State state() const { return state_; }
    const connectors::SourceError& error() const { return error_; }
    connectors::Source& source() const { return *source_; }
    /// Whether the pass, ended, showed everything.
    bool proven() const { return state_ == State::ended && reading_->proven(); }
    /// Equal for two passes that showed the same records.
    std::uint64_t fingerprint() const { return reading_->fingerprint(); }
    std::int64_t cursor() const { return reading_->cursor(); }
    const reconcile::ReadResult& result() const { return result_; }
    /// ExternalIds of the page last read that the pass had shown on an earlier page.
    const std::unordered_set<std::string>& repeated() const { return repeated_; }

  private:
    void note(const std::vector<reconcile::Assessed>& records);

    connectors::Source* source_;
    std::unique_ptr<connectors::SourceReading> reading_;
    State state_ = State::reading;
    connectors::SourceError error_;
    reconcile::ReadResult result_;
    bool first_page_ = true;
    IdSet seen_;
    std::unordered_set<std::string> repeated_;
};

/// Leaves one record of each externalId: the newest, or the later one where times do not tell.
/// Records that describe different people become one that is held as `ambiguous_source`. Records
/// without externalId all stay.
std::vector<reconcile::Assessed> merge_duplicates(std::vector<reconcile::Assessed> records);

} // namespace medibridge::sync
