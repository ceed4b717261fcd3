#include "desk.hpp"

#include "tests/canary/traces.hpp"
#include "tests/daemon/supply.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

// An erasure by medibridgectl: what is left of the person in the files of the state.
namespace medibridge::tests {
namespace {

using testing::IsEmpty;

const std::string last_name = "Çanarïgny-Vaultôt";
const std::string first_name = "Éléonöre";
const std::string mail = "canari.vaultot@example.org";

/// The parameter: the type of the source.
class EraseCommand : public testing::TestWithParam<std::string> {
  protected:
    static std::vector<std::string> sandbox(const Supply& supply) {
        auto words = supply.sandbox();
        words.insert(words.end(), {"--patients", "6", "--invalid-share", "0"});
        return words;
    }

    /// The person's row of the inbox as it is stored; empty: there is none. The service must not
    /// run.
    std::string sealed_row() {
        const SQLite::Database state(desk_.hospital.state().string(), SQLite::OPEN_READONLY);
        SQLite::Statement row(state, "SELECT sealed FROM inbox WHERE key = ?");
        row.bind(1, newcomer);
        if (!row.executeStep()) return {};
        const auto sealed = row.getColumn(0);
        return {static_cast<const char*>(sealed.getBlob()),
                static_cast<std::size_t>(sealed.getBytes())};
    }

    std::vector<std::filesystem::path> state_files() {
        std::vector<std::filesystem::path> files;
        for (const auto& file : std::filesystem::directory_iterator(desk_.hospital.directory()))
            if (file.path().filename().string().starts_with("state.db")) files.push_back(file);
        return files;
    }

    /// What is found of the person, and of their sealed row.
    std::vector<std::string> left(const std::string& sealed) {
        static const Traces traces({last_name, "Vaultôt", first_name, mail, "1957-02-03"});
        std::vector<std::string> found;
        for (const auto& file : state_files()) {
            for (auto& trace : traces.in_file(file))
                found.push_back(std::move(trace));
            const auto bytes = read_file(file);
            // A page's end may cut it.
            for (std::size_t at = 0; at + 32 <= sealed.size(); at += 32)
                if (bytes.contains(sealed.substr(at, 32)))
                    found.push_back(file.filename().string() + ": byte " + std::to_string(at) +
                                    " of the sealed row");
        }
        return found;
    }

    void restart_with_row(std::string& sealed) {
        EXPECT_EQ(desk_.end(), 0);
        sealed = sealed_row();
        desk_.start();
        desk_.wait_for_first_cycle();
    }

    std::unique_ptr<Supply> supply_ = make_supply(GetParam());
    Desk desk_{sandbox(*supply_)};
};

/// Something in between answers 200 to whatever comes.
TEST(Erasure, IsToldOnlyWhereMedicappHasThePatientNoMore) {
    Desk desk;
    const auto ids = desk.ids();
    desk.hospital.set_faults({"DELETE:1:empty"});
    const auto refused = desk.ask({"erase", ids[0]}, 65);
    EXPECT_EQ(refused["result"], "refused") << refused;
    EXPECT_FALSE(desk.medicapp(ids[0]).is_null());
    EXPECT_THAT(desk.audited(ids[0]),
                testing::Not(testing::Contains(testing::EndsWith(":erased"))));
    EXPECT_TRUE(desk.held(ids[0]).is_null());
    desk.hospital.set_faults({"DELETE:1:empty-after"});
    EXPECT_EQ(desk.ask({"erase", ids[1]})["result"], "applied");
    EXPECT_TRUE(desk.medicapp(ids[1]).is_null());
    EXPECT_THAT(desk.audited(ids[1]), testing::Contains(testing::EndsWith(":erased")));
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
}

TEST_P(EraseCommand, LeavesNoByteOfThePatientInTheState) {
    auto person = his_person(newcomer, last_name);
    person["etatCivil"]["prenoms"] = {first_name};
    person["contact"] = {{"mail", mail}};
    desk_.in_his(person);
    wait_until(*desk_.service, [&] {
        desk_.type({"sync"});
        return !desk_.medicapp(newcomer).is_null();
    });
    std::string sealed;
    restart_with_row(sealed);
    const bool pushed = GetParam() != "rest";
    EXPECT_EQ(!sealed.empty(), pushed);
    EXPECT_EQ(!left(sealed).empty(), pushed) << "the search finds what is there";

    EXPECT_EQ(desk_.ask({"erase", newcomer})["result"], "applied");
    EXPECT_TRUE(desk_.medicapp(newcomer).is_null());
    EXPECT_THAT(left(sealed), IsEmpty());
    desk_.sync(true);
    EXPECT_TRUE(desk_.medicapp(newcomer).is_null());
    EXPECT_THAT(left(sealed), IsEmpty());
    EXPECT_EQ(desk_.type({"audit", "--verify"}).exit, 0);
    EXPECT_EQ(desk_.end(), 0) << desk_.service->err();
    EXPECT_THAT(left(sealed), IsEmpty());
    EXPECT_EQ(sealed_row(), "");
}

INSTANTIATE_TEST_SUITE_P(Type, EraseCommand, testing::Values("rest", "csv", "hl7v2"),
                         [](const auto& type) { return type.param; });

} // namespace
} // namespace medibridge::tests
