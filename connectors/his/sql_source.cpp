#include "connectors/his/sql_source.hpp"

#include "connectors/his/pass_proof.hpp"
#include "connectors/his/record_mapping.hpp"
#include "connectors/his/sql_query.hpp"
#include "connectors/his/sql_session.hpp"
#include "connectors/his/sql_time.hpp"
#include "log/catalogue.hpp"

#include <algorithm>
#include <random>
#include <set>
#include <stdexcept>
#include <utility>

namespace medibridge::connectors {
namespace {

using Kind = SourceError::Kind;

constexpr std::string_view lost_character = "\xEF\xBF\xBD";

SqlAccess access_of(const config::SqlSource& settings, std::chrono::milliseconds grace) {
    SqlAccess access;
    access.attributes = settings.connection;
    if (settings.password) {
        access.password = settings.password->reveal();
        while (access.attributes.ends_with(';') || access.attributes.ends_with(' '))
            access.attributes.pop_back();
        access.attributes += odbc_attribute("Pwd", access.password);
    }
    access.timeout = settings.timeout;
    access.grace = grace;
    return access;
}

std::size_t place_of(const config::FieldPlaces& fields, const std::string& field) {
    const auto found = fields.find(field);
    if (found == fields.end())
        throw std::invalid_argument("fields." + field + " is missing: rows are read in its order");
    return static_cast<std::size_t>(std::distance(fields.begin(), found));
}

} // namespace

struct SqlSource::Shared {
    Shared(std::string name_, const config::SqlSource& settings_,
           boost::asio::any_io_executor executor_, runtime::Clock& clock_, log::EventLog& log_,
           std::uint64_t seed, SqlLimits limits_)
        : name(std::move(name_)),
          access(access_of(settings_, limits_.grace)),
          page_size(static_cast<std::int64_t>(settings_.page_size)),
          mapping(settings_.fields, settings_.timezone),
          key_place(place_of(settings_.fields, "externalId")),
          time_place(place_of(settings_.fields, "modifiedAt")),
          time(settings_.fields.at("modifiedAt"), settings_.timezone),
          query(settings_.query),
          executor(std::move(executor_)),
          clock(clock_),
          log(log_),
          random(seed),
          limits(limits_) {
        if (!settings_.null_query.empty()) null_query.emplace(settings_.null_query);
    }

    runtime::Duration delay_after(int attempt);
    runtime::Task<void> wait(runtime::Duration delay) const;

    std::string name;
    SqlAccess access;
    std::int64_t page_size;
    RecordMapping mapping;
    std::size_t key_place; ///< of the values that the mapping takes
    std::size_t time_place;
    SqlTime time;
    SqlQuery query;
    std::optional<SqlQuery> null_query;
    boost::asio::any_io_executor executor;
    runtime::Clock& clock;
    log::EventLog& log;
    std::mt19937_64 random;
    SqlLimits limits;
    std::shared_ptr<SqlThreads> threads = std::make_shared<SqlThreads>();
    std::set<SqlSession*> sessions; ///< those that are alive
    std::int64_t requests = 0;
    int stuck = 0; ///< drivers that were given up
    bool cancelled = false;
    /// Whether the column's times show an offset; nothing: no time has been seen yet.
    std::optional<bool> has_offset;
};

runtime::Duration SqlSource::Shared::delay_after(int attempt) {
    const auto doubled = limits.retries.first_delay * (std::int64_t{1} << std::min(attempt, 20));
    const auto most = std::min(doubled, limits.retries.longest_delay);
    std::uniform_int_distribution<std::int64_t> any(1, std::max<std::int64_t>(most.count(), 1));
    return runtime::Duration(any(random));
}

runtime::Task<void> SqlSource::Shared::wait(runtime::Duration delay) const {
    const auto until = clock.now() + delay;
    // Somebody else may wake the clock.
    while (!cancelled && clock.now() < until) {
        co_await clock.sleep_until(until);
    }
}

/// One pass, with a connection of its own that is closed at its end.
class SqlSource::Reading final : public SourceReading {
  public:
    Reading(std::shared_ptr<Shared> shared, std::optional<reconcile::Instant> since)
        : shared_(std::move(shared)),
          since_(since),
          nulls_(!since && shared_->null_query) {}
    ~Reading() override { hang_up(); }

    runtime::Task<SourceResult<SourcePage>> next() override;
    bool proven() const override { return ended_; }
    std::uint64_t fingerprint() const override { return proof_.fingerprint(); }

  private:
    class Faults;

    runtime::Task<SourceResult<SqlRows>> ask(SqlPosition position);
    runtime::Task<SourceResult<SqlRows>> ask_once(const SqlPosition& position);
    runtime::Task<std::optional<SourceError>> learn_offset();
    SourceError at_page(SourceError error) const;
    SqlPosition position(std::int64_t limit) const;
    bool must_begin_again(const SqlRows& rows);
    std::optional<SourceError> move_on(const SqlRows& rows);
    std::optional<SourceError> check_order(const SqlRows& rows);
    void map(const SqlRows& rows, SourcePage& page);
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
    bool nulls_;         ///< the rows without a time are being read
    bool begun_ = false; ///< a row has been shown, so that the cursor stands on one
    SqlPosition cursor_; ///< the last row's own texts
    std::optional<std::chrono::milliseconds> reached_; ///< its time
    std::size_t page_ = 1;
    std::unique_ptr<SqlSession> session_;
    PassProof proof_;
    std::set<std::string, std::less<>> reported_;
    bool ended_ = false;
};

SourceError SqlSource::Reading::at_page(SourceError error) const {
    error.what = "page " + std::to_string(page_) + ": " + error.what;
    return error;
}

void SqlSource::Reading::hang_up() {
    if (!session_) return;
    if (session_->abandoned()) ++shared_->stuck;
    shared_->sessions.erase(session_.get());
    session_.reset();
}

runtime::Task<SourceResult<SqlRows>> SqlSource::Reading::ask_once(const SqlPosition& position) {
    if (shared_->stuck >= shared_->limits.stuck_drivers && shared_->threads->running() == 0)
        shared_->stuck = 0; // they have come back after all
    if (shared_->stuck >= shared_->limits.stuck_drivers)
        co_return SourceError(Kind::unavailable,
                              "the driver does not come back from earlier calls: check the network "
                              "to the database, and restart the service if it stays like this");
    if (!session_) {
        session_ =
            std::make_unique<SqlSession>(shared_->executor, shared_->access, shared_->threads);
        shared_->sessions.insert(session_.get());
    }
    ++shared_->requests;
    const auto& query = nulls_ ? *shared_->null_query : shared_->query;
    auto places = shared_->mapping.places();
    auto where = position;
    auto rows = co_await session_->page(query, std::move(where), std::move(places));
    if (!rows) hang_up();
    co_return rows;
}

/// Asks until there is an answer, or an error that trying again does not mend.
runtime::Task<SourceResult<SqlRows>> SqlSource::Reading::ask(SqlPosition position) {
    for (int attempt = 0;; ++attempt) {
        if (shared_->cancelled) co_return SourceError(Kind::cancelled, "cancelled");
        auto rows = co_await ask_once(position);
        if (shared_->cancelled) co_return SourceError(Kind::cancelled, "cancelled");
        if (rows || rows.error().kind != Kind::unavailable) co_return rows;
        if (attempt + 1 >= shared_->limits.retries.attempts) {
            auto error = rows.error();
            error.what += " (" + std::to_string(attempt + 1) + " attempts)";
            co_return error;
        }
        const auto delay = shared_->delay_after(attempt);
        co_await shared_->wait(delay);
    }
}

/// How a time is compared depends on whether the column shows an offset: asked with a local time,
/// a column of moments would hide what is newer than it looks. The first row of all tells.
runtime::Task<std::optional<SourceError>> SqlSource::Reading::learn_offset() {
    SqlPosition first;
    first.modified_after = shared_->time.bound(std::nullopt, false);
    first.limit = 1;
    auto rows = co_await ask(std::move(first));
    if (!rows) co_return rows.error();
    if (rows->size() == 0) co_return std::nullopt;
    const auto at = shared_->time.position(time_of(*rows, 0).text);
    if (at) shared_->has_offset = at->has_offset;
    co_return std::nullopt;
}

SqlPosition SqlSource::Reading::position(std::int64_t limit) const {
    SqlPosition position = cursor_;
    if (!begun_ && !nulls_)
        position.modified_after = shared_->time.bound(since_, shared_->has_offset.value_or(false));
    position.limit = limit;
    return position;
}

runtime::Task<SourceResult<SourcePage>> SqlSource::Reading::next() {
    if (since_ && !begun_ && !shared_->has_offset && shared_->time.may_have_offset()) {
        auto fault = co_await learn_offset();
        if (fault) co_return at_page(std::move(*fault));
    }
    for (;;) {
        auto where = position(shared_->page_size);
        auto rows = co_await ask(std::move(where));
        if (!rows) co_return at_page(rows.error());
        if (must_begin_again(*rows)) continue;
        const bool full = rows->size() == static_cast<std::size_t>(shared_->page_size);
        if (!nulls_) {
            if (auto fault = check_order(*rows)) co_return at_page(std::move(*fault));
        }
        if (full) {
            if (auto fault = move_on(*rows)) co_return at_page(std::move(*fault));
        }
        SourcePage page;
        map(*rows, page);
        ++page_;
        if (!full && !nulls_) {
            page.last = ended_ = true;
            hang_up();
        } else if (!full) {
            nulls_ = begun_ = false;
            cursor_ = SqlPosition();
            if (page.records.empty()) continue;
        }
        co_return page;
    }
}

/// Whether the first rows show an offset that was not known of when they were asked for.
bool SqlSource::Reading::must_begin_again(const SqlRows& rows) {
    if (nulls_ || begun_ || rows.size() == 0 || shared_->has_offset) return false;
    const auto at = shared_->time.position(time_of(rows, 0).text);
    if (!at) return false;
    shared_->has_offset = at->has_offset;
    return since_ && at->has_offset && shared_->time.may_have_offset();
}

/// Rows that do not come in the order of their times would be skipped by the next page.
std::optional<SourceError> SqlSource::Reading::check_order(const SqlRows& rows) {
    for (std::size_t row = 0; row < rows.size(); ++row) {
        const auto at = shared_->time.position(time_of(rows, row).text);
        if (!at) continue;
        if (reached_ && at->at < *reached_)
            return SourceError(Kind::unreadable,
                               "row " + std::to_string(row + 1) +
                                   " is older than the one before it: `query` must keep to rows "
                                   "after (:modified_after, :after_id) and end with ORDER BY "
                                   "modification time, key");
        reached_ = at->at;
    }
    return std::nullopt;
}

/// Moves the cursor onto the last row of a full page.
std::optional<SourceError> SqlSource::Reading::move_on(const SqlRows& rows) {
    const auto& key = key_of(rows, rows.size() - 1);
    const auto& time = time_of(rows, rows.size() - 1);
    if (key.kind != RawValue::Kind::text || key.text.find(lost_character) != std::string::npos)
        return SourceError(Kind::unreadable, "its last row has no readable key, so the next page "
                                             "cannot follow it: leave such rows out of the query");
    if (!nulls_ && (time.kind != RawValue::Kind::text || !shared_->time.position(time.text)))
        return SourceError(Kind::unreadable,
                           "its last row has no readable modification time, so the next page "
                           "cannot follow it: leave such rows out of `query`, and list rows whose "
                           "time is NULL with `null_query`");
    SqlPosition reached;
    reached.after_id = key.text;
    if (!nulls_) reached.modified_after = time.text;
    const bool stands_still = begun_ && reached.after_id == cursor_.after_id &&
                              reached.modified_after == cursor_.modified_after;
    if (stands_still)
        return SourceError(Kind::unreadable,
                           "it ends with the same row as the page before: " +
                               std::string(nulls_ ? "`null_query` must keep to keys after :after_id"
                                                  : "`query` must keep to rows after "
                                                    "(:modified_after, :after_id), and compare "
                                                    "times as finely as it shows them"));
    if (page_ >= shared_->limits.pages)
        return SourceError(Kind::unreadable, "there is no end to the pages: check that `query` "
                                             "keeps to rows after (:modified_after, :after_id)");
    cursor_ = std::move(reached);
    begun_ = true;
    return std::nullopt;
}

void SqlSource::Reading::map(const SqlRows& rows, SourcePage& page) {
    const auto prefix = "page " + std::to_string(page_) + ", row ";
    page.records.reserve(rows.size());
    for (std::size_t row = 0; row < rows.size(); ++row) {
        auto mapped = shared_->mapping.map(rows.row(row), prefix + std::to_string(row + 1));
        page.precision = std::max(page.precision, mapped.precision);
        for (const auto& fault : mapped.faults)
            report(fault, mapped.record.place);
        proof_.add(mapped.record.patient.external_id());
        page.records.push_back(std::move(mapped.record));
    }
}

/// Each field once a pass.
void SqlSource::Reading::report(const MappingFault& fault, const std::string& place) {
    if (reported_.contains(fault.field)) return;
    reported_.emplace(fault.field);
    shared_->log.write(
        log::Event(log::events::field_dropped)
            .with(log::Key::source, shared_->name)
            .with(log::Key::fields, std::string(fault.field))
            .with(log::Key::reason, std::string(fault.reason) + " (first at " + place + ")"));
}

SqlSource::SqlSource(std::string name, const config::SqlSource& settings,
                     boost::asio::any_io_executor executor, runtime::Clock& clock,
                     log::EventLog& log, std::uint64_t seed, SqlLimits limits)
    : shared_(std::make_shared<Shared>(std::move(name), settings, std::move(executor), clock, log,
                                       seed, limits)) {}

SqlSource::~SqlSource() {
    shared_->threads->wait_for_all(shared_->limits.farewell);
}

const std::string& SqlSource::name() const {
    return shared_->name;
}

std::unique_ptr<SourceReading> SqlSource::read(std::optional<reconcile::Instant> since) {
    return std::make_unique<Reading>(shared_, since);
}

std::int64_t SqlSource::requests() const {
    return shared_->requests;
}

void SqlSource::cancel() {
    shared_->cancelled = true;
    for (auto* session : shared_->sessions)
        session->cancel();
    shared_->clock.wake();
}

std::unique_ptr<Source> make_sql_source(std::string name, const config::SqlSource& settings,
                                        boost::asio::any_io_executor executor,
                                        runtime::Clock& clock, log::EventLog& log,
                                        std::uint64_t seed) {
    return std::make_unique<SqlSource>(std::move(name), settings, std::move(executor), clock, log,
                                       seed);
}

} // namespace medibridge::connectors
