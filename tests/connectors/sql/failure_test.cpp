#include "servers.hpp"
#include "tests/sanitized.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fstream>
#include <gmock/gmock.h>
#include <sstream>

namespace medibridge::tests {
namespace {

using connectors::SourceError;
using Kind = SourceError::Kind;
using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

class Failure : public OnDatabase {};
class ServerFailure : public OnServer {};

#define EXPECT_FAILS(pass, its_kind, matcher)                                                      \
    do {                                                                                           \
        const auto& failed = pass;                                                                 \
        ASSERT_TRUE(failed.error);                                                                 \
        EXPECT_EQ(failed.error->kind, its_kind) << failed.error->what;                             \
        EXPECT_THAT(failed.error->what, matcher);                                                  \
    } while (false)

TEST_P(Failure, ABadStatementIsUnreadableWithItsSqlstate) {
    auto settings = table->settings();
    settings.query = "SELECT ipp FROM nowhere WHERE (maj, ipp) > (:modified_after, :after_id) "
                     "LIMIT :limit";
    table->open(settings);
    EXPECT_FAILS(table->pass(), Kind::unreadable,
                 AllOf(HasSubstr("page 1: SQLSTATE "), HasSubstr("`query`"), HasSubstr("nowhere")));
    EXPECT_EQ(table->source->requests(), 1) << "trying again mends nothing";
}

TEST_P(Failure, AMissingColumnIsNamedBesideThoseThatThereAre) {
    table->insert("1", "2026-06-01 10:00:00");
    auto settings = table->settings();
    settings.fields["email"].at = "courriel";
    table->open(settings);
    EXPECT_FAILS(
        table->pass(), Kind::unreadable,
        AllOf(HasSubstr("no column \"courriel\""), HasSubstr("ipp, nom, prenom, naissance, maj")));
}

TEST_P(Failure, TwoColumnsOfOneNameAreRefused) {
    auto settings = table->settings();
    settings.query = "SELECT ipp, nom, prenom AS nom, prenom, naissance, maj FROM patients "
                     "WHERE (maj, ipp) > (:modified_after, :after_id) ORDER BY maj, ipp "
                     "LIMIT :limit";
    table->open(settings);
    EXPECT_FAILS(table->pass(), Kind::unreadable, HasSubstr("two columns \"nom\""));
}

TEST_P(Failure, AStatementWithoutOrderIsNoticed) {
    for (int i = 1; i <= 9; ++i)
        table->insert(std::to_string(i), "2026-06-0" + std::to_string(10 - i) + " 10:00:00");
    auto settings = table->settings();
    settings.query = "SELECT ipp, nom, prenom, naissance, maj FROM patients "
                     "WHERE (maj, ipp) > (:modified_after, :after_id) ORDER BY ipp LIMIT :limit";
    table->open(settings);
    EXPECT_FAILS(table->pass(), Kind::unreadable, HasSubstr("older than the one before"));
}

TEST_P(Failure, AStatementThatForgetsWhereItWasIsNoticed) {
    table->insert_many(9, "2026-06-01 10:00:00");
    auto settings = table->settings();
    settings.query = "SELECT ipp, nom, prenom, naissance, maj FROM patients "
                     "WHERE (maj, ipp) > (:modified_after, :after_id) OR 1 = 1 "
                     "ORDER BY maj, ipp LIMIT :limit";
    table->open(settings);
    EXPECT_FAILS(table->pass(), Kind::unreadable, HasSubstr("the same row as the page before"));
}

TEST_P(Failure, AStatementWithoutLimitIsNoticed) {
    table->insert_many(9, "2026-06-01 10:00:00");
    auto settings = table->settings();
    settings.query = "SELECT ipp, nom, prenom, naissance, maj FROM patients "
                     "WHERE (maj, ipp) > (:modified_after, :after_id) ORDER BY maj, ipp "
                     "LIMIT 5 OFFSET :limit";
    table->open(settings);
    EXPECT_FAILS(table->pass(), Kind::unreadable, HasSubstr("more rows than :limit"));
}

TEST_P(Failure, ManyRowsWithoutATimeAreNoticed) {
    table->insert_many(70, "2026-06-01 10:00:00");
    auto settings = table->settings();
    settings.query = "SELECT ipp, nom, prenom, naissance, NULL AS maj FROM patients "
                     "WHERE (maj, ipp) > (:modified_after, :after_id) ORDER BY patients.maj, ipp "
                     "LIMIT :limit";
    table->open(settings);
    EXPECT_FAILS(table->pass(), Kind::unreadable, HasSubstr("`null_query`"));
}

TEST_P(Failure, ADriverThatIsNotThereIsUnreadable) {
    auto settings = table->settings();
    settings.connection = "Driver=/nowhere/driver.so;Server=x;";
    table->open(settings);
    EXPECT_FAILS(table->pass(), Kind::unreadable,
                 AllOf(HasSubstr("installed"), Not(HasSubstr("passe"))));
}

TEST_P(Failure, ErrorsHoldNoValues) {
    table->insert("plantedkey", "2026-06-01 10:00:00", "plantedname");
    for (int i = 1; i <= 5; ++i)
        table->insert("plantedkey" + std::to_string(i), "2026-06-01 10:00:00", "plantedname");
    auto settings = table->settings();
    settings.fields["modifiedAt"].format = "%d/%m/%Y"; // neither read nor understood by anybody
    table->open(settings);
    const auto pass = table->pass();
    ASSERT_TRUE(pass.error);
    EXPECT_THAT(pass.error->what, Not(HasSubstr("planted")));
}

TEST_P(Failure, CancellingEndsTheReading) {
    table->insert_many(9, "2026-06-01 10:00:00");
    table->open();
    const auto pass = table->pass(std::nullopt, [&] { table->source->cancel(); });
    EXPECT_FAILS(pass, Kind::cancelled, testing::_);
    EXPECT_FAILS(table->pass(), Kind::cancelled, testing::_);
}

TEST_P(ServerFailure, AWrongPasswordIsUnauthorizedAndNotTriedAgain) {
    for (const bool given : {true, false}) {
        auto settings = table->settings();
        settings.password.reset();
        if (given) settings.password = config::Secret("plantedpassword");
        table->open(settings);
        EXPECT_FAILS(table->pass(), Kind::unauthorized,
                     AllOf(HasSubstr("`password`"), Not(HasSubstr("plantedpassword"))));
        EXPECT_EQ(table->source->requests(), 1);
    }
}

TEST_P(ServerFailure, AServerThatIsDownIsUnavailable) {
    table->database.stop();
    table->open();
    const auto pass = table->pass();
    table->database.start();
    EXPECT_FAILS(pass, Kind::unavailable, HasSubstr("(3 attempts)"));
    EXPECT_FALSE(table->pass().error) << "the same source goes on once the server is back";
}

TEST_P(ServerFailure, ARestartInTheMiddleOfAPassCostsNothing) {
    table->insert_many(20, "2026-06-01 10:00:00");
    auto limits = HisTable::quick();
    limits.retries.attempts = 100;
    table->open(table->settings(), limits);
    int pages = 0;
    const auto pass = table->pass(std::nullopt, [&] {
        if (++pages != 2) return;
        table->database.stop();
        table->database.start();
    });
    ASSERT_FALSE(pass.error) << pass.error->what;
    EXPECT_TRUE(pass.proven);
    EXPECT_THAT(pass.records, SizeIs(20)) << "each once";
    EXPECT_GT(table->source->requests(), pass.pages);
}

/// A statement that takes 20 seconds, and locks nothing meanwhile.
connectors::SqlSettings slow_settings(const HisTable& table) {
    auto settings = table.settings();
    settings.query =
        "SELECT CAST(:modified_after AS char(40)) AS maj, :after_id AS ipp, 'a' AS nom, "
        "'b' AS prenom, '1980-01-01' AS naissance, " +
        table.database.sleeping(20) + " AS pause LIMIT :limit";
    return settings;
}

TEST_P(ServerFailure, CancellingDoesNotWaitForAStatementAndTheServerEndsIt) {
    table->insert("1", "2026-06-01 10:00:00");
    auto limits = HisTable::quick();
    limits.farewell = 15s;
    table->open(slow_settings(*table), limits);
    boost::asio::steady_timer timer(table->context, 200ms);
    timer.async_wait([&](boost::system::error_code) { table->source->cancel(); });
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_FAILS(table->pass(), Kind::cancelled, testing::_);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
    table->source.reset(); // waits for the driver to return
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
}

TEST_P(ServerFailure, AStatementThatTakesTooLongIsUnavailable) {
    table->insert("1", "2026-06-01 10:00:00");
    auto settings = slow_settings(*table);
    settings.timeout = 1s;
    auto limits = HisTable::quick();
    limits.retries.attempts = 1;
    table->open(settings, limits);
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_FAILS(table->pass(), Kind::unavailable, HasSubstr("page 1: "));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
}

/// Bytes of this process that are in memory.
std::int64_t resident() {
    std::ifstream file("/proc/self/statm");
    std::int64_t pages = 0;
    file >> pages >> pages;
    return pages * 4096;
}

TEST_P(Failure, AHundredThousandRowsTakeNoMoreMemoryThanAFewPages) {
    constexpr int rows = sanitized ? 10'000 : 100'000;
    // A sanitizer keeps what is freed for a while.
    constexpr std::int64_t most = (sanitized ? 256 : 8) << 20;
    table->insert_many(rows, "2026-06-01 10:00:00");
    auto settings = table->settings();
    settings.page_size = 1000;
    auto& source = table->open(settings);
    std::int64_t after_first_pages = 0;
    std::int64_t peak = 0;
    std::int64_t count = 0;
    auto count_all = [&]() -> runtime::Task<void> {
        const auto reading = source.read(std::nullopt);
        for (int pages = 1;; ++pages) {
            const auto page = co_await reading->next();
            if (!page) {
                ADD_FAILURE() << page.error().what;
                co_return;
            }
            count += static_cast<std::int64_t>(page->records.size());
            if (pages == 3) after_first_pages = resident();
            peak = std::max(peak, resident());
            if (page->last) co_return;
        }
    };
    boost::asio::co_spawn(table->context, count_all(), boost::asio::detached);
    table->context.run();
    EXPECT_EQ(count, rows);
    EXPECT_LT(peak - after_first_pages, most);
    RecordProperty("grown_kib", static_cast<int>((peak - after_first_pages) / 1024));
}

INSTANTIATE_TEST_SUITE_P(Sql, Failure, testing::Values("postgres", "mariadb", "sqlite"),
                         database_name);
INSTANTIATE_TEST_SUITE_P(Sql, ServerFailure, testing::Values("postgres", "mariadb"), database_name);

} // namespace
} // namespace medibridge::tests
