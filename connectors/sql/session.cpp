#include "connectors/sql/session.hpp"

#include "connectors/sql/failure.hpp"
#include "connectors/sql/odbc_text.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <optional>
#include <thread>
#include <utility>

namespace medibridge::connectors {

namespace asio = boost::asio;
using Kind = SourceError::Kind;

namespace {

/// More names are not listed.
constexpr std::size_t most_names = 30;

void add_to(std::string& list, const std::string& name) {
    list += (list.empty() ? "" : ", ") + name;
}

std::string list_of(const std::vector<OdbcColumn>& columns) {
    std::string list;
    for (std::size_t i = 0; i < columns.size() && i < most_names; ++i)
        add_to(list, columns[i].name);
    return columns.size() > most_names ? list + ", …" : list;
}

/// Which column of the result holds each place. Reports all mistakes at once.
SourceResult<std::vector<std::size_t>> find_columns(const std::vector<std::string>& places,
                                                    const std::vector<OdbcColumn>& shown) {
    std::vector<std::size_t> columns;
    std::string missing;
    std::string twice;
    for (std::size_t place = 0; place < places.size(); ++place) {
        const auto is_it = [&](const OdbcColumn& column) {
            return same_name(column.name, places[place]);
        };
        const auto found = std::ranges::find_if(shown, is_it);
        columns.push_back(static_cast<std::size_t>(found - shown.begin()));
        const bool named = std::find(places.begin(), places.begin() + std::ptrdiff_t(place),
                                     places[place]) != places.begin() + std::ptrdiff_t(place);
        if (named) continue;
        if (found == shown.end())
            add_to(missing, '"' + places[place] + '"');
        else if (std::any_of(found + 1, shown.end(), is_it))
            add_to(twice, '"' + places[place] + '"');
    }
    if (missing.empty() && twice.empty()) return columns;
    std::string what;
    if (!missing.empty())
        what = "the query shows no column " + missing + ", which `fields` names; it shows " +
               list_of(shown);
    if (!twice.empty())
        what += (what.empty() ? "" : "; ") + ("the query shows two columns " + twice) +
                ": give one of them another name (AS)";
    return std::unexpected(SourceError(Kind::unreadable, std::move(what)));
}

std::string too_many_rows(const SqlPosition& position) {
    if (!position.external_id.empty())
        return "it gives more than " + std::to_string(position.limit) +
               " rows: it must keep to the rows of :external_id";
    return "the query gives more rows than :limit: it must end with LIMIT :limit or the like";
}

/// Whether another beginning may be taken where this one was not: what is wrong is a value, or
/// cannot be told.
bool may_be_of_value(const OdbcError& error) {
    return !error.dead && error.stage != OdbcError::Stage::connect &&
           (error.state.starts_with("22") || error.state == "HY000");
}

} // namespace

void SqlThreads::begin() {
    const std::lock_guard lock(mutex_);
    ++running_;
}

void SqlThreads::end() {
    const std::lock_guard lock(mutex_);
    --running_;
    changed_.notify_all();
}

int SqlThreads::running() const {
    const std::lock_guard lock(mutex_);
    return running_;
}

void SqlThreads::wait_for_all(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, limit, [this] { return running_ == 0; });
}

/// What a thread needs of a session, so that it may outlive it.
class SqlSession::Request {
  public:
    Request(SqlQuery its_query, SqlPosition its_position)
        : query(std::move(its_query)),
          position(std::move(its_position)) {}

    SqlQuery query;
    SqlPosition position;
    std::vector<std::string> places;
    std::vector<std::string> secrets;
    Beginnings beginnings;
    std::size_t from = 0;
};

/// The connection; used by one thread at a time, all but end_statement().
struct SqlSession::Link {
    explicit Link(SqlAccess its_access) : access(std::move(its_access)) {}

    SourceResult<SqlRows> answer(const Request& request);
    /// Asks the server to end what is under way. From any thread; blocks.
    void end_statement();
    SourceResult<SqlRows> begin(const Request& request);
    OdbcResult<SourceResult<SqlRows>> run(const Request& request, const SqlPosition& position);
    OdbcResult<SourceResult<SqlRows>> read_rows(const Request& request,
                                                const std::vector<OdbcColumn>& shown);
    SourceError failed(const OdbcError& error, const Request& request);
    OdbcResult<void> open();
    std::string ask(std::string_view query);
    void ask_clock();

    const SqlAccess access;
    std::atomic<bool> given_up = false; ///< no statement is begun any more
    std::mutex mutex;
    std::string ending; ///< under the mutex: see SqlDialect::ending_of(); empty: the driver's
    OdbcConnection connection;
    SqlDialect dialect;
    std::optional<reconcile::Instant> clock; ///< the database's own
    std::chrono::steady_clock::time_point clock_asked;
};

SourceError SqlSession::Link::failed(const OdbcError& error, const Request& request) {
    connection.close(); // whatever it was: the next attempt begins anew
    return sql_failure(error, request.secrets);
}

/// The one value that a statement of ours shows; empty: none.
std::string SqlSession::Link::ask(std::string_view query) {
    RawValue value;
    if (query.empty()) return value.text;
    const std::size_t column = 0;
    const auto shown = connection.run(std::string(query), {}, access.timeout);
    if (shown && !shown->empty()) {
        const auto got = connection.fetch(std::span(&column, 1), std::span(&value, 1));
        if (!got || !*got) value.clear();
    }
    connection.finish();
    return value.text;
}

/// Once a connection: its clock goes on as ours does. A database that does not tell has none.
void SqlSession::Link::ask_clock() {
    clock = SqlDialect::read_clock(ask(dialect.clock_query()));
    clock_asked = std::chrono::steady_clock::now();
}

OdbcResult<void> SqlSession::Link::open() {
    auto opened = connection.open(access.attributes, access.timeout);
    if (!opened) return opened;
    dialect = SqlDialect(connection.product());
    auto its_ending = SqlDialect::ending_of(ask(dialect.session_query()));
    {
        const std::lock_guard lock(mutex);
        ending = std::move(its_ending);
    }
    ask_clock();
    return opened;
}

void SqlSession::Link::end_statement() {
    given_up = true;
    std::string statement;
    {
        const std::lock_guard lock(mutex);
        statement = ending;
    }
    if (statement.empty()) return connection.cancel();
    OdbcConnection other;
    if (other.open(access.attributes, access.timeout))
        static_cast<void>(other.run(statement, {}, access.timeout));
}

SourceResult<SqlRows> SqlSession::Link::answer(const Request& request) {
    if (!connection.is_open()) {
        const auto opened = open();
        if (!opened) return std::unexpected(failed(opened.error(), request));
    }
    if (request.beginnings) return begin(request);
    auto rows = run(request, request.position);
    if (!rows) return std::unexpected(failed(rows.error(), request));
    return *std::move(rows);
}

/// A column takes some texts and refuses others, and one that is not the least of all may hide
/// rows: what shows none is no beginning as long as there is another one.
SourceResult<SqlRows> SqlSession::Link::begin(const Request& request) {
    const auto texts = request.beginnings(dialect);
    std::optional<SourceResult<SqlRows>> none;
    auto position = request.position;
    for (std::size_t i = std::min(request.from, texts.size() - 1); i < texts.size(); ++i) {
        position.modified_after = texts[i];
        auto rows = run(request, position);
        const bool last = i + 1 == texts.size();
        if (!rows) {
            if (last && none) break;
            if (last || !may_be_of_value(rows.error()))
                return std::unexpected(failed(rows.error(), request));
            continue;
        }
        if (*rows) (*rows)->beginning = i;
        if (!*rows || (*rows)->size() > 0) return *std::move(rows);
        none = *std::move(rows);
    }
    return *std::move(none);
}

OdbcResult<SourceResult<SqlRows>> SqlSession::Link::run(const Request& request,
                                                        const SqlPosition& position) {
    // Nothing to cancel was there yet when it was given up.
    if (given_up) return std::unexpected(OdbcError());
    const auto values = request.query.values(position);
    const auto shown = connection.run(request.query.text(), values, access.timeout);
    if (!shown) return std::unexpected(shown.error());
    return read_rows(request, *shown);
}

OdbcResult<SourceResult<SqlRows>>
SqlSession::Link::read_rows(const Request& request, const std::vector<OdbcColumn>& shown) {
    const auto columns = find_columns(request.places, shown);
    if (!columns) return SourceResult<SqlRows>(std::unexpected(columns.error()));
    // Most drivers give a row's values from left to right only, each once.
    std::vector<std::size_t> rising = *columns;
    std::ranges::sort(rising);
    rising.erase(std::unique(rising.begin(), rising.end()), rising.end());
    std::vector<RawValue> row(rising.size());
    SqlRows rows;
    rows.columns = columns->size();
    for (const auto column : *columns)
        rows.types.push_back(shown[column].type);
    for (;;) {
        const auto more = connection.fetch(rising, row);
        if (!more) return std::unexpected(more.error());
        if (!*more) break;
        if (rows.size() == static_cast<std::size_t>(request.position.limit))
            return SourceResult<SqlRows>(
                std::unexpected(SourceError(Kind::unreadable, too_many_rows(request.position))));
        for (const auto column : *columns)
            rows.values.push_back(row[static_cast<std::size_t>(
                std::ranges::lower_bound(rising, column) - rising.begin())]);
    }
    connection.finish(); // no lock stays behind
    rows.dialect = dialect;
    if (clock)
        rows.server_time = *clock + std::chrono::floor<std::chrono::milliseconds>(
                                        std::chrono::steady_clock::now() - clock_asked);
    return SourceResult<SqlRows>(std::move(rows));
}

/// One job of a thread, and where its result goes. The thread may outlive the io context: it posts
/// only as long as somebody waits.
struct SqlSession::Errand {
    std::mutex mutex;
    std::optional<asio::any_io_executor> executor; ///< under the mutex; nothing: nobody waits

    // On the io thread only.
    std::optional<SourceResult<SqlRows>> result;
    std::exception_ptr thrown;
    asio::steady_timer* timer = nullptr; ///< ends the waiting

    bool is_done() const { return result || thrown; }
};

/// The one who waits for an errand.
class SqlSession::Waiting {
  public:
    Waiting(std::shared_ptr<Errand> errand, asio::any_io_executor executor)
        : errand_(std::move(errand)),
          timer_(executor) {
        errand_->executor = std::move(executor);
        errand_->timer = &timer_;
    }
    ~Waiting() {
        const std::lock_guard lock(errand_->mutex);
        errand_->executor.reset();
        errand_->timer = nullptr;
    }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

    asio::steady_timer& timer() { return timer_; }

  private:
    std::shared_ptr<Errand> errand_;
    asio::steady_timer timer_;
};

namespace {

/// Runs `job` on a thread of its own, which may outlive everybody.
template <class Job>
void run_apart(const std::shared_ptr<SqlThreads>& threads, Job job) {
    threads->begin();
    try {
        std::thread([threads, inner = std::move(job)]() mutable {
            {
                auto last = std::move(inner); // what it holds goes before its end is counted
                last();
            }
            threads->end();
        }).detach();
    } catch (...) {
        threads->end();
        throw;
    }
}

} // namespace

SqlSession::SqlSession(asio::any_io_executor executor, SqlAccess access,
                       std::shared_ptr<SqlThreads> threads)
    : executor_(std::move(executor)),
      access_(std::move(access)),
      threads_(std::move(threads)),
      link_(std::make_shared<Link>(access_)) {}

SqlSession::~SqlSession() {
    try {
        // A thread that is still inside the driver has the connection too: the last one closes it.
        run_apart(threads_, [link = std::move(link_)] {});
    } catch (const std::exception&) {
        // No thread is to be had: what was moved has been closed right here.
    }
}

void SqlSession::start(const std::shared_ptr<Errand>& errand, Request request) {
    run_apart(threads_, [errand, link = link_, inner = std::move(request)] {
        std::optional<SourceResult<SqlRows>> result;
        std::exception_ptr thrown;
        try {
            result = link->answer(inner);
        } catch (...) {
            thrown = std::current_exception();
        }
        const std::lock_guard lock(errand->mutex);
        if (!errand->executor) return;
        auto done = [errand, found = std::move(result), thrown]() mutable {
            errand->result = std::move(found);
            errand->thrown = thrown;
            if (errand->timer != nullptr) errand->timer->cancel();
        };
        asio::post(*errand->executor, std::move(done));
    });
}

runtime::Task<SourceResult<SqlRows>> SqlSession::page(const SqlQuery& query, SqlPosition position,
                                                      std::vector<std::string> places,
                                                      Beginnings beginnings, std::size_t from) {
    Request request(query, std::move(position));
    request.places = std::move(places);
    request.secrets = std::vector<std::string>(1, access_.password);
    request.secrets.push_back(request.position.after_id);
    request.secrets.push_back(request.position.external_id);
    request.beginnings = std::move(beginnings);
    request.from = from;

    errand_ = std::make_shared<Errand>();
    const auto errand = errand_;
    Waiting waiting(errand, executor_);
    start(errand, std::move(request));
    // Once to connect, once to run; a driver that heeds no timeout is not waited for any longer.
    const auto patience = 2 * access_.timeout + access_.grace;
    const auto until = std::chrono::steady_clock::now() + patience;
    waiting.timer().expires_at(until);
    while (!errand->is_done() && !cancelled_ && std::chrono::steady_clock::now() < until) {
        co_await waiting.timer().async_wait(asio::as_tuple(asio::use_awaitable));
    }
    errand_.reset();
    if (errand->thrown) std::rethrow_exception(errand->thrown);
    if (errand->is_done() && !cancelled_) co_return std::move(*errand->result);
    if (!errand->is_done()) give_up();
    if (cancelled_) co_return std::unexpected(SourceError(Kind::cancelled, "cancelled"));
    co_return std::unexpected(
        SourceError(Kind::unavailable,
                    "the driver has not answered for " + std::to_string(patience.count()) + " ms"));
}

/// Abandons the driver's thread, and has the server asked to end the statement.
void SqlSession::give_up() {
    abandoned_ = true;
    run_apart(threads_, [link = link_] { link->end_statement(); });
}

void SqlSession::cancel() {
    cancelled_ = true;
    if (errand_ && errand_->timer != nullptr) errand_->timer->cancel();
}

} // namespace medibridge::connectors
