#pragma once

#include "connectors/source/source.hpp"
#include "reconcile/assess.hpp"
#include "reconcile/watermark.hpp"
#include "sync/core/nameless.hpp"
#include "sync/core/progress.hpp"
#include "sync/core/shown_patients.hpp"
#include "sync/shell/context.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace medibridge::sync {

SourceTrouble trouble_of(const connectors::SourceError& error);

/// One pass over a source: records assessed, page by page, each externalId at most once a page.
class SourcePass {
  public:
    enum class State { reading, ended, failed };
    /// What is looked at of a record: reconcile::assess() or assess_identity().
    enum class Depth { whole, identity };

    /// `anchor` is the externalId of the record that is looked for in it. `machine_clock` and what
    /// the source shows of its own clock say which times are believed.
    SourcePass(connectors::Source& source, const Scope& scope,
               std::optional<reconcile::Instant> machine_clock, std::string anchor = {})
        : source_(&source),
          reading_(source.read(scope.from())),
          shown_(std::make_shared<ShownPatients>(reading_->alike())),
          clock_(machine_clock),
          whole_(scope.is_whole()) {
        result_.anchor = std::move(anchor);
    }
    /// Over one patient, or whatever else `reading` shows.
    SourcePass(connectors::Source& source, std::unique_ptr<connectors::SourceReading> reading,
               std::optional<reconcile::Instant> machine_clock)
        : source_(&source),
          reading_(std::move(reading)),
          shown_(std::make_shared<ShownPatients>(reading_->alike())),
          clock_(machine_clock),
          whole_(false) {}

    /// It is taken to show much the same as a pass that has ended. To be called first of all.
    void resembles(const SourcePass& before) {
        shown_.reset(); // so that its set does not count among those that are alike
        shown_ = std::make_shared<ShownPatients>(before.shown_->alike());
    }
    /// shown() is to tell the times of what arrived.
    void remember_times() { shown_->remember_times(); }

    /// The next page; empty at the end or after a failure, which state() and error() tell.
    runtime::Task<std::vector<reconcile::Assessed>> next(const reconcile::IdentityPolicy& policy,
                                                         Depth depth = Depth::whole);

    State state() const { return state_; }
    const connectors::SourceError& error() const { return error_; }
    connectors::Source& source() const { return *source_; }
    /// Whether the pass, ended, showed everything.
    bool proven() const {
        return state_ == State::ended && reading_->proven() && contradiction().empty();
    }
    /// Which of the pass's own numbers disagree; empty: none. Then it proves nothing.
    std::string contradiction() const { return reading_->contradiction(); }
    /// Whether everything was asked for.
    bool whole() const { return whole_; }
    /// Equal for two passes that showed the same records.
    std::uint64_t fingerprint() const { return reading_->fingerprint(); }
    /// Whether the pass, ended, showed the same as one with that fingerprint.
    bool repeats(std::optional<std::uint64_t> other) const {
        return state_ == State::ended && other == fingerprint() && contradiction().empty();
    }
    std::int64_t cursor() const { return reading_->cursor(); }
    const reconcile::ReadResult& result() const { return result_; }
    /// ExternalIds of the page last read that the pass had shown on an earlier page.
    const std::unordered_set<std::string>& repeated() const { return repeated_; }
    /// What the pages since the last call say of other patients than their own.
    std::vector<reconcile::Assessed> take_claims() {
        return std::exchange(claims_, std::vector<reconcile::Assessed>());
    }
    const std::vector<reconcile::Assessed>& claims() const { return claims_; }
    std::shared_ptr<const ShownPatients> shown() const { return shown_; }
    /// Of the records without externalId, how many are held together.
    std::int64_t held_together() const { return nameless_.taken_out(); }

  private:
    void note(const std::vector<reconcile::Assessed>& records);

    connectors::Source* source_;
    std::unique_ptr<connectors::SourceReading> reading_;
    State state_ = State::reading;
    connectors::SourceError error_;
    reconcile::ReadResult result_;
    bool first_page_ = true;
    std::shared_ptr<ShownPatients> shown_;
    std::optional<reconcile::Instant> clock_; ///< the latest at hand
    bool whole_;
    std::vector<reconcile::Assessed> claims_;
    NamelessRecords nameless_;
    std::unordered_set<std::string> repeated_;
};

} // namespace medibridge::sync
