#include "connectors/sql/kind.hpp"
#include "connectors/sql/query.hpp"
#include "draft.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::connectors {
namespace {

using config::drafts::edit;
using config::drafts::mistakes;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string query = "SELECT * FROM p WHERE (maj, ipp) > (:modified_after, :after_id) "
                          "ORDER BY maj, ipp LIMIT :limit";

/// The smallest source of type `sql`, with further lines.
std::string minimal_sql(const std::string& lines = {}) {
    return edit(edit(config::drafts::minimal(), "type: rest\n    url: http://his.local/patients\n",
                     "type: sql\n    connection: Driver={X};Server=his;Uid=u\n    query: \"" +
                         query + "\"\n" + lines),
                "      externalId: /ipp\n      lastName: /nom\n      firstName: /prenom\n"
                "      birthDate: /naissance\n",
                "      externalId: ipp\n      lastName: nom\n      firstName: prenom\n"
                "      birthDate: naissance\n      modifiedAt: maj\n");
}

SqlSettings sql_source(const std::string& text) {
    return config::drafts::source<SqlSettings>(text);
}

TEST(SqlSettingsTest, ReadsEveryKey) {
    const auto source = sql_source(minimal_sql(
        "    password: {env: API_KEY}\n    page_size: 200\n    timezone: Indian/Reunion\n"
        "    timeout: 5s\n    null_query: \"SELECT :after_id LIMIT :limit\"\n"
        "    lookup: \"SELECT * FROM p WHERE ipp = :external_id\"\n"));
    EXPECT_EQ(source.connection, "Driver={X};Server=his;Uid=u");
    ASSERT_TRUE(source.password);
    EXPECT_EQ(source.password->reveal(), "key-1");
    EXPECT_EQ(source.query, query);
    EXPECT_EQ(source.null_query, "SELECT :after_id LIMIT :limit");
    EXPECT_EQ(source.lookup, "SELECT * FROM p WHERE ipp = :external_id");
    EXPECT_EQ(source.page_size, 200u);
    EXPECT_EQ(source.timezone, "Indian/Reunion");
    EXPECT_EQ(source.timeout, std::chrono::seconds(5));
    EXPECT_EQ(source.fields.at("modifiedAt").at, "maj");
    const auto plain = sql_source(minimal_sql());
    EXPECT_FALSE(plain.password);
    EXPECT_EQ(plain.null_query, "");
    EXPECT_EQ(plain.lookup, "");
    EXPECT_EQ(plain.page_size, 1000u);
    EXPECT_EQ(plain.timezone, "Europe/Paris");
    EXPECT_EQ(plain.timeout, std::chrono::seconds(30));
}

TEST(SqlSettingsTest, ThePasswordIsNoPartOfTheConnection) {
    for (const std::string given :
         {"Driver={X};Pwd=hunter2", "Driver={X}; pwd = hunter2;", "PASSWORD=hunter2;DSN=x",
          "Driver={X;Y};Uid=u;Password={hunter2;}", "Driver={X;Pwd={hunter2}", "Pwd={hunter2"}) {
        const auto all = mistakes(edit(minimal_sql(), "connection: Driver={X};Server=his;Uid=u",
                                       "connection: \"" + given + "\""));
        EXPECT_FALSE(all.empty()) << given;
        EXPECT_THAT(all, Each(Not(HasSubstr("hunter2")))) << given;
    }
    EXPECT_THAT(mistakes(edit(minimal_sql(), "Driver={X};", "Driver={X};Pwd=hunter2;")),
                ElementsAre(AllOf(HasSubstr("m.yaml:7:17: `his.connection` must not hold a "
                                            "password"),
                                  HasSubstr("`password`"))));
    EXPECT_THAT(mistakes(edit(minimal_sql(), "Server=his", "Server=pwd.local;App=password")),
                IsEmpty());
}

TEST(SqlSettingsTest, WhatTheDriverManagerMayCorruptIsRefused) {
    const auto given = [](const std::string& text, const std::string& password) {
        return config::drafts::mistakes(text,
                                        config::drafts::environment({{"HIS_PASSWORD", password}}));
    };
    const auto text = minimal_sql("    password: {env: HIS_PASSWORD}\n");
    EXPECT_THAT(given(text, "h;u}n ter2"), IsEmpty());
    EXPECT_THAT(given(text, "hunteré"),
                ElementsAre(AllOf(HasSubstr("`his.password` may hold letters of ASCII only"),
                                  Not(HasSubstr("hunter")))));
    EXPECT_THAT(mistakes(edit(minimal_sql(), "Uid=u", "Uid=é")),
                ElementsAre(HasSubstr("`his.connection` may hold letters of ASCII only")));
}

TEST(SqlSettingsTest, TheConnectionNamesADriverOrADataSource) {
    EXPECT_THAT(mistakes(edit(minimal_sql(), "Driver={X};", "")),
                ElementsAre(HasSubstr("must name a driver or a data source")));
    EXPECT_THAT(mistakes(edit(minimal_sql(), "Driver={X};", "dsn=his;")), IsEmpty());
}

TEST(SqlSettingsTest, TheQueryUsesEachParameter) {
    const auto with_query = [](const std::string& text) {
        return mistakes(edit(minimal_sql(), query, text));
    };
    EXPECT_THAT(with_query("SELECT :modified_after, :after_id"),
                ElementsAre(AllOf(HasSubstr("`his.query` must use `:limit`"),
                                  HasSubstr("outside quotes and comments"))));
    EXPECT_THAT(with_query("SELECT 1"), testing::SizeIs(3));
    EXPECT_THAT(with_query("SELECT ':modified_after', :after_id -- :limit"), testing::SizeIs(2));
    EXPECT_THAT(with_query("SELECT :modified_after, :modified_after, :after_id, :after_id, :limit"),
                IsEmpty());
    EXPECT_THAT(with_query(query + " OFFSET :page"),
                ElementsAre(AllOf(HasSubstr("names `:page`"), HasSubstr("`:limit`"))));
    EXPECT_THAT(with_query(query + " ?"), ElementsAre(HasSubstr("holds a `?`")));
    EXPECT_THAT(mistakes(minimal_sql("    null_query: \"SELECT :after_id, :modified_after\"\n")),
                ElementsAre(HasSubstr("names `:modified_after`"), HasSubstr("must use `:limit`")));
}

TEST(SqlSettingsTest, TheLookupAsksForOnePatient) {
    EXPECT_THAT(mistakes(minimal_sql("    lookup: \"SELECT ':external_id'\"\n")),
                ElementsAre(AllOf(HasSubstr("`his.lookup` must use `:external_id`"),
                                  HasSubstr("it does not show one patient"))));
    EXPECT_THAT(mistakes(minimal_sql("    lookup: \"SELECT :external_id LIMIT :limit\"\n")),
                ElementsAre(AllOf(HasSubstr("names `:limit`"), HasSubstr("`:external_id`"))));
    EXPECT_THAT(mistakes(edit(minimal_sql(), query, query + " -- :external_id")), IsEmpty());
    EXPECT_THAT(mistakes(edit(minimal_sql(), query, query + " :external_id")),
                ElementsAre(HasSubstr("names `:external_id`")));
}

TEST(SqlSettingsTest, TheLookupIsNoPartOfTheMapping) {
    const auto with = sql_source(minimal_sql("    lookup: \"SELECT :external_id\"\n"));
    EXPECT_EQ(with.mapping(), sql_source(minimal_sql()).mapping());
}

TEST(SqlSettingsTest, RowsHaveAKeyAndATime) {
    EXPECT_THAT(mistakes(edit(minimal_sql(), "      modifiedAt: maj\n", "")),
                ElementsAre(HasSubstr("`his.fields` must name the column of modifiedAt")));
    EXPECT_THAT(mistakes(edit(minimal_sql(), "      externalId: ipp\n", "")),
                ElementsAre(HasSubstr("`his.fields.externalId` is missing")));
    EXPECT_THAT(mistakes(edit(minimal_sql(), "externalId: ipp", "externalId: {format: \"%F\"}")),
                testing::Contains(HasSubstr("give the name of the column of the field")));
    EXPECT_THAT(mistakes(minimal_sql("    url: http://x\n")),
                ElementsAre(HasSubstr("unknown key `url`")));
}

TEST(SqlParametersTest, StandOutsideQuotesCommentsAndCasts) {
    const auto names = [](const std::string& sql) { return find_sql_parameters(sql).names; };
    EXPECT_THAT(names("a > :b AND c = :d"), ElementsAre("b", "d"));
    EXPECT_THAT(names(":a:b"), ElementsAre("a", "b"));
    EXPECT_THAT(names(":x::timestamp, y::text"), ElementsAre("x"));
    EXPECT_THAT(names("':a' \":b\" `:c` 'it''s :d' :e"), ElementsAre("e"));
    EXPECT_THAT(names("-- :a\n:b -- ' \n:c"), ElementsAre("b", "c"));
    EXPECT_THAT(names("/* :a /* :b */ :c */ :d"), ElementsAre("d"));
    EXPECT_THAT(names("$$ :a $$ :b $x$ :c $$ :d $x$ :e a$b :f"), ElementsAre("b", "e", "f"));
    EXPECT_THAT(names("'open :a"), IsEmpty());
    EXPECT_THAT(names("/* open :a"), IsEmpty());
    EXPECT_THAT(names("a[1:2] := 3 : x 12:30"), IsEmpty());
    EXPECT_THAT(names(""), IsEmpty());
    EXPECT_THAT(names(":"), IsEmpty());
}

TEST(SqlParametersTest, BecomeQuestionMarksAndTheRestStays) {
    const auto found = find_sql_parameters("SELECT '?:a', \"é?\" FROM x -- ?\nWHERE y>:b::text");
    EXPECT_EQ(found.text, "SELECT '?:a', \"é?\" FROM x -- ?\nWHERE y>?::text");
    EXPECT_FALSE(found.has_question_mark);
    EXPECT_TRUE(find_sql_parameters("a ? b").has_question_mark);
}

} // namespace
} // namespace medibridge::connectors
