#include "run_task.hpp"
#include "servers.hpp"

#include <gmock/gmock.h>

namespace medibridge::tests {
namespace {

using reconcile::Field;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class ReadOne : public OnDatabase {
  protected:
    connectors::SqlSettings with_lookup(const std::string& condition = "ipp = :external_id") const {
        auto settings = table->settings();
        settings.lookup =
            "SELECT ipp, nom, prenom, naissance, maj FROM patients WHERE " + condition;
        return settings;
    }
    void open() { table->open(with_lookup()); }
};

TEST_P(ReadOne, ShowsTheRowsOfOnePatient) {
    table->insert_many(9, "2026-06-01 10:00:00");
    table->insert("one", "2026-06-02 10:00:00", "Lefevre");
    table->insert("timeless", "NULL");
    open();
    EXPECT_TRUE(table->source->reads_one());
    const auto pass = table->one("one");
    ASSERT_FALSE(pass.error) << pass.error->what;
    EXPECT_THAT(pass.ids(), ElementsAre("one"));
    EXPECT_EQ(pass.records[0].patient[Field::last_name].text(), "Lefevre");
    EXPECT_EQ(pass.records[0].modified_at, at("2026-06-02T08:00:00Z"));
    EXPECT_TRUE(pass.proven);
    EXPECT_EQ(pass.pages, 1);
    EXPECT_TRUE(pass.server_time);
    EXPECT_EQ(table->source->requests(), 1);
    EXPECT_THAT(table->one("timeless").ids(), ElementsAre("timeless"));
    const auto nobody = table->one("nobody");
    EXPECT_FALSE(nobody.error);
    EXPECT_THAT(nobody.ids(), IsEmpty());
    EXPECT_TRUE(nobody.proven);
    EXPECT_THAT(table->log.events, IsEmpty());
}

TEST_P(ReadOne, TheIdentifierIsBoundAndNeverPartOfTheStatement) {
    const std::vector<std::string> odd = {"a&b|c", "d\"e", "%;--", "?", ":limit", "Zoé 日本 😀"};
    for (const auto& id : odd)
        table->insert(id, "2026-06-01 10:00:00");
    table->insert("O''Neill", "2026-06-01 10:00:00");
    open();
    for (const auto& id : odd)
        EXPECT_THAT(table->one(id).ids(), ElementsAre(id));
    EXPECT_THAT(table->one("O'Neill").ids(), ElementsAre("O'Neill"));
    EXPECT_THAT(table->one("x' OR '1'='1").ids(), IsEmpty());
}

TEST_P(ReadOne, ShowsDoublesAndWhateverElseTheStatementShows) {
    table->insert("one", "2026-06-01 10:00:00");
    table->insert("two", "2026-06-01 10:00:00", "one");
    auto settings = with_lookup("ipp = :external_id OR nom = :external_id ORDER BY ipp");
    table->open(settings);
    EXPECT_THAT(table->one("one").ids(), ElementsAre("one", "two"));
    settings.lookup = "SELECT ipp, nom, prenom, naissance, maj FROM patients WHERE ipp = "
                      ":external_id UNION ALL SELECT ipp, 'Autre', prenom, naissance, maj FROM "
                      "patients WHERE ipp = :external_id";
    table->open(settings);
    EXPECT_THAT(table->one("one").ids(), ElementsAre("one", "one"));
}

TEST_P(ReadOne, ErrorsNameTheSettingAndNoValue) {
    table->insert_many(9, "2026-06-01 10:00:00");
    table->open(with_lookup("ipp <> :external_id"));
    const auto many = table->one("planted");
    ASSERT_TRUE(many.error);
    EXPECT_EQ(many.error->kind, connectors::SourceError::Kind::unreadable);
    EXPECT_THAT(many.error->what, HasSubstr("`lookup`: it gives more than 4 rows"));
    table->open(with_lookup("no_such_column = :external_id"));
    const auto refused = table->one("planted");
    ASSERT_TRUE(refused.error);
    EXPECT_EQ(refused.error->kind, connectors::SourceError::Kind::unreadable);
    EXPECT_THAT(refused.error->what, HasSubstr("`lookup`: "));
    EXPECT_THAT(refused.error->what, Not(HasSubstr("planted")));
    table->source->cancel();
    const auto cancelled = table->one("planted");
    ASSERT_TRUE(cancelled.error);
    EXPECT_EQ(cancelled.error->kind, connectors::SourceError::Kind::cancelled);
}

TEST_P(ReadOne, WithoutAStatementTheTableIsRead) {
    table->insert_many(9, "2026-06-01 10:00:00");
    table->open();
    EXPECT_FALSE(table->source->reads_one());
    EXPECT_THAT(table->one("000003").ids(), SizeIs(9));
}

TEST_P(ReadOne, BetweenTwoPagesItDisturbsNothing) {
    table->insert_many(11, "2026-06-01 10:00:00");
    open();
    const auto whole = table->pass();
    const auto reading = table->source->read(std::nullopt);
    std::size_t records = 0;
    for (bool last = false; !last;) {
        const auto page = run_task(table->context, reading->next());
        ASSERT_TRUE(page);
        records += page->records.size();
        last = page->last;
        EXPECT_THAT(table->one("000003").ids(), ElementsAre("000003"));
    }
    EXPECT_EQ(records, 11u);
    EXPECT_TRUE(reading->proven());
    EXPECT_EQ(reading->fingerprint(), whole.fingerprint);
}

INSTANTIATE_TEST_SUITE_P(Sql, ReadOne, testing::Values("postgres", "mariadb", "sqlite"),
                         database_name);

} // namespace
} // namespace medibridge::tests
