#include "hospital.hpp"

#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <stdexcept>

namespace medibridge::tests {
namespace {

const std::filesystem::path driver =
    std::filesystem::path("/usr/lib") / MEDIBRIDGE_MULTIARCH / "odbc/libsqlite3odbc.so";

/// A hospital whose patients stand in a database, read through its ODBC driver.
class SqlHospital : public Hospital {
  public:
    SqlHospital() : Hospital({"--patients", "1"}) {
        run("PRAGMA journal_mode = WAL");
        run("CREATE TABLE patients (ipp TEXT PRIMARY KEY, nom TEXT, prenom TEXT, naissance TEXT, "
            "sexe TEXT, mobile TEXT, maj TEXT)");
        auto text = read_file(config());
        text.erase(text.find("\nhis:") + 1);
        text += "his:\n"
                "  - name: dwh\n"
                "    type: sql\n"
                "    connection: Driver=" +
                driver.string() + ";Database=" + database().string() +
                "\n"
                "    query: SELECT * FROM patients WHERE (maj, ipp) > (:modified_after, :after_id) "
                "ORDER BY maj, ipp LIMIT :limit\n"
                "    null_query: SELECT * FROM patients WHERE maj IS NULL AND ipp > :after_id "
                "ORDER BY ipp LIMIT :limit\n"
                "    page_size: 7\n"
                "    fields: {externalId: ipp, lastName: nom, firstName: prenom, birthDate: "
                "naissance, gender: {at: sexe, map: {\"1\": M, \"2\": F}}, phone: mobile, "
                "modifiedAt: maj}\n"
                "state: {path: " +
                state().string() + "}\n";
        write_file(config(), text);
    }

    std::filesystem::path database() const { return directory() / "his.db"; }

    void run(const std::string& sql) {
        sqlite3* handle = nullptr;
        char* error = nullptr;
        if (sqlite3_open(database().c_str(), &handle) != SQLITE_OK ||
            sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, &error) != SQLITE_OK)
            ADD_FAILURE() << sql << ": " << (error != nullptr ? error : "");
        sqlite3_free(error);
        sqlite3_close(handle);
    }

    void insert(int count, const std::string& maj) {
        for (int i = 1; i <= count; ++i) {
            const auto number = std::to_string(1000 + i);
            run("INSERT INTO patients VALUES ('" + maj.substr(0, 4) + number + "', 'Lefèvre" +
                std::string(1, char('a' + i % 26)) + "', 'Zoé', '1970-01-" +
                (i % 28 < 9 ? "0" : "") + std::to_string(i % 28 + 1) + "', '" +
                std::to_string(i % 2 + 1) + "', '06399800" + number.substr(2) + "', " +
                (maj == "NULL" ? maj : "'" + maj + "'") + ")");
        }
    }
};

class SqlSource : public testing::Test {
  protected:
    void SetUp() override {
        if (!std::filesystem::exists(driver))
            GTEST_SKIP() << "libsqliteodbc is not installed: scripts/setup";
    }
};

TEST_F(SqlSource, BringsEveryRowToMedicappAndThenItsChanges) {
    SqlHospital hospital;
    hospital.insert(20, "2026-06-01 10:00:00.123");
    hospital.insert(9, "NULL");
    const auto first = hospital.once();
    ASSERT_EQ(first.exit, 0) << first.err;
    EXPECT_EQ(first.json()["created"], 29) << first.out << first.err;
    EXPECT_GT(first.json()["requests"]["his"], 4);
    const auto patients = hospital.medicapp_patients();
    ASSERT_TRUE(patients.contains("20261001"));
    EXPECT_EQ(patients.at("20261001").at("lastName"), "Lefèvreb");
    EXPECT_EQ(patients.at("20261001").at("birthDate"), "1970-01-02");
    EXPECT_EQ(patients.at("20261001").at("gender"), "F");

    hospital.reset_stats();
    EXPECT_EQ(hospital.once().exit, 0);
    EXPECT_EQ(hospital.stats()["medicapp"]["requests"]["POST"], 0);
    EXPECT_EQ(hospital.stats()["medicapp"]["requests"]["PUT"], 0);

    hospital.run("UPDATE patients SET nom = 'Œuvrard', maj = '2026-06-01 10:05:00' "
                 "WHERE ipp = '20261003'");
    const auto changed = hospital.once();
    EXPECT_EQ(changed.exit, 0) << changed.err;
    EXPECT_EQ(changed.json()["updated"].get<int>() + changed.json()["held"].get<int>(), 1)
        << changed.out;
}

TEST_F(SqlSource, ATableThatIsNotThereIsSaidOnceWithoutHarm) {
    SqlHospital hospital;
    hospital.insert(3, "2026-06-01 10:00:00");
    ASSERT_EQ(hospital.once().exit, 0);
    hospital.run("ALTER TABLE patients RENAME TO away");
    const auto ended = hospital.once();
    EXPECT_EQ(ended.exit, 75);
    ASSERT_EQ(ended.events("source.unreadable").size(), 1u) << ended.err;
    EXPECT_THAT(ended.events("source.unreadable").at(0)["reason"].get<std::string>(),
                testing::AllOf(testing::HasSubstr("SQLSTATE"), testing::HasSubstr("`query`")));
    hospital.run("ALTER TABLE away RENAME TO patients");
    EXPECT_EQ(hospital.once().exit, 0);
}

TEST_F(SqlSource, TheConfigurationIsCheckedWithoutTheDatabase) {
    SqlHospital hospital;
    std::filesystem::remove(hospital.database());
    EXPECT_EQ(hospital.start({"--check-config"})->wait(), 0);
}

} // namespace
} // namespace medibridge::tests
