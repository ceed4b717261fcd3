#include "connectors/csv/kind.hpp"
#include "draft.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::connectors {
namespace {

using config::drafts::edit;
using config::drafts::mistakes;
using testing::ElementsAre;
using testing::HasSubstr;

/// The minimal configuration with a source of type csv and further lines in it.
std::string with_csv(const std::string& lines) {
    auto text = edit(config::drafts::minimal(), "type: rest", "type: csv");
    text = edit(text, "    url: http://his.local/patients\n", "    directory: /srv/drop\n" + lines);
    for (const auto* name : {"ipp", "nom", "prenom", "naissance"})
        text = edit(text, ": /" + std::string(name) + "\n", ": " + std::string(name) + "\n");
    return text;
}

CsvSettings csv(const std::string& lines) {
    return config::drafts::source<CsvSettings>(with_csv(lines));
}

TEST(CsvSettingsTest, HasDefaultsForEverythingButFolderAndFields) {
    const auto source = csv("");
    EXPECT_EQ(source.directory, "/srv/drop");
    EXPECT_EQ(source.pattern, "*.csv");
    EXPECT_EQ(source.delimiter, ';');
    EXPECT_EQ(source.encoding, "UTF-8");
    EXPECT_EQ(source.settle, config::Duration(5000));
    EXPECT_EQ(source.max_size, 256u << 20);
    EXPECT_EQ(source.null_text, "");
    EXPECT_EQ(source.timezone, "Europe/Paris");
    EXPECT_EQ(source.fields.at("lastName").at, "nom");
}

TEST(CsvSettingsTest, ReadsWhatIsGiven) {
    const auto source = csv("    pattern: \"export_[0-9]*.txt\"\n    delimiter: tab\n"
                            "    encoding: windows-1252\n    settle: 0s\n    max_size: 1000\n"
                            "    null_text: \"NULL\"\n    timezone: Indian/Reunion\n");
    EXPECT_EQ(source.pattern, "export_[0-9]*.txt");
    EXPECT_EQ(source.delimiter, '\t');
    EXPECT_EQ(source.encoding, "windows-1252");
    EXPECT_EQ(source.settle, config::Duration(0));
    EXPECT_EQ(source.max_size, 1000u);
    EXPECT_EQ(source.null_text, "NULL");
    EXPECT_EQ(source.timezone, "Indian/Reunion");
    EXPECT_EQ(csv("    delimiter: '\\t'\n").delimiter, '\t');
    EXPECT_EQ(csv("    delimiter: \"\\t\"\n").delimiter, '\t');
    EXPECT_EQ(csv("    delimiter: \"|\"\n").delimiter, '|');
}

TEST(CsvSettingsTest, APlaceIsTheHeaderOfAColumn) {
    const auto text = edit(with_csv(""), "lastName: nom\n",
                           "lastName: \"  Nom de naissance \"\n      gender: {at: \"/sexe\"}\n");
    const auto fields = config::drafts::source<CsvSettings>(text).fields;
    EXPECT_EQ(fields.at("lastName").at, "Nom de naissance");
    EXPECT_EQ(fields.at("gender").at, "/sexe");
    EXPECT_THAT(mistakes(edit(with_csv(""), "lastName: nom\n", "lastName: \"  \"\n")),
                ElementsAre(HasSubstr("`his.fields.lastName` names no column")));
    EXPECT_THAT(mistakes(edit(with_csv(""), "lastName: nom\n", "lastName: {map: {a: b}}\n")),
                ElementsAre(HasSubstr("give the header of the column of the field")));
}

TEST(CsvSettingsTest, RefusesWhatCannotWork) {
    const auto refused = [](const std::string& line) {
        return mistakes(with_csv("    " + line + "\n"));
    };
    for (const std::string delimiter : {"\";;\"", "a", "\"7\"", "\" \"", "'\"'", "é"})
        EXPECT_THAT(refused("delimiter: " + delimiter),
                    ElementsAre(HasSubstr("must be one character")))
            << delimiter;
    EXPECT_THAT(refused("encoding: windows-12520"),
                ElementsAre(HasSubstr("the encoding `windows-12520` is not known")));
    EXPECT_THAT(refused("pattern: in/*.csv"), ElementsAre(HasSubstr("cannot hold a `/`")));
    EXPECT_THAT(refused("max_size: 0"), ElementsAre(HasSubstr("must be 1 to")));
    EXPECT_THAT(refused("settle: 25h"), ElementsAre(HasSubstr("`his.settle`")));
    EXPECT_THAT(refused("timezone: Paris"), ElementsAre(HasSubstr("time zone")));
    EXPECT_THAT(refused("page_size: 10"), ElementsAre(HasSubstr("unknown key `page_size`")));
    EXPECT_THAT(mistakes(edit(with_csv(""), "directory: /srv/drop", "directory: drop")),
                ElementsAre(HasSubstr("`his.directory` must be an absolute path")));
    EXPECT_THAT(mistakes(edit(with_csv(""), "    directory: /srv/drop\n", "")),
                ElementsAre(HasSubstr("`his.directory` is missing")));
}

TEST(CsvSettingsTest, AFolderThatIsMissingIsNoMistakeAndSaid) {
    const auto advice = [](const std::string& directory) {
        const auto text = edit(with_csv(""), "directory: /srv/drop", "directory: " + directory);
        const auto loaded = config::drafts::load(text);
        EXPECT_TRUE(loaded.settings);
        std::string lines;
        for (const auto& line : loaded.advice)
            lines += line.to_string() + "\n";
        return lines;
    };
    EXPECT_THAT(advice("/no/such/folder"),
                HasSubstr("`his.directory`: there is no folder `/no/such/folder`: make it before"));
    EXPECT_THAT(advice("/dev/null"), HasSubstr("`/dev/null` is no folder"));
    EXPECT_THAT(advice("/"), testing::Not(HasSubstr("folder")));
}

} // namespace
} // namespace medibridge::connectors
