#include "connectors/sql/reading.hpp"

#include "base/bytes/utf8.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::connectors {
using Kind = SourceError::Kind;

namespace {

/// A page that ends within rows of one position is asked for again, with up to this many times its
/// size.
constexpr std::int64_t longest_page = 16;
/// How far before it is asked from where it is not known on which clock times are compared.
constexpr std::chrono::hours any_clock(24);
constexpr reconcile::Instant last_moment =
    std::chrono::sys_days(std::chrono::year_month_day(
        std::chrono::year(9999), std::chrono::December, std::chrono::day(31))) +
    std::chrono::hours(24) - std::chrono::milliseconds(1);

constexpr std::string_view lost_key = "holds letters that the driver did not give";
constexpr std::string_view rounded_key =
    "is in a column of floating-point numbers, which rounds identifiers: show it as text or as "
    "a whole number (CAST)";
constexpr std::string_view scaled_key =
    "is in a column of numbers with decimals: show it as text or as a whole number (CAST)";

bool is_readable_text(const RawValue& value) {
    return value.kind == RawValue::Kind::text && !base::holds_replacement(value.text);
}

bool is_blank_text(std::string_view text) {
    return text.find_first_not_of(' ') == std::string_view::npos;
}

} // namespace

SqlSource::Reading::Reading(std::shared_ptr<Shared> shared, std::optional<reconcile::Instant> since)
    : shared_(std::move(shared)),
      since_(since && SqlTime::is_of_old(*since) ? std::nullopt : since),
      nulls_(!since && shared_->null_query) {}

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
        co_return std::unexpected(SourceError(
            Kind::unavailable, "the driver does not return from earlier calls: check the network "
                               "to the database, and restart the service if it stays like this"));
    if (!session_) {
        session_ =
            std::make_unique<SqlSession>(shared_->executor, shared_->access, shared_->threads);
        shared_->sessions.insert(session_.get());
    }
    ++shared_->requests;
    auto places = shared_->mapping.places();
    auto where = position;
    SqlSession::Beginnings beginnings;
    if (where.from_beginning)
        beginnings = [shared = shared_](const SqlDialect& dialect) {
            return shared->time.beginnings(dialect);
        };
    const figures::StopWatch watch;
    figures::Attempt attempt(shared_->figures);
    auto rows = co_await session_->page(query(), std::move(where), std::move(places),
                                        std::move(beginnings), shared_->beginning);
    if (!shared_->cancelled) {
        shared_->figures->requests.note("SELECT", rows ? "ok" : "failed", watch.seconds());
        const bool answered = rows || rows.error().kind != Kind::unavailable;
        attempt.ends(answered ? figures::Attempt::End::answered
                              : figures::Attempt::End::unanswered);
    }
    if (!rows) hang_up();
    if (rows && position.from_beginning && rows->size() > 0) shared_->beginning = rows->beginning;
    co_return rows;
}

/// Asks until there is an answer, or an error that another attempt does not fix.
runtime::Task<SourceResult<SqlRows>> SqlSource::Reading::ask(SqlPosition position) {
    for (int attempt = 0;; ++attempt) {
        if (shared_->cancelled)
            co_return std::unexpected(SourceError(Kind::cancelled, "cancelled"));
        auto rows = co_await ask_once(position);
        if (shared_->cancelled)
            co_return std::unexpected(SourceError(Kind::cancelled, "cancelled"));
        if (rows || rows.error().kind != Kind::unavailable) {
            shared_->figures->note_answered();
            co_return rows;
        }
        shared_->figures->note_failed(rows.error().what);
        if (attempt + 1 >= shared_->limits.retries.attempts) {
            auto error = rows.error();
            error.what +=
                " (" + std::to_string(attempt + 1) + (attempt == 0 ? " attempt)" : " attempts)");
            co_return std::unexpected(error);
        }
        co_await shared_->wait(shared_->backoff.wait(attempt + 1));
    }
}

bool SqlSource::Reading::learn_offset_from(const SqlRows& rows) {
    for (std::size_t row = 0; row < rows.size() && !shared_->has_offset; ++row) {
        const auto at = shared_->time.position(time_of(rows, row).text);
        if (at) shared_->has_offset = at->has_offset;
    }
    return shared_->has_offset.has_value();
}

/// How a time is compared depends on whether the column shows an offset: asked with a local time,
/// a column of moments would hide what is newer than it looks. The first rows of all tell.
runtime::Task<std::optional<SourceError>> SqlSource::Reading::learn_offset() {
    SqlPosition first;
    first.from_beginning = true;
    first.limit = shared_->page_size;
    auto rows = co_await ask(std::move(first));
    if (!rows) co_return rows.error();
    learn_offset_from(*rows);
    co_return std::nullopt;
}

SqlPosition SqlSource::Reading::position(std::int64_t limit) const {
    SqlPosition position = cursor_;
    position.limit = limit;
    position.from_beginning = from_beginning();
    if (begun_ || nulls_ || !since_) return position;
    const bool unknown = !shared_->has_offset && shared_->time.may_have_offset();
    position.modified_after = shared_->time.bound(unknown ? *since_ - any_clock : *since_,
                                                  shared_->has_offset.value_or(false));
    return position;
}

/// The rows behind the cursor, of which the first `shown_` are whole places.
runtime::Task<SourceResult<SqlRows>> SqlSource::Reading::next_rows() {
    for (auto limit = shared_->page_size;;) {
        auto where = position(limit);
        auto rows = co_await ask(std::move(where));
        if (!rows) co_return std::unexpected(at_page(rows.error()));
        if (must_begin_again(*rows)) continue;
        shown_ = rows->size();
        full_ = shown_ == static_cast<std::size_t>(limit);
        if (!full_) co_return rows;
        const auto whole = end_of_whole(*rows);
        if (whole > 0) shown_ = whole;
        const bool longest = limit >= longest_page * shared_->page_size;
        if (whole > 0 || longest) co_return rows;
        limit *= 2;
    }
}

const SqlQuery& SqlSource::Reading::query() const {
    if (one_) return *shared_->lookup;
    return nulls_ ? *shared_->null_query : shared_->query;
}

void SqlSource::Reading::keep_to(std::string external_id) {
    one_ = std::move(external_id);
}

runtime::Task<SourceResult<SourcePage>> SqlSource::Reading::look_up() {
    SqlPosition where;
    where.external_id = *one_;
    where.limit = shared_->page_size;
    auto rows = co_await ask(std::move(where));
    SourcePage page;
    if (rows) {
        shown_ = rows->size();
        map(*rows, page);
    }
    hang_up();
    if (!rows) {
        auto error = std::move(rows).error();
        error.what = "`lookup`: " + error.what;
        co_return std::unexpected(std::move(error));
    }
    page.last = ended_ = true;
    co_return page;
}

runtime::Task<SourceResult<SourcePage>> SqlSource::Reading::next() {
    if (one_) co_return co_await look_up();
    if (since_ && !begun_ && !shared_->has_offset && shared_->time.may_have_offset()) {
        auto fault = co_await learn_offset();
        if (fault) co_return std::unexpected(at_page(std::move(*fault)));
    }
    for (;;) {
        auto rows = co_await next_rows();
        if (!rows) co_return std::unexpected(rows.error());
        if (full_ && !nulls_) {
            auto fault = co_await look_for_infinity(*rows);
            if (fault) co_return std::unexpected(at_page(std::move(*fault)));
        }
        if (!nulls_) {
            if (auto fault = check_order(*rows))
                co_return std::unexpected(at_page(std::move(*fault)));
        }
        if (full_) {
            if (auto fault = move_on(*rows)) co_return std::unexpected(at_page(std::move(*fault)));
        }
        SourcePage page;
        map(*rows, page);
        ++page_;
        if (!full_ && !nulls_) {
            page.last = ended_ = true;
            hang_up();
        } else if (!full_) {
            nulls_ = begun_ = false;
            cursor_ = SqlPosition();
        }
        if (!page.last && page.records.empty()) continue;
        co_return page;
    }
}

/// Whether the first rows show an offset that was not known of when they were asked for.
bool SqlSource::Reading::must_begin_again(const SqlRows& rows) {
    if (nulls_ || begun_ || rows.size() == 0 || shared_->has_offset) return false;
    return learn_offset_from(rows) && since_ && shared_->time.may_have_offset();
}

/// The next page would skip rows that are not in the order of their times.
std::optional<SourceError> SqlSource::Reading::check_order(const SqlRows& rows) {
    for (std::size_t row = 0; row < shown_; ++row) {
        const auto& text = time_of(rows, row).text;
        const auto at = shared_->time.position(text);
        if (!at || rows.dialect.may_be_infinity(text)) continue;
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

void SqlSource::Reading::look_at_key(const SqlRows& rows, std::size_t row,
                                     MappedRecord& mapped) const {
    auto& defect = mapped.record.external_id_defect;
    const auto look_at = [&](std::size_t place) {
        const auto& value = rows.row(row)[place];
        if (value.kind != RawValue::Kind::text || is_blank_text(value.text) || !defect.empty())
            return;
        const auto type = rows.types[place];
        const bool whole = value.text.find_first_of(".,eE") == std::string::npos;
        if (!is_readable_text(value)) defect = lost_key;
        if (type == OdbcColumn::Type::approximate_number) defect = rounded_key;
        if (type == OdbcColumn::Type::exact_number && !whole) defect = scaled_key;
    };
    look_at(shared_->key_place);
    if (shared_->survivor_place) look_at(*shared_->survivor_place);
}

/// What lies beyond four digits of a year is no fault of the mapping.
void SqlSource::Reading::look_at_time(const SqlRows& rows, std::size_t row,
                                      MappedRecord& mapped) const {
    const auto beyond = SqlTime::beyond(time_of(rows, row).text);
    if (beyond == SqlTime::Beyond::none) return;
    mapped.record.modified_at.reset();
    mapped.record.recorded.reset();
    if (beyond == SqlTime::Beyond::for_ever) mapped.record.modified_at = last_moment;
    std::erase_if(mapped.faults,
                  [](const MappingFault& fault) { return fault.field == "modifiedAt"; });
    note_unread(mapped.record, mapped.faults);
}

void SqlSource::Reading::map(const SqlRows& rows, SourcePage& page) {
    const auto prefix = "page " + std::to_string(page_) + ", row ";
    page.records.reserve(shown_);
    page.server_time = rows.server_time;
    for (std::size_t row = 0; row < shown_; ++row) {
        auto mapped = shared_->mapping.map(rows.row(row), prefix + std::to_string(row + 1));
        look_at_key(rows, row, mapped);
        look_at_time(rows, row, mapped);
        page.precision = std::max(page.precision, mapped.precision);
        for (const auto& fault : mapped.faults)
            report(fault, mapped.record.place);
        fingerprint_.add(mapped.record.patient.external_id());
        page.records.push_back(std::move(mapped.record));
    }
}

/// Each field once a pass.
void SqlSource::Reading::report(const MappingFault& fault, const std::string& place) {
    if (reported_.contains(fault.field)) return;
    reported_.emplace(fault.field);
    shared_->drop(fault.field, std::string(fault.reason) + " (first at " + place + ")");
}

} // namespace medibridge::connectors
