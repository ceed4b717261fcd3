#include "servers.hpp"

#include <algorithm>
#include <gmock/gmock.h>

namespace medibridge::tests {
namespace {

using reconcile::Field;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class Reading : public OnDatabase {};

TEST_P(Reading, ShowsEveryRowOnceInTheOrderOfTheirTimes) {
    table->insert("0003", "2026-06-01 10:00:00", "Lefevre");
    table->insert("0001", "2026-06-02 10:00:00.25");
    table->insert("0002", "2026-05-31 23:59:59.999999");
    for (int i = 4; i <= 9; ++i)
        table->insert("000" + std::to_string(i), "2026-06-03 10:00:0" + std::to_string(i));
    const auto pass = table->pass();
    ASSERT_FALSE(pass.error) << pass.error->what;
    EXPECT_TRUE(pass.proven);
    EXPECT_THAT(pass.ids(), ElementsAre("0002", "0003", "0001", "0004", "0005", "0006", "0007",
                                        "0008", "0009"));
    const auto& record = pass.records.at(1);
    EXPECT_EQ(record.patient[Field::last_name].text(), "Lefevre");
    EXPECT_EQ(record.patient[Field::first_name].text(), "Zoé");
    EXPECT_EQ(record.patient[Field::birth_date].text(), "1980-05-12");
    EXPECT_EQ(record.modified_at, at("2026-06-01T08:00:00Z"));
    EXPECT_EQ(record.place, "page 1, row 2");
    EXPECT_EQ(pass.records.at(0).modified_at, at("2026-05-31T21:59:59.999Z"));
    EXPECT_EQ(pass.records.at(2).modified_at, at("2026-06-02T08:00:00.250Z"));
    EXPECT_EQ(table->source->requests(), pass.pages);
    EXPECT_THAT(table->log.events, IsEmpty());
}

TEST_P(Reading, OfAnEmptyTableIsOneEmptyPage) {
    const auto pass = table->pass();
    EXPECT_FALSE(pass.error) << pass.error->what;
    EXPECT_EQ(pass.pages, 1);
    EXPECT_TRUE(pass.proven);
    EXPECT_FALSE(table->pass(at("2026-01-01T00:00:00Z")).error);
}

TEST_P(Reading, SinceAMomentShowsWhatChangedThenOrLater) {
    table->insert("old", "2026-06-01 10:00:00");
    table->insert("at", "2026-06-01 12:00:00");
    table->insert("later", "2026-06-01 12:00:00.001");
    EXPECT_THAT(table->pass(at("2026-06-01T10:00:00Z")).ids(), ElementsAre("at", "later"));
    table->client.run("UPDATE patients SET maj = '2026-06-01 13:00:00', nom = 'Neuf' "
                      "WHERE ipp = 'old'");
    const auto pass = table->pass(at("2026-06-01T10:30:00Z"));
    EXPECT_THAT(pass.ids(), ElementsAre("old"));
    EXPECT_EQ(pass.records.at(0).patient[Field::last_name].text(), "Neuf");
    EXPECT_EQ(table->source->requests(), 3) << "one to see how times are written, one a pass";
}

TEST_P(Reading, EqualTimesGoOverPages) {
    table->insert_many(23, "2026-06-01 10:00:00.123456");
    table->insert("first", "2026-06-01 10:00:00.123455");
    table->insert("last", "2026-06-01 10:00:00.123457");
    auto pass = table->pass();
    ASSERT_FALSE(pass.error) << pass.error->what;
    auto ids = pass.ids();
    EXPECT_THAT(ids, SizeIs(25));
    EXPECT_EQ(ids.front(), "first");
    EXPECT_EQ(ids.back(), "last");
    std::ranges::sort(ids);
    EXPECT_EQ(std::ranges::adjacent_find(ids), ids.end());
    auto settings = table->settings();
    settings.page_size = 1;
    table->open(settings);
    EXPECT_EQ(table->pass().fingerprint, pass.fingerprint);
}

TEST_P(Reading, ARowThatChangesMeanwhileComesAgainAndNobodyIsMissed) {
    table->insert_many(12, "2026-06-01 10:00:00");
    bool changed = false;
    const auto pass = table->pass(std::nullopt, [&] {
        if (changed) return;
        changed = true;
        table->client.run("UPDATE patients SET maj = '2026-06-01 11:00:00' "
                          "WHERE ipp IN ('000001', '000009')");
        table->insert("new", "2026-06-01 11:00:00");
    });
    ASSERT_FALSE(pass.error) << pass.error->what;
    auto ids = pass.ids();
    EXPECT_EQ(std::ranges::count(ids, "000001"), 2);
    EXPECT_EQ(std::ranges::count(ids, "000009"), 1);
    EXPECT_EQ(std::ranges::count(ids, "new"), 1);
    EXPECT_THAT(ids, SizeIs(14));
}

TEST_P(Reading, ASlowTransactionIsFoundByThoseWhoReadBackFarEnough) {
    table->insert("before", "2026-06-01 10:00:00");
    Client slow(table->database);
    slow.begin();
    slow.run("INSERT INTO patients VALUES ('slow', 'Lent', 'Zoé', '1980-05-12', "
             "'2026-06-01 10:01:00')");
    if (table->database.is_server()) table->insert("quick", "2026-06-01 10:02:00");
    EXPECT_THAT(table->pass(at("2026-06-01T07:59:00Z")).ids(),
                testing::Not(testing::Contains("slow")))
        << "the reading neither waits for the transaction nor sees what it may still undo";
    slow.commit();
    EXPECT_THAT(table->pass(at("2026-06-01T07:59:00Z")).ids(), testing::Contains("slow"));
}

TEST_P(Reading, AccentsSurvive) {
    const std::string name = "Œuvrard-Łęcki née Strauß d'été 日本 😀";
    std::string quoted = name;
    quoted.insert(quoted.find('\''), "'");
    table->insert("é-1", "2026-06-01 10:00:00", quoted);
    table->insert("é-2", "2026-06-01 10:00:00", "Élodie");
    table->insert("é-3", "2026-06-01 10:00:00", "Ÿ");
    std::vector<std::string> connections = {table->database.connection()};
    if (!table->database.narrow_connection().empty())
        connections.push_back(table->database.narrow_connection());
    for (const auto& connection : connections) {
        auto settings = table->settings();
        settings.connection = connection;
        settings.page_size = 1; // so that accents are bound, too
        table->open(settings);
        const auto pass = table->pass();
        ASSERT_FALSE(pass.error) << connection << ": " << pass.error->what;
        EXPECT_THAT(pass.ids(), ElementsAre("é-1", "é-2", "é-3")) << connection;
        EXPECT_EQ(pass.records.at(0).patient[Field::last_name].text(), name) << connection;
        EXPECT_EQ(pass.records.at(1).patient[Field::last_name].text(), "Élodie") << connection;
    }
}

TEST_P(Reading, AQueryMayHoldAccents) {
    table->insert("1", "2026-06-01 10:00:00");
    auto settings = table->settings();
    settings.query = "SELECT ipp, 'Müller-Œ' AS nom, prenom, naissance, maj FROM patients "
                     "WHERE (maj, ipp) > (:modified_after, :after_id) AND prenom = 'Zoé' "
                     "ORDER BY maj, ipp LIMIT :limit";
    table->open(settings);
    const auto pass = table->pass();
    ASSERT_FALSE(pass.error) << pass.error->what;
    ASSERT_THAT(pass.records, SizeIs(1));
    EXPECT_EQ(pass.records.at(0).patient[Field::last_name].text(), "Müller-Œ");
}

TEST_P(Reading, RowsWithoutATimeAreListedByKeyInReadingsOfEverything) {
    for (int i = 1; i <= 9; ++i)
        table->insert("null-" + std::to_string(i), "NULL");
    table->insert("dated", "2026-06-01 10:00:00");
    EXPECT_THAT(table->pass().ids(), ElementsAre("dated")) << "without null_query";
    auto settings = table->settings();
    settings.null_query = "SELECT ipp, nom, prenom, naissance, maj FROM patients "
                          "WHERE maj IS NULL AND ipp > :after_id ORDER BY ipp LIMIT :limit";
    table->open(settings);
    const auto pass = table->pass();
    ASSERT_FALSE(pass.error) << pass.error->what;
    EXPECT_TRUE(pass.proven);
    EXPECT_THAT(pass.ids(), ElementsAre("null-1", "null-2", "null-3", "null-4", "null-5", "null-6",
                                        "null-7", "null-8", "null-9", "dated"));
    EXPECT_FALSE(pass.records.at(0).modified_at);
    EXPECT_THAT(table->pass(at("2026-01-01T00:00:00Z")).ids(), ElementsAre("dated"));
}

TEST_P(Reading, ARowThatGetsItsTimeMeanwhileIsNotMissed) {
    for (int i = 1; i <= 9; ++i)
        table->insert("null-" + std::to_string(i), "NULL");
    auto settings = table->settings();
    settings.null_query = "SELECT ipp, nom, prenom, naissance, maj FROM patients "
                          "WHERE maj IS NULL AND ipp > :after_id ORDER BY ipp LIMIT :limit";
    table->open(settings);
    const auto pass = table->pass(std::nullopt, [&] {
        table->client.run("UPDATE patients SET maj = '2026-06-01 10:00:00' WHERE ipp = 'null-8'");
    });
    EXPECT_THAT(pass.ids(), testing::Contains("null-8"));
    EXPECT_THAT(pass.ids(), SizeIs(9));
}

TEST_P(Reading, LocalTimesAreReadAndAskedForOnTheClockOfTheZone) {
    table->insert("winter", "2026-01-15 12:00:00");
    table->insert("before", "2026-10-25 01:59:59");
    table->insert("fold", "2026-10-25 02:15:00"); // twice on that day: 00:15Z and 01:15Z
    table->insert("after", "2026-10-25 03:00:00");
    const auto all = table->pass();
    ASSERT_THAT(all.records, SizeIs(4));
    EXPECT_EQ(all.records.at(0).modified_at, at("2026-01-15T11:00:00Z"));
    EXPECT_EQ(all.records.at(1).modified_at, at("2026-10-24T23:59:59Z"));
    EXPECT_EQ(all.records.at(2).modified_at, at("2026-10-25T00:00:00Z"));
    EXPECT_EQ(all.records.at(3).modified_at, at("2026-10-25T02:00:00Z"));
    // In the second passage through the hour, a row of 02:15 may be of either.
    EXPECT_THAT(table->pass(at("2026-10-25T01:10:00Z")).ids(), ElementsAre("fold", "after"));
    EXPECT_THAT(table->pass(at("2026-10-25T01:50:00Z")).ids(), ElementsAre("fold", "after"));
    EXPECT_THAT(table->pass(at("2026-10-25T02:00:00Z")).ids(), ElementsAre("after"));
    auto settings = table->settings();
    settings.timezone = "Indian/Reunion";
    table->open(settings);
    EXPECT_EQ(table->pass().records.at(0).modified_at, at("2026-01-15T08:00:00Z"));
}

TEST_P(Reading, AValueThatIsTooLongSpoilsItsFieldOnly) {
    table->insert("1", "2026-06-01 10:00:00");
    table->insert("2", "2026-06-01 10:00:00");
    table->insert("3", "2026-06-01 10:00:00");
    table->client.run("UPDATE patients SET nom = " + table->database.long_text(200'000) +
                      " WHERE ipp = '1'");
    table->client.run("UPDATE patients SET nom = " + table->database.long_text(20'000) +
                      " WHERE ipp = '2'");
    const auto pass = table->pass();
    ASSERT_FALSE(pass.error) << pass.error->what;
    ASSERT_THAT(pass.records, SizeIs(3));
    EXPECT_TRUE(pass.records.at(0).patient[Field::last_name].state() ==
                reconcile::FieldValue::State::unreadable);
    EXPECT_EQ(pass.records.at(0).patient[Field::first_name].text(), "Zoé");
    EXPECT_EQ(pass.records.at(1).patient[Field::last_name].text(), std::string(20'000, 'x'));
    EXPECT_EQ(pass.records.at(2).patient[Field::last_name].text(), "Nom");
}

TEST_P(Reading, TimesWithAnOffsetAreMoments) {
    // A column of moments is asked with moments: a local bound would hide two hours of changes.
    table->insert("1", "2026-06-01 10:00:00");
    table->insert("2", "2026-06-01 10:00:00");
    table->client.run("ALTER TABLE patients ADD COLUMN moment varchar(40)");
    table->client.run("UPDATE patients SET moment = '2026-06-01 10:00:00+00:00' WHERE ipp = '1'");
    table->client.run("UPDATE patients SET moment = '2026-06-01 10:30:00+00:00' WHERE ipp = '2'");
    auto settings = table->settings();
    settings.query = "SELECT ipp, nom, prenom, naissance, moment AS maj FROM patients "
                     "WHERE (moment, ipp) > (:modified_after, :after_id) "
                     "ORDER BY moment, ipp LIMIT :limit";
    table->open(settings);
    EXPECT_THAT(table->pass(at("2026-06-01T10:20:00Z")).ids(), ElementsAre("2"));
    const auto all = table->pass();
    EXPECT_THAT(all.ids(), ElementsAre("1", "2"));
    EXPECT_EQ(all.records.at(1).modified_at, at("2026-06-01T10:30:00Z"));
    table->open(settings);
    table->client.run("DELETE FROM patients WHERE ipp = '1'");
    EXPECT_THAT(table->pass(at("2026-06-01T10:31:00Z")).ids(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Sql, Reading, testing::Values("postgres", "mariadb", "sqlite"),
                         database_name);

} // namespace
} // namespace medibridge::tests
