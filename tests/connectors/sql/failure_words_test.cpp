#include "connectors/sql/failure.hpp"
#include "connectors/sql/odbc_connection.hpp"
#include "connectors/sql/odbc_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::connectors {
namespace {

using Kind = SourceError::Kind;
using Stage = OdbcError::Stage;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

SourceError failure(Stage stage, const std::string& state, const std::string& message = "planted",
                    int native = 0) {
    OdbcError error;
    error.stage = stage;
    error.state = state;
    error.message = message;
    error.native = native;
    const std::vector<std::string> secrets = {"s3cret", "IPP-1", ""};
    return sql_failure(error, secrets);
}

TEST(SqlFailureTest, TheSqlstateSaysWhatItMeans) {
    EXPECT_EQ(failure(Stage::connect, "28000").kind, Kind::unauthorized);
    EXPECT_EQ(failure(Stage::execute, "28P01").kind, Kind::unauthorized);
    EXPECT_EQ(failure(Stage::connect, "08001").kind, Kind::unavailable);
    EXPECT_EQ(failure(Stage::connect, "HY000").kind, Kind::unavailable);
    EXPECT_EQ(failure(Stage::connect, "IM002").kind, Kind::unreadable);
    for (const std::string state :
         {"08S01", "HYT00", "HYT01", "40001", "40P01", "57014", "57P01", "53300", "55P03"})
        EXPECT_EQ(failure(Stage::execute, state).kind, Kind::unavailable) << state;
    for (const std::string state : {"42S02", "42S22", "42601", "42501", "37000", "22007", "07002"})
        EXPECT_EQ(failure(Stage::execute, state).kind, Kind::unreadable) << state;
    EXPECT_EQ(failure(Stage::execute, "HY000").kind, Kind::unreadable);
    EXPECT_EQ(failure(Stage::execute, "HY000", "", 2013).kind, Kind::unavailable);
}

TEST(SqlFailureTest, ALoginThatPostgresRefusesHasNoSqlstate) {
    EXPECT_EQ(
        failure(Stage::connect, "08001", "FATAL:  password authentication failed for user \"u\"")
            .kind,
        Kind::unauthorized);
    EXPECT_EQ(failure(Stage::execute, "HY000", "password authentication failed").kind,
              Kind::unreadable)
        << "only where the connection is made";
}

TEST(SqlFailureTest, RepeatsTheDriversWordsUnlessTheyMayHoldAValue) {
    EXPECT_THAT(failure(Stage::execute, "42S02").what,
                AllOf(HasSubstr("SQLSTATE 42S02"), HasSubstr("planted")));
    EXPECT_THAT(failure(Stage::connect, "08001", "no route\nto host", 11).what,
                AllOf(HasSubstr("08001 (11)"), HasSubstr("no route to host")));
    EXPECT_THAT(failure(Stage::execute, "22007").what, Not(HasSubstr("planted")));
    EXPECT_THAT(failure(Stage::fetch, "HY000").what, Not(HasSubstr("planted")));
    EXPECT_THAT(failure(Stage::execute, "P0001").what, Not(HasSubstr("planted")));
    EXPECT_THAT(failure(Stage::execute, "42601", "near 'IPP-1'").what, Not(HasSubstr("near")));
    EXPECT_THAT(failure(Stage::connect, "08001", "Pwd=s3cret").what, Not(HasSubstr("Pwd")));
    EXPECT_LT(failure(Stage::connect, "08001", std::string(5'000, 'x')).what.size(), 400u);
}

/// A function of the database may raise any five characters, a name among them.
TEST(SqlFailureTest, AnSqlstateOfNoKnownClassIsNotRepeated) {
    for (const std::string state : {"KANAR", "ZOLA1", "22LEA", "MARTINEZ", "42", "", "42\n01"})
        EXPECT_THAT(failure(Stage::fetch, state).what,
                    testing::StartsWith("SQLSTATE of no known class"))
            << state;
    for (const std::string state : {"42S02", "22P02", "0A000", "P0001", "XX000", "HYT00", "IM002",
                                    "HY000", "HV00A", "57P01", "S0002", "S1000", "70100", "F0000"})
        EXPECT_THAT(failure(Stage::fetch, state).what, testing::StartsWith("SQLSTATE " + state));
}

TEST(OdbcTextTest, GoesThereAndBack) {
    for (const std::string text : {"", "abc", "é œ ł ß", "日本 😀"}) {
        auto units = to_utf16(text);
        ASSERT_FALSE(units.empty());
        EXPECT_EQ(units.back(), 0);
        units.pop_back();
        EXPECT_EQ(from_utf16(units), text);
    }
    EXPECT_EQ(from_utf16(std::vector<OdbcUnit>{'a', 0xD83D, 'b'}), "a\xEF\xBF\xBD"
                                                                   "b");
    EXPECT_TRUE(same_name("NOM_Née", "nom_NÉE"));
    EXPECT_FALSE(same_name("nom", "noms"));
}

TEST(OdbcAttributeTest, IsInBracesWhereItMustBe) {
    EXPECT_EQ(odbc_attribute("Pwd", "abc-1"), ";Pwd=abc-1");
    EXPECT_EQ(odbc_attribute("Pwd", "a;b"), ";Pwd={a;b}");
    EXPECT_EQ(odbc_attribute("Pwd", "a}b"), ";Pwd={a}}b}");
    EXPECT_EQ(odbc_attribute("Pwd", ""), ";Pwd={}");
}

} // namespace
} // namespace medibridge::connectors
