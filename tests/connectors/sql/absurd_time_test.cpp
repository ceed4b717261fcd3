#include "servers.hpp"

#include <algorithm>
#include <gmock/gmock.h>

namespace medibridge::tests {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::UnorderedElementsAreArray;

/// Times that stand for none, or that nobody can have meant: they may be read in any order among
/// each other, harm nobody else, and are no reason to miss their own patient.
class AbsurdTime : public OnDatabase {
  protected:
    /// What this database can hold of it, as (key, time).
    std::vector<std::pair<std::string, std::string>> stamps() const {
        std::vector<std::pair<std::string, std::string>> stamps = {
            {"null-of-net", "0001-01-01 00:00:00"},    // DateTime.MinValue
            {"null-of-server", "1753-01-01 00:00:00"}, // the first of SQL Server's datetime
            {"null-of-ole", "1899-12-30 00:00:00"},    // the day 0 of OLE and Delphi
            {"null-of-excel", "1900-01-01 00:00:00"},  // the day 1 of spreadsheets
            {"null-of-unix", "1970-01-01 00:00:00"},   //
            {"before-gregory", "1582-10-10 12:00:00"}, // a day that was left out
            {"fixed-later", "2062-06-01 10:01:00"},    // a slip of the keyboard
            {"for-ever", "9999-12-31 23:59:59"},       // valid until further notice
            {"for-ever-us", "9999-12-31 23:59:59.999999"},
        };
        const auto kind = GetParam();
        if (kind == std::string("postgres")) {
            stamps.emplace_back("minus-infinity", "-infinity");
            stamps.emplace_back("infinity", "infinity");
            stamps.emplace_back("before-christ", "0044-03-15 12:00:00 BC");
            stamps.emplace_back("beyond-four-digits", "12026-01-01 10:00:00");
        }
        if (kind == std::string("mariadb")) stamps.emplace_back("zero", "0000-00-00 00:00:00");
        if (kind == std::string("sqlite")) {
            stamps.emplace_back("blank", "");
            stamps.emplace_back("zero", "0000-00-00 00:00:00");
            stamps.emplace_back("no-month", "2026-00-00 00:00:00");
            stamps.emplace_back("words", "pas de date");
        }
        return stamps;
    }

    std::vector<std::string> insert_all() {
        if (GetParam() == std::string("mariadb")) table->client.run("SET sql_mode = ''");
        std::vector<std::string> ids;
        for (const auto& [key, time] : stamps()) {
            table->insert(key, time);
            ids.push_back(key);
        }
        for (int i = 1; i <= 9; ++i) {
            ids.push_back("today-" + std::to_string(i));
            table->insert(ids.back(), "2026-06-01 10:00:0" + std::to_string(i));
        }
        return ids;
    }
};

TEST_P(AbsurdTime, ARowIsReadWhateverItsTime) {
    const auto ids = insert_all();
    for (const std::size_t page_size : {1u, 2u, 3u, 4u, 7u, 1000u}) {
        auto settings = table->settings();
        settings.page_size = page_size;
        table->open(settings);
        const auto pass = table->pass();
        ASSERT_FALSE(pass.error) << page_size << ": " << pass.error->what;
        EXPECT_TRUE(pass.proven);
        EXPECT_THAT(pass.ids(), UnorderedElementsAreArray(ids)) << page_size;
    }
}

TEST_P(AbsurdTime, AsPostgresShowsMoments) {
    if (GetParam() != std::string("postgres")) GTEST_SKIP() << "it has no infinity";
    auto ids = insert_all();
    for (const std::string type : {"timestamptz", "text", "date"}) {
        if (type == "date") { // its driver shows no era of a date
            table->client.run("DELETE FROM patients WHERE ipp = 'before-christ'");
            std::erase(ids, "before-christ");
        }
        auto settings = table->settings();
        settings.query = "SELECT ipp, nom, prenom, naissance, maj::" + type +
                         " AS maj FROM patients WHERE (maj::" + type +
                         ", ipp) > (:modified_after, :after_id) ORDER BY maj::" + type +
                         ", ipp LIMIT :limit";
        settings.timezone = "UTC";
        settings.connection += "ConnSettings=SET TIME ZONE 'UTC';";
        table->open(settings);
        const auto pass = table->pass();
        ASSERT_FALSE(pass.error) << type << ": " << pass.error->what;
        EXPECT_THAT(pass.ids(), UnorderedElementsAreArray(ids)) << type;
    }
}

TEST_P(AbsurdTime, APollGoesOnFromTheLastTimeThatIsBelieved) {
    insert_all();
    table->open();
    const auto first = table->pass(at("2026-06-01T08:00:09Z"));
    ASSERT_FALSE(first.error) << first.error->what;
    EXPECT_THAT(first.ids(), Contains("today-9"));
    EXPECT_THAT(first.ids(), Contains("for-ever"));
    EXPECT_THAT(first.ids(), testing::Not(Contains("today-8")));
    table->insert("next", "2026-06-01 10:00:10");
    EXPECT_THAT(table->pass(at("2026-06-01T08:00:09Z")).ids(), Contains("next"));
}

TEST_P(AbsurdTime, OnlyAbsurdRowsAreReadToo) {
    for (const auto& [key, time] : stamps()) {
        if (GetParam() == std::string("mariadb")) table->client.run("SET sql_mode = ''");
        table->client.run("DELETE FROM patients");
        table->insert(key, time);
        table->open();
        const auto pass = table->pass();
        ASSERT_FALSE(pass.error) << key << ": " << pass.error->what;
        EXPECT_THAT(pass.ids(), ElementsAre(key));
        const auto poll = table->pass(at("2026-01-01T00:00:00Z"));
        EXPECT_FALSE(poll.error) << key << ": " << poll.error->what;
    }
}

TEST_P(AbsurdTime, ManyOfOneAbsurdTimeAreReadEachOnce) {
    const auto kind = std::string(GetParam());
    if (kind == "mariadb") table->client.run("SET sql_mode = ''");
    std::vector<std::string> times = {"0001-01-01 00:00:00", "9999-12-31 23:59:59"};
    if (kind == "postgres")
        times = {"-infinity", "0001-01-01 00:00:00", "9999-12-31 23:59:59", "infinity"};
    if (kind == "mariadb" || kind == "sqlite") times.emplace_back("0000-00-00 00:00:00");
    std::vector<std::string> ids;
    // Keys of all times mixed, so that no order of keys tells one time from another.
    for (std::size_t i = 0; i < 10 * times.size(); ++i) {
        ids.push_back((i < 10 ? "k0" : "k") + std::to_string(i));
        table->insert(ids.back(), times[(i * 7 + i / 5) % times.size()]);
    }
    std::vector<std::string> queries = {table->settings().query};
    if (kind == "postgres")
        queries.emplace_back("SELECT ipp, nom, prenom, naissance, maj::date AS maj FROM patients "
                             "WHERE (maj::date, ipp) > (:modified_after, :after_id) "
                             "ORDER BY patients.maj::date, ipp LIMIT :limit");
    for (const auto& query : queries) {
        for (const std::size_t page_size : {1u, 3u, 4u, 10u}) {
            auto settings = table->settings();
            settings.page_size = page_size;
            settings.query = query;
            table->open(settings);
            const auto pass = table->pass();
            ASSERT_FALSE(pass.error) << page_size << ": " << pass.error->what;
            EXPECT_THAT(pass.ids(), UnorderedElementsAreArray(ids)) << page_size << query;
        }
    }
}

TEST_P(AbsurdTime, ForEverIsATimeThatNobodyBelievesAndNeverIsNone) {
    insert_all();
    table->open();
    const auto far = at("9000-01-01T00:00:00Z");
    for (const auto& record : table->pass().records) {
        const auto& id = record.patient.external_id();
        const bool for_ever = id.starts_with("for-ever") || id == "infinity";
        const bool never = id == "minus-infinity" || id == "zero" || id == "words";
        EXPECT_EQ(record.modified_at.value_or(far) > far, for_ever) << id;
        EXPECT_TRUE(!never || !record.modified_at) << id;
        EXPECT_TRUE(!id.starts_with("today") || record.modified_at) << id;
    }
}

TEST_P(AbsurdTime, TheDatabaseSaysWhatTimeItIsByUtc) {
    table->insert("1", "2026-06-01 10:00:00");
    for (const std::string zone : {"Pacific/Kiritimati", "America/Los_Angeles"}) {
        auto settings = table->settings();
        settings.timezone = zone;
        if (GetParam() == std::string("postgres"))
            settings.connection += "ConnSettings=SET TIME ZONE '" + zone + "';";
        if (GetParam() == std::string("mariadb"))
            settings.connection += "InitStmt={SET time_zone='+12:00'};";
        table->open(settings);
        const auto pass = table->pass();
        ASSERT_FALSE(pass.error) << pass.error->what;
        ASSERT_TRUE(pass.server_time);
        const auto now =
            std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
        EXPECT_LT(now - *pass.server_time, std::chrono::minutes(1));
        EXPECT_LT(*pass.server_time - now, std::chrono::minutes(1));
    }
}

INSTANTIATE_TEST_SUITE_P(Sql, AbsurdTime, testing::Values("postgres", "mariadb", "sqlite"),
                         database_name);

} // namespace
} // namespace medibridge::tests
