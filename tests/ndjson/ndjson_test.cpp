#include "bridge_cycle.hpp"
#include "hospital.hpp"

#include "config/load.hpp"
#include "config/source_kind.hpp"
#include "kind.hpp"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iterator>

// What every source must do, by a kind that the program does not know: registered in one line, and
// run by the real bridge against the simulated Medicapp.

namespace medibridge::tests {
namespace {

using http::Method;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const config::SourceKinds& kinds() {
    static const config::SourceKinds all = {&connectors::ndjson_kind()};
    return all;
}

class Events final : public log::EventLog {
  public:
    void write(const log::Event& event) override { names.emplace_back(event.type().name); }
    std::vector<std::string> names;
};

config::Loaded load(const std::string& text) {
    return config::load_text(text, "m.yaml", config::process_environment(), kinds());
}

std::vector<std::string> mistakes(const std::string& text) {
    std::vector<std::string> texts;
    for (const auto& mistake : load(text).mistakes)
        texts.push_back(mistake.to_string());
    return texts;
}

class NdjsonTest : public testing::Test {
  protected:
    NdjsonTest()
        : hospital({"--patients", "40", "--invalid-share", "0", "--duplicates", "accept"}),
          file(hospital.directory() / "patients.ndjson") {
        std::ifstream written(hospital.config());
        text = {std::istreambuf_iterator<char>(written), {}};
        const auto begin = text.find("    type: rest\n");
        const auto end = text.find("    fields:\n");
        text.replace(begin, end - begin, "    type: ndjson\n    file: " + file.string() + "\n");
        text += "sync: {overlap: 2s, max_changes: {ratio: 1}}\n";
    }

    /// Writes the HIS's patients; with `tail` behind them.
    void publish(const std::string& tail = {}) {
        std::ofstream out(file);
        for (const auto& patient : hospital.his_patients())
            out << patient.dump() << '\n';
        out << tail;
    }
    sync::Report cycle() {
        hospital.reset_stats();
        return run_bridge(*load(text).settings, events);
    }
    int writes() {
        const auto requests = hospital.stats()["medicapp"]["requests"];
        return requests.value("PUT", 0) + requests.value("POST", 0);
    }

    Hospital hospital;
    std::filesystem::path file;
    std::string text;
    Events events;
};

TEST_F(NdjsonTest, AFirstLoadIsWholeAndAnIdleCycleWritesNothing) {
    publish();
    EXPECT_EQ(cycle().outcome, sync::Outcome::complete);
    EXPECT_EQ(differences_between_sides(hospital), "");
    EXPECT_EQ(hospital.medicapp_patients().size(), 40u);
    EXPECT_EQ(cycle().outcome, sync::Outcome::complete);
    EXPECT_EQ(writes(), 0);
}

TEST_F(NdjsonTest, EditsComeThroughAndNothingElseIsWritten) {
    publish();
    cycle();
    hospital.control(Method::post, "/his/edit?count=5");
    publish();
    EXPECT_EQ(cycle().outcome, sync::Outcome::complete);
    EXPECT_EQ(differences_between_sides(hospital), "");
    EXPECT_EQ(writes(), 5);
}

TEST_F(NdjsonTest, WhatTheHisDoesNotSayStaysAsItIs) {
    publish();
    cycle();
    const auto before = hospital.medicapp_patients();
    auto patients = hospital.his_patients();
    std::ofstream out(file);
    for (auto& patient : patients) {
        patient.erase("contact");
        out << patient.dump() << '\n';
    }
    out.close();
    EXPECT_EQ(cycle().outcome, sync::Outcome::complete);
    EXPECT_EQ(writes(), 0);
    EXPECT_EQ(hospital.medicapp_patients(), before);
}

TEST_F(NdjsonTest, AFileThatCannotBeReadDelaysItOnly) {
    publish("{\"ipp\": \"90");
    EXPECT_NE(cycle().outcome, sync::Outcome::complete);
    EXPECT_EQ(writes(), 0);
    std::filesystem::remove(file);
    EXPECT_NE(cycle().outcome, sync::Outcome::complete);
    publish();
    EXPECT_EQ(cycle().outcome, sync::Outcome::complete);
    EXPECT_EQ(differences_between_sides(hospital), "");
    EXPECT_EQ(hospital.stats()["medicapp"]["duplicates"], 0);
}

TEST_F(NdjsonTest, AMistakeInItsKeysIsToldByLineAndColumn) {
    const std::string start =
        "medicapp: {base_url: \"https://m.example/v5\", api_key: {env: HOME}}\n"
        "state: {path: /var/lib/medibridge/state.db}\n"
        "his:\n"
        "  - name: dpi\n";
    const std::string fields = "    fields: {externalId: /i, lastName: /n, firstName: /p, "
                               "birthDate: /b}\n";
    EXPECT_THAT(mistakes(start + "    type: ndjson\n    file: /a\n" + fields), IsEmpty());
    EXPECT_THAT(mistakes(start + "    type: ndjson\n    file: a\n" + fields),
                ElementsAre("m.yaml:6:11: `his.file` must be an absolute path"));
    EXPECT_THAT(mistakes(start + "    type: ndjson\n    file: /a\n    fil: /b\n" + fields),
                ElementsAre(HasSubstr("m.yaml:7:5: unknown key `fil` in `his`")));
    EXPECT_THAT(
        mistakes(start + "    type: ndjson\n" + fields),
        ElementsAre("m.yaml:4:5: `his.file` is missing: give the file that the HIS writes"));
    EXPECT_THAT(mistakes(start + "    type: rest\n"),
                ElementsAre("m.yaml:5:11: unknown source type `rest`; available: ndjson"));
}

TEST_F(NdjsonTest, WhatItDoesNotSeeIsAdvisedAndItsMappingIsKnown) {
    const std::string plain =
        "medicapp: {base_url: \"https://m.example/v5\", api_key: {env: HOME}}\n"
        "state: {path: /var/lib/medibridge/state.db}\n"
        "his:\n"
        "  - {name: dpi, type: ndjson, file: /a, fields: {externalId: /i, "
        "lastName: /n, firstName: /p, birthDate: /b}}\n";
    const auto loaded = load(plain);
    ASSERT_EQ(loaded.advice.size(), 1u);
    EXPECT_THAT(loaded.advice[0].to_string(), HasSubstr("`dpi` does not see: deceased, active, "));
    const auto mapping =
        config::mapping_of(*loaded.settings->his[0].its, loaded.settings->identity);
    EXPECT_TRUE(mapping.contains("fields.lastName"));
    EXPECT_TRUE(mapping.contains("timezone"));
    EXPECT_FALSE(mapping.contains("file"));
}

} // namespace
} // namespace medibridge::tests
