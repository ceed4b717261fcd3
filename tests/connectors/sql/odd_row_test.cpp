#include "servers.hpp"

#include <algorithm>
#include <gmock/gmock.h>

namespace medibridge::tests {
namespace {

using reconcile::Field;
using testing::Contains;
using testing::HasSubstr;
using testing::SizeIs;

/// One row that is not as it should be harms nobody but its own patient.
class OddRow : public OnDatabase {
  protected:
    bool is(const std::string& kind) const { return kind == GetParam(); }

    /// A table whose key may be NULL and come twice, with the same rows to be read by `query`.
    connectors::SqlSettings keyless(std::size_t page_size) {
        table->client.run("DROP TABLE IF EXISTS visites");
        table->client.run("CREATE TABLE visites (ipp varchar(40), nom varchar(200), prenom "
                          "varchar(200), naissance date, maj " +
                          table->database.time_type() + ")");
        auto settings = table->settings();
        settings.page_size = page_size;
        auto& query = settings.query;
        query.replace(query.find("patients"), 8, "visites");
        return settings;
    }
    void visit(const std::string& ipp, const std::string& time, const std::string& nom = "Nom") {
        const auto key = ipp.empty() ? "NULL" : "'" + ipp + "'";
        table->client.run("INSERT INTO visites VALUES (" + key + ", '" + nom +
                          "', 'Zoé', '1980-05-12', '2026-06-01 10:00:" + time + "')");
    }
    /// Nine rows, of which the first and the fourth hold bytes in `brut` that are no text.
    connectors::SqlSettings spoilt() {
        table->client.run(std::string("ALTER TABLE patients ADD COLUMN brut ") +
                          (is("mariadb") ? "varbinary(20)" : "text"));
        for (int i = 1; i <= 9; ++i)
            table->client.run("INSERT INTO patients VALUES ('" + std::to_string(i) +
                              "', 'Nom', 'Zoé', '1980-05-12', '2026-06-01 10:00:0" +
                              std::to_string(i) + "', 'N" + std::to_string(i) + "')");
        table->client.run(std::string("UPDATE patients SET brut = ") +
                          (is("mariadb") ? "x'4CFF'" : "CAST(x'4CFF' AS TEXT)") +
                          " WHERE ipp IN ('1', '4')");
        auto settings = table->settings();
        auto& query = settings.query;
        query.replace(query.find("maj FROM"), 3, "maj, brut");
        return settings;
    }
    static std::int64_t count(const SqlPass& pass, const std::string& id) {
        return std::ranges::count(pass.ids(), id);
    }
};

struct Case {
    const char* what;
    std::vector<std::pair<std::string, std::string>> rows; ///< key (empty: NULL), second
    std::size_t without_key;                               ///< so many of them are shown at least
};

TEST_P(OddRow, ARowWithoutAKeyIsShownAndThoseBehindItAreRead) {
    const std::vector<Case> cases = {
        {"last of a full page",
         {{"a", "01"}, {"b", "02"}, {"c", "03"}, {"", "04"}, {"d", "05"}},
         1},
        {"first of all", {{"", "01"}, {"a", "02"}, {"b", "03"}, {"c", "04"}, {"d", "05"}}, 1},
        {"last of all", {{"a", "01"}, {"b", "02"}, {"c", "03"}, {"d", "04"}, {"", "05"}}, 1},
        {"with a time that others have",
         {{"", "01"}, {"a", "01"}, {"b", "01"}, {"c", "01"}, {"d", "01"}, {"e", "02"}},
         0},
        {"a whole page of them, and more",
         {{"a", "01"}, {"", "02"}, {"", "03"}, {"", "04"}, {"", "05"}, {"", "06"}, {"b", "07"}},
         5},
        {"every second row",
         {{"", "01"}, {"a", "02"}, {"", "03"}, {"b", "04"}, {"", "05"}, {"c", "06"}, {"", "07"}},
         4},
        {"nobody has one", {{"", "01"}, {"", "02"}, {"", "03"}, {"", "04"}, {"", "05"}}, 5},
    };
    for (const auto& [what, rows, without_key] : cases) {
        for (const std::size_t page_size : {1u, 2u, 4u}) {
            auto settings = keyless(page_size);
            for (const auto& [key, second] : rows)
                visit(key, second);
            table->open(settings);
            const auto pass = table->pass();
            ASSERT_FALSE(pass.error) << what << ": " << pass.error->what;
            EXPECT_TRUE(pass.proven);
            for (const auto& [key, second] : rows)
                EXPECT_TRUE(key.empty() || count(pass, key) == 1) << what << page_size << key;
            EXPECT_GE(count(pass, ""), static_cast<std::int64_t>(without_key)) << what;
        }
    }
}

TEST_P(OddRow, MoreRowsWithoutAKeyThanAnyPageHoldsHideNobody) {
    auto settings = keyless(2);
    visit("first", "01");
    for (int i = 0; i < 40; ++i)
        visit("", "02.0" + std::to_string(100 + i));
    visit("last", "03");
    table->open(settings);
    const auto pass = table->pass();
    ASSERT_FALSE(pass.error) << pass.error->what;
    EXPECT_EQ(count(pass, "first"), 1);
    EXPECT_EQ(count(pass, "last"), 1);
    EXPECT_EQ(count(pass, ""), 40);
}

// A join gives a patient with two telephones two rows; two people under one key must both be seen.
TEST_P(OddRow, RowsOfOneKeyAndTimeAreNotCutApart) {
    for (const std::size_t page_size : {1u, 2u, 3u, 4u, 5u}) {
        auto settings = keyless(page_size);
        visit("a", "01");
        for (const auto* name : {"Un", "Deux", "Trois", "Quatre", "Cinq"})
            visit("b", "02", name);
        visit("c", "02");
        table->open(settings);
        const auto pass = table->pass();
        ASSERT_FALSE(pass.error) << page_size << ": " << pass.error->what;
        EXPECT_EQ(count(pass, "b"), 5) << page_size;
        EXPECT_EQ(count(pass, "a"), 1) << page_size;
        EXPECT_EQ(count(pass, "c"), 1) << page_size;
    }
}

TEST_P(OddRow, MoreRowsOfOneKeyAndTimeThanAnyPageHoldsAreSaid) {
    auto settings = keyless(2);
    for (int i = 0; i < 50; ++i)
        visit("b", "02");
    visit("c", "03");
    table->open(settings);
    const auto pass = table->pass();
    ASSERT_FALSE(pass.error) << pass.error->what;
    EXPECT_THAT(pass.ids(), Contains("c"));
    ASSERT_THAT(table->log.events, SizeIs(1));
    EXPECT_EQ(table->log.events[0].type().name, "field.dropped");
}

TEST_P(OddRow, ACellThatNoTextCanBeMadeOfSpoilsItsFieldOnly) {
    if (is("postgres")) GTEST_SKIP() << "it holds no such bytes";
    if (!is_alone()) GTEST_SKIP() << "as ctest runs it: one database a process";
    auto settings = spoilt();
    settings.fields["lastName"].at = "brut";
    table->open(settings);
    const auto pass = table->pass();
    ASSERT_FALSE(pass.error) << pass.error->what;
    ASSERT_THAT(pass.records, SizeIs(9));
    for (const auto& record : pass.records) {
        const auto& id = record.patient.external_id();
        EXPECT_EQ(!record.patient[Field::last_name].is_known(), id == "1" || id == "4")
            << id << record.patient[Field::last_name].text();
        EXPECT_EQ(record.patient[Field::first_name].text(), "Zoé");
        EXPECT_EQ(record.external_id_defect, "");
    }
}

TEST_P(OddRow, AKeyThatNoTextCanBeMadeOfIsNone) {
    if (is("postgres")) GTEST_SKIP() << "it holds no such bytes";
    if (!is_alone()) GTEST_SKIP() << "as ctest runs it: one database a process";
    auto settings = spoilt();
    settings.fields["externalId"].at = "brut";
    table->open(settings);
    const auto pass = table->pass();
    ASSERT_FALSE(pass.error) << pass.error->what;
    ASSERT_THAT(pass.records, SizeIs(9));
    EXPECT_EQ(
        std::ranges::count_if(
            pass.records, [](const auto& record) { return !record.external_id_defect.empty(); }),
        2);
}

struct Key {
    std::string type;
    std::string value;
    std::string defect; ///< a part of it; empty: none
    std::string id;     ///< where there is none
};

// IEEE 754: a double has 53 bits, a single 24; and both are shown with an exponent somewhere.
TEST_P(OddRow, AnIdentifierFromAColumnOfRoundedNumbersIsNone) {
    std::vector<Key> keys = {
        {"double precision", "8001234567", "floating-point", ""},
        {"double precision", "9007199254740993", "floating-point", ""},
        {"real", "16777217", "floating-point", ""},
        {"float", "800123", "floating-point", ""},
        {"decimal(12,2)", "8001234567", "decimals", ""},
        {"decimal(12,0)", "8001234567", "", "8001234567"},
        {"bigint", "9007199254740993", "", "9007199254740993"},
        {"varchar(40)", "'008001234567'", "", "008001234567"},
        // Not for the source to judge: every source refuses it.
        {"varchar(40)", "'8,00123E+09'", "", "8,00123E+09"},
        {"varchar(40)", "'8001234567.0'", "", "8001234567.0"},
    };
    if (is("sqlite")) // what it calls decimal is no exact number
        std::erase_if(keys, [](const Key& key) { return key.type == "decimal(12,2)"; });
    for (const auto& key : keys) {
        table->client.run("DROP TABLE IF EXISTS cles");
        table->client.run("CREATE TABLE cles (ipp " + key.type +
                          ", nom varchar(20), prenom "
                          "varchar(20), naissance date, maj " +
                          table->database.time_type() + ")");
        table->client.run("INSERT INTO cles VALUES (" + key.value +
                          ", 'Nom', 'Zoé', '1980-05-12', '2026-06-01 10:00:00')");
        auto settings = table->settings();
        settings.query = "SELECT ipp, nom, prenom, naissance, maj, :after_id AS derriere FROM cles "
                         "WHERE maj > :modified_after ORDER BY maj LIMIT :limit";
        table->open(settings);
        const auto pass = table->pass();
        ASSERT_FALSE(pass.error) << key.type << ": " << pass.error->what;
        ASSERT_THAT(pass.records, SizeIs(1)) << key.type;
        const auto& record = pass.records[0];
        EXPECT_THAT(record.external_id_defect, HasSubstr(key.defect)) << key.type;
        EXPECT_EQ(record.external_id_defect.empty(), key.defect.empty()) << key.type << key.value;
        if (key.defect.empty()) {
            EXPECT_EQ(record.patient.external_id(), key.id) << key.type;
        }
    }
}

TEST_P(OddRow, EveryMissingColumnIsNamed) {
    auto settings = table->settings();
    settings.fields["email"].at = "courriel";
    settings.fields["phone"].at = "mobile";
    settings.fields["gender"].at = "nom";
    settings.query = "SELECT ipp, nom, prenom AS nom, prenom, naissance, maj FROM patients "
                     "WHERE (maj, ipp) > (:modified_after, :after_id) ORDER BY maj, ipp "
                     "LIMIT :limit";
    table->open(settings);
    const auto pass = table->pass();
    ASSERT_TRUE(pass.error);
    EXPECT_THAT(pass.error->what, HasSubstr("no column \"courriel\", \"mobile\", which"));
    EXPECT_THAT(pass.error->what, HasSubstr("two columns \"nom\""));
}

INSTANTIATE_TEST_SUITE_P(Sql, OddRow, testing::Values("postgres", "mariadb", "sqlite"),
                         database_name);

} // namespace
} // namespace medibridge::tests
