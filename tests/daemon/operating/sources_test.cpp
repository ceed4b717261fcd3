#include "desk.hpp"

#include <algorithm>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Reasons of a hold that only some kinds of source cause.
namespace medibridge::tests {
namespace {

namespace fs = std::filesystem;
using Method = http::Method;
using testing::Contains;
using testing::EndsWith;
using testing::HasSubstr;

TEST(SourceHoldTest, ARecordThatTheHisDeletedIsExcludedUntilItIsBack) {
    Desk desk({"--patients", "6", "--invalid-share", "0", "--his-type", "fhir"});
    desk.sync();
    const auto id = desk.ids().front();
    const auto record = desk.hospital.control(Method::get, "/his/patients/" + id);
    desk.hospital.control(Method::delete_, "/his/patients/" + id);
    const auto entry = desk.held_for(id, "deleted_in_his");
    EXPECT_EQ(entry["kind"], "excluded");
    EXPECT_THAT(desk.ask({"held", "show", id})["decisions"], Contains("ignore"));
    EXPECT_EQ(desk.ask({"held", "ignore", id, "--reason", "left"})["result"], "applied");
    auto back = record;
    back.erase("majLe");
    desk.in_his(back);
    desk.sync(true);
    EXPECT_TRUE(desk.held(id).is_null());
    EXPECT_THAT(desk.audited(id), Contains(EndsWith(":decided")));
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
}

/// A second source, which knows a patient under an identifier that the first one uses.
class TwoSources : public testing::Test {
  protected:
    TwoSources() : desk({"--patients", "6", "--invalid-share", "0"}, "", false) {
        fs::create_directory(drop);
        auto text = read_file(desk.hospital.config());
        const std::string his = "his:\n";
        const auto place = text.find(his);
        EXPECT_NE(place, std::string::npos) << text;
        const auto second = "  - {name: drop, type: csv, directory: " + drop.string() +
                            ", pattern: \"*.csv\", delimiter: \";\", encoding: utf-8, settle: "
                            "0s, fields: {externalId: IPP, lastName: NOM, firstName: PRENOM, "
                            "birthDate: NE, gender: SEXE}}\n";
        write_file(desk.hospital.config(), text.insert(place + his.size(), second));
        // Even root is to be kept out by a file's mode.
        if (desk.is_root())
            desk.hospital.start_by({"/usr/bin/setpriv", "--inh-caps=-dac_override,-dac_read_search",
                                    "--bounding-set=-dac_override,-dac_read_search"});
        desk.start();
        desk.wait_for_first_cycle();
    }

    void deliver(const std::string& name, const std::string& rows) {
        write_file(drop / (name + ".part"), "IPP;NOM;PRENOM;NE;SEXE\n" + rows);
        fs::rename(drop / (name + ".part"), drop / (name + ".csv"));
    }

    Desk desk;
    const fs::path drop = desk.hospital.directory() / "drop";
};

TEST_F(TwoSources, TwoPeopleUnderOneIdentifierAreHeldUntilTheSourceIsMended) {
    const std::string id = "8800000007";
    deliver("one",
            id + ";Marchand;Louise;1957-02-03;F\n" + id + ";Dubreuil;Jacques;1990-12-24;M\n");
    const auto entry = desk.held_for(id, "ambiguous_source");
    EXPECT_EQ(entry["kind"], "decide");
    const auto seen = desk.ask({"held", "show", id});
    EXPECT_EQ(seen["reason"], "ambiguous_source") << seen;
    desk.in_his(his_person(id, "Troisieme"));
    const auto text = desk.type({"held", "show", id}).out;
    for (const char* words : {"drop", "his", "Troisieme"})
        EXPECT_THAT(text, HasSubstr(words));
    desk.hospital.control(Method::delete_, "/his/patients/" + id);
    deliver("two", id + ";Marchand;Louise;1957-02-03;F\n");
    const auto decided = desk.ask({"held", "retry", id});
    EXPECT_EQ(decided["result"], "applied") << decided;
    desk.sync(); // the file came with the cycle that carried the decision out
    EXPECT_TRUE(desk.held(id).is_null());
    EXPECT_EQ(desk.medicapp(id)["lastName"], "Marchand");
    EXPECT_THAT(desk.audited(id), Contains(EndsWith(":decided")));
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
}

TEST_F(TwoSources, AFileThatMayNotBeReadIsToldUntilItMayBe) {
    const auto name = drop / "one.csv";
    const auto side = [&] {
        const auto sides = desk.ask({"status"})["sides"];
        const auto found = std::ranges::find(
            sides, "drop", [](const auto& its) { return its["name"].template get<std::string>(); });
        return found == sides.end() ? nlohmann::json() : *found;
    };
    EXPECT_TRUE(side()["left"].is_null()) << side();
    write_file(drop / "one.part",
               "IPP;NOM;PRENOM;NE;SEXE\n8800000007;Marchand;Louise;1957-02-03;F\n");
    fs::permissions(drop / "one.part", fs::perms::none);
    fs::rename(drop / "one.part", name);
    desk.sync();
    EXPECT_EQ(side()["up"], true);
    EXPECT_EQ(side()["left"]["files"], 1) << side();
    EXPECT_THAT(desk.type({"status"}).out, HasSubstr("cannot be opened for reading: Permission"));
    const auto doctor = desk.type({"doctor"}).out;
    EXPECT_THAT(doctor, HasSubstr("drop: unread files"));
    EXPECT_THAT(doctor, HasSubstr("a file lies unread in " + drop.string()));

    fs::permissions(name, fs::perms::owner_read);
    desk.sync();
    EXPECT_TRUE(side()["left"].is_null()) << side();
    EXPECT_EQ(desk.medicapp("8800000007")["lastName"], "Marchand");
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
}

} // namespace
} // namespace medibridge::tests
