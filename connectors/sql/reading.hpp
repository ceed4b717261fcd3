#pragma once

#include "base/runtime/backoff.hpp"
#include "connectors/mapping/record_mapping.hpp"
#include "connectors/source/pass_proof.hpp"
#include "connectors/sql/query.hpp"
#include "connectors/sql/session.hpp"
#include "connectors/sql/source.hpp"
#include "connectors/sql/time.hpp"

#include <memory>
#include <optional>
#include <set>
#include <string>

namespace medibridge::connectors {

/// What a source and its readings share.
struct SqlSource::Shared {
    Shared(SourceEnvironment its, const SqlSettings& settings_, SqlLimits limits_);

    runtime::Task<void> wait(runtime::Duration delay) const;
    void drop(std::string_view field, const std::string& reason);

    std::string name;
    SqlAccess access;
    std::int64_t page_size; ///< at least 2, so that a page shows where a row ends
    RecordMapping mapping;
    std::size_t key_place; ///< of the values that the mapping takes
    std::size_t time_place;
    std::optional<std::size_t> survivor_place;
    SqlTime time;
    SqlQuery query;
    std::optional<SqlQuery> null_query;
    std::optional<SqlQuery> lookup;
    boost::asio::any_io_executor executor;
    runtime::Clock& clock;
    log::EventLog& log;
    runtime::Backoff backoff;
    SqlLimits limits;
    std::shared_ptr<SqlThreads> threads = std::make_shared<SqlThreads>();
    std::set<SqlSession*> sessions; ///< those that are alive
    std::shared_ptr<figures::Side> figures;
    std::int64_t requests = 0;
    int stuck = 0; ///< drivers that were given up
    bool cancelled = false;
    /// Whether the column's times show an offset; nothing: no time has been seen yet.
    std::optional<bool> has_offset;
    std::size_t beginning = 0; ///< where everything began when it was read last
};

/// One pass, with a connection of its own that is closed at its end.
class SqlSource::Reading final : public SourceReading {
  public:
    Reading(std::shared_ptr<Shared> shared, std::optional<reconcile::Instant> since);
    ~Reading() override { hang_up(); }

    /// Before the first page: only what `lookup` shows of that externalId, on one page.
    void keep_to(std::string external_id);
    runtime::Task<SourceResult<SourcePage>> next() override;
    bool proven() const override { return ended_; }
    std::uint64_t fingerprint() const override { return fingerprint_.value(); }

  private:
    runtime::Task<SourceResult<SqlRows>> ask(SqlPosition position);
    runtime::Task<SourceResult<SqlRows>> ask_once(const SqlPosition& position);
    runtime::Task<std::optional<SourceError>> learn_offset();
    runtime::Task<SourceResult<SqlRows>> next_rows();
    runtime::Task<SourceResult<SourcePage>> look_up();
    const SqlQuery& query() const;
    runtime::Task<std::optional<SourceError>> look_for_infinity(const SqlRows& rows);
    SourceError at_page(SourceError error) const;
    SqlPosition position(std::int64_t limit) const;
    bool from_beginning() const { return !begun_ && !nulls_ && !since_; }
    bool must_begin_again(const SqlRows& rows);
    bool learn_offset_from(const SqlRows& rows);
    std::optional<std::string> bound_of(const SqlRows& rows, std::size_t row) const;
    bool has_time(const SqlRows& rows, std::size_t row) const;
    bool has_place(const SqlRows& rows, std::size_t row) const;
    bool is_same_place(const SqlRows& rows, std::size_t row, std::size_t other) const;
    std::size_t end_of_whole(const SqlRows& rows) const;
    std::optional<SourceError> move_on(const SqlRows& rows);
    std::optional<SourceError> move_to(SqlPosition reached);
    bool shows_no_time(const SqlRows& rows) const;
    static SourceError without_time();
    static SourceError without_key();
    void report_long_place();
    std::optional<SourceError> check_order(const SqlRows& rows);
    void map(const SqlRows& rows, SourcePage& page);
    void look_at_key(const SqlRows& rows, std::size_t row, MappedRecord& mapped) const;
    void look_at_time(const SqlRows& rows, std::size_t row, MappedRecord& mapped) const;
    void report(const MappingFault& fault, const std::string& place);
    void hang_up();

    const RawValue& key_of(const SqlRows& rows, std::size_t row) const {
        return rows.row(row)[shared_->key_place];
    }
    const RawValue& time_of(const SqlRows& rows, std::size_t row) const {
        return rows.row(row)[shared_->time_place];
    }

    std::shared_ptr<Shared> shared_;
    std::optional<reconcile::Instant> since_;
    std::optional<std::string> one_; ///< the externalId of the only patient who is read
    bool nulls_;                     ///< the rows without a time are being read
    bool begun_ = false;             ///< a row has been shown, so that the cursor stands on one
    SqlPosition cursor_;             ///< the last row's own texts
    std::optional<std::chrono::milliseconds> reached_; ///< its time
    bool full_ = false;                                ///< others follow the rows at hand
    std::size_t shown_ = 0; ///< how many of the rows at hand are shown; the others come again
    bool infinite_ = false; ///< the cursor stands at the end of time
    bool moved_ = false;    ///< to there, within this page
    std::size_t page_ = 1;
    std::unique_ptr<SqlSession> session_;
    PassFingerprint fingerprint_;
    std::set<std::string, std::less<>> reported_;
    bool ended_ = false;
};

} // namespace medibridge::connectors
