#include "drop_rig.hpp"

#include <algorithm>
#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>
#include <unicode/unistr.h>

namespace medibridge::connectors::odd_file_test {
namespace {

using reconcile::Field;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;

struct EncodingCase {
    const char* what;
    const char* encoding;
    std::string bytes; ///< of the name in the second row
    std::string name;  ///< what is read; empty: the file is rejected
    std::string reason;
};

const char* const in_utf8 = "set `encoding: UTF-8`";

// What UTF-8 makes of bytes is as good as a proof (RFC 3629 §1: the probability that another text
// is valid UTF-8 by chance is low). hl7v2 judges MSH-18 by the same rule.
const std::vector<EncodingCase>& encodings() {
    static const std::vector<EncodingCase> cases = {
        {"the case that was reported", "windows-1252", "Lef\xC3\xA8vre", "", in_utf8},
        {"another set of one byte", "ISO-8859-15", "Lef\xC3\xA8vre", "", in_utf8},
        {"a set that has no such letter", "windows-1250", "\xC5\x81\xC4\x99\x63ki", "", in_utf8},
        {"a letter of three bytes", "windows-1252", "\xE2\x80\x99", "", in_utf8},
        {"a letter of four bytes", "windows-1252", "\xF0\x9F\x98\x80", "", in_utf8},
        {"Latin 1 by its older name", "latin1", "No\xC3\xABl", "", in_utf8},
        {"letters of one byte", "windows-1252", "Lef\xE8vre", "Lefèvre", ""},
        {"two accents that UTF-8 has not", "windows-1252", "\xC9\xE9", "Éé", ""},
        {"both forms in one file", "windows-1252", "Lef\xC3\xA8vre\xE9", "LefÃ¨vreé", ""},
        {"no accent at all", "windows-1252", "Dupont", "Dupont", ""},
        {"further letters of Windows", "ISO-8859-1", "Lec\x9Cur", "Lecœur", ""},
        {"bytes that are no UTF-8", "UTF-8", "Lef\xE8vre", "", "line 2: holds bytes"},
        {"a letter that was cut", "UTF-8", "Lef\xC3;", "", "line 2: holds bytes"},
        {"bytes that are no ASCII", "US-ASCII", "Lef\xC3\xA8vre", "", "holds bytes"},
    };
    return cases;
}

std::string rejection(const DropRig& rig) {
    const auto names = rig.disk.names("rejected");
    return names.empty() ? "" : rig.disk.text("rejected/" + names.back());
}

TEST(CsvOddFileTest, AFileInAnotherEncodingThanIsSetIsRejected) {
    for (const auto& [what, encoding, bytes, name, reason] : encodings()) {
        DropRig rig;
        rig.settings.encoding = encoding;
        rig.disk.drop("a.csv", drop_header() + "1;" + bytes + ";Zoe;1980-05-11;Brest;\n");
        EXPECT_EQ(rig.import(), std::nullopt) << what;
        EXPECT_THAT(rejection(rig), HasSubstr(reason)) << what;
        EXPECT_EQ(rejection(rig).empty(), !name.empty()) << what << rejection(rig);
        const auto* record = rig.inbox.record_of("1");
        EXPECT_EQ(record == nullptr ? "" : record->patient[Field::last_name].text(), name) << what;
    }
}

TEST(CsvOddFileTest, OneAccentInALargeFileTellsItsEncoding) {
    for (std::size_t padding = 0; padding < 6; ++padding) {
        std::string content = drop_header();
        for (int i = 0; i < 3000; ++i)
            content += "id" + std::to_string(i) + ";Dupont;Zoe;1980-05-11;Brest;\n";
        content.resize(2 * 65536 - 12 - padding,
                       'x'); // the accent lies on the border of two blocks
        content += ";1;2;3;4;\nz;L\xC3\xA8v;Zoe;1980-05-11;Brest;\n";
        DropRig rig;
        rig.settings.encoding = "windows-1252";
        rig.disk.drop("a.csv", content);
        EXPECT_EQ(rig.import(), std::nullopt);
        EXPECT_THAT(rejection(rig), HasSubstr(in_utf8)) << padding;
    }
}

TEST(CsvOddFileTest, AHeaderWithAccentsNamesTheEncodingNotTheColumns) {
    DropRig rig;
    rig.settings.encoding = "windows-1252";
    rig.settings.fields["firstName"].at = "prénom";
    rig.disk.drop("a.csv", "ipp;nom;prénom;naissance;ville;maj\n1;Dupont;Zoe;1980-05-11;B;\n");
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_THAT(rejection(rig), HasSubstr(in_utf8));
}

std::string utf16(const std::string& text, const char* encoding) {
    const auto unicode = icu::UnicodeString::fromUTF8(text);
    std::string bytes(text.size() * 2, '\0');
    const auto size = unicode.extract(0, unicode.length(), bytes.data(),
                                      static_cast<std::uint32_t>(bytes.size()), encoding);
    bytes.resize(static_cast<std::size_t>(size));
    return bytes;
}

TEST(CsvOddFileTest, MarksGoBeforeTheSettingAndWhatContradictsThemIsRejected) {
    const auto text = drop_header() + drop_row("1");
    const struct {
        const char* encoding;
        std::string content;
        const char* reason; ///< empty: taken
    } cases[] = {
        {"windows-1252", "\xEF\xBB\xBF" + text, ""},
        {"windows-1252", "\xEF\xBB\xBF\xEF\xBB\xBF" + text, ""},
        {"UTF-8", "\xFF\xFE" + utf16(text, "UTF-16LE"), ""},
        {"UTF-8", "\xFE\xFF" + utf16(text, "UTF-16BE"), ""},
        {"UTF-16BE", "\xFF\xFE" + utf16(text, "UTF-16LE"), ""},
        {"windows-1252", "\xEF\xBB\xBF" + drop_header() + "1;Lef\xE8vre;Z;1980-05-11;B;\n",
         "UTF-8"},
        {"UTF-8", utf16(text, "UTF-16LE"), "UTF-16"},
        {"windows-1252", utf16(text, "UTF-16LE"), "UTF-16"},
        {"UTF-16BE", utf16(text, "UTF-16LE"), "columns"},
        {"UTF-16LE", text, "not text in UTF-16LE"},
    };
    for (const auto& [encoding, content, reason] : cases) {
        DropRig rig;
        rig.settings.encoding = encoding;
        rig.disk.drop("a.csv", content);
        EXPECT_EQ(rig.import(), std::nullopt);
        EXPECT_THAT(rejection(rig), HasSubstr(reason)) << encoding;
        EXPECT_EQ(rejection(rig).empty(), std::string(reason).empty()) << encoding << content;
        EXPECT_EQ(rig.inbox.records().size(), std::string(reason).empty() ? 1u : 0u) << encoding;
    }
}

// CP/M counted files in blocks, and so the end of a text in them was marked; programs of DOS and
// Windows, and printers' drivers, still write it.
TEST(CsvOddFileTest, ACtrlZAtTheEndIsNoRow) {
    const auto text = drop_header() + drop_row("1") + drop_row("2");
    const auto open = text.substr(0, text.size() - 1);
    const std::vector<std::string> whole = {
        text + "\x1A",
        open + "\x1A",
        text + "\x1A\r\n",
        text + "\r\n\x1A\x1A\x1A",
        text + "\x1A" + std::string(100, '\0'),
        "\xFF\xFE" + utf16(text + "\x1A", "UTF-16LE"),
        text + "\x1A" + std::string(4000, '\x1A'),
    };
    for (const auto& content : whole) {
        DropRig rig;
        rig.disk.drop("a.csv", content);
        EXPECT_EQ(rig.import(), std::nullopt);
        EXPECT_THAT(rig.disk.names("done"), ElementsAre("a.csv")) << rejection(rig);
        EXPECT_EQ(rig.inbox.records().size(), 2u);
        EXPECT_EQ(rig.city_of("2"), "Brest");
    }
}

TEST(CsvOddFileTest, ACtrlZElsewhereIsWhatItIs) {
    DropRig rig;
    rig.disk.drop("a.csv", drop_header() + drop_row("1") + "\x1A\r\n" + drop_row("2"));
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_EQ(rig.inbox.records().size(), 3u) << "the row of the Ctrl-Z is held";
    EXPECT_NE(rig.inbox.record_of("2"), nullptr);
    DropRig cut;
    cut.disk.drop("a.csv", drop_header() + drop_row("1") + "2;Lefèvre\x1A");
    EXPECT_EQ(cut.import(), std::nullopt);
    EXPECT_THAT(rejection(cut), HasSubstr("the file ends within this row"));
}

TEST(CsvOddFileTest, EveryMissingColumnIsNamedAtOnce) {
    const struct {
        const char* columns;
        std::vector<std::string> named;
        std::vector<std::string> unnamed;
    } cases[] = {
        {"ipp;prenom;maj", {"ville, naissance, nom"}, {"prenom", "twice"}},
        // The name of the one is a part of the other's.
        {"ipp;prenom;maj;naissance;ville", {"names: nom\n"}, {}},
        {"x", {"ville, naissance, ipp, prenom, nom, maj", "`delimiter`"}, {}},
        {"ipp;nom;prenom;nom;ville;ville", {"naissance, maj", "called ville, nom"}, {"prenom"}},
        {"IPP;NOM;PRENOM;NAISSANCE;VILLE;MAJ", {"ville, naissance, ipp"}, {}},
        {"ipp,nom;prenom;naissance;ville;maj", {"ipp, nom"}, {"ville"}},
    };
    for (const auto& [columns, named, unnamed] : cases) {
        DropRig rig;
        rig.disk.drop("a.csv", std::string(columns) + "\n");
        EXPECT_EQ(rig.import(), std::nullopt);
        for (const auto& name : named)
            EXPECT_THAT(rejection(rig), HasSubstr(name)) << columns;
        for (const auto& name : unnamed)
            EXPECT_THAT(rejection(rig), Not(HasSubstr(name))) << columns;
    }
}

/// Writes a file whose time lies a year ahead.
void write_ahead(DropRig& rig, const std::string& name, const std::string& content) {
    rig.disk.write(name, content);
    fs::last_write_time(rig.disk.path() / name,
                        fs::file_time_type::clock::now() + std::chrono::hours(24 * 365));
}

TEST(CsvOddFileTest, AFileDatedAheadIsTakenByASingleRunOnceItStoodStill) {
    for (const bool dry_run : {false, true}) {
        DropRig rig;
        rig.settings.settle = std::chrono::milliseconds(300);
        write_ahead(rig, "a.csv", drop_header() + drop_row("1"));
        EXPECT_EQ(rig.import(dry_run), std::nullopt);
        EXPECT_EQ(rig.inbox.records().size(), 1u);
    }
}

TEST(CsvOddFileTest, AFileDatedAheadIsLeftAndNamedWhereItWouldBeWaitedForTooLong) {
    DropRig rig;
    rig.settings.settle = std::chrono::hours(1);
    write_ahead(rig, "a.csv", drop_header() + drop_row("1"));
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_THAT(rig.disk.names(), ElementsAre("a.csv"));
    EXPECT_THAT(rig.events.lines(),
                ElementsAre(AllOf(HasSubstr("file.impeded a.csv"), HasSubstr("ahead"))));
}

TEST(CsvOddFileTest, AFileDatedAheadIsOverNobodyInTheOrderOfArrival) {
    DropRig rig;
    rig.settings.settle = std::chrono::milliseconds(20);
    rig.settings.fields.erase("modifiedAt");
    write_ahead(rig, "1.csv", drop_header() + drop_row("1", "Lyon"));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    rig.disk.write("2.csv", drop_header() + drop_row("1", "Brest"));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_EQ(rig.city_of("1"), "Brest") << "it came later";
    EXPECT_THAT(rig.disk.names("done"), ElementsAre("1.csv", "2.csv"));
    EXPECT_EQ(rig.clock.sleeps(), 0) << "the file system knows for how long it has stood still";
}

// The hour of 2026-10-25 from 2 to 3 o'clock comes twice: order of arrival decides within it.
TEST(CsvOddFileTest, TimesWithinTheHourThatComesTwiceProveNoOrder) {
    const struct {
        const char* first;
        const char* second;
        bool second_counts;
    } cases[] = {
        {"2026-10-25 02:45:00", "2026-10-25 02:10:00", true}, // 25 minutes later, winter time
        {"2026-10-25 02:10:00", "2026-10-25 02:45:00", true},
        {"2026-10-25 02:45:00", "2026-10-25 03:00:00", true},
        {"2026-10-25 02:00:00", "2026-10-25 01:59:59", false},
        {"2026-10-25 03:00:00", "2026-10-25 02:59:59", false},
        // 2026-03-29 goes from 2 to 3 o'clock: somebody's clock was not put forward.
        {"2026-03-29 01:59:00", "2026-03-29 02:10:00", true},
        {"2026-03-29 02:45:00", "2026-03-29 03:05:00", true},
        {"2026-03-29 02:45:00", "2026-03-29 01:30:00", false},
    };
    for (const auto& [first, second, second_counts] : cases) {
        DropRig rig;
        rig.disk.drop("1.csv", drop_header() + drop_row("1", "Lyon", first));
        rig.disk.drop("2.csv", drop_header() + drop_row("1", "Brest", second));
        EXPECT_EQ(rig.import(), std::nullopt);
        EXPECT_EQ(rig.city_of("1"), second_counts ? "Brest" : "Lyon") << first << " " << second;
    }
}

// A spreadsheet's or a float's form of an identifier is refused where every source's is.
TEST(CsvOddFileTest, IdentifiersGoOnAsTheyStand) {
    for (const std::string id : {"8,00123E+09", "8.00123E+09", "'00800124", "8001234567.0",
                                 "8001234567,00", "8.001.234.567", "#N/A"}) {
        DropRig rig;
        rig.disk.drop("a.csv", drop_header() + drop_row(id));
        EXPECT_EQ(rig.import(), std::nullopt);
        EXPECT_NE(rig.inbox.record_of(id), nullptr) << id;
    }
    DropRig formula;
    formula.disk.drop("a.csv", drop_header() + drop_row("=\"00800123\""));
    EXPECT_EQ(formula.import(), std::nullopt);
    EXPECT_NE(formula.inbox.record_of("=\"00800123\""), nullptr);
}

TEST(CsvOddFileTest, ARowWithoutAnIdentifierIsFoundByFileAndLine) {
    DropRig rig;
    rig.disk.drop("export-1.csv", drop_header() + drop_row("1") + "\n" + drop_row("") +
                                      "3;\"a\nb\";Zoé;1980-05-11;B;\n" + "4;Lefèvre\n");
    EXPECT_EQ(rig.import(), std::nullopt);
    std::vector<std::string> places;
    for (const auto& record : rig.inbox.records())
        if (record.patient.external_id().empty()) places.push_back(record.place);
    EXPECT_THAT(places,
                testing::UnorderedElementsAre("export-1.csv, line 4", "export-1.csv, line 7"));
    const auto records = rig.inbox.records();
    const auto misshapen =
        std::ranges::find(records, "export-1.csv, line 7", &reconcile::SourceRecord::place);
    ASSERT_NE(misshapen, records.end());
    EXPECT_EQ(misshapen->external_id_defect, "the row has 2 columns instead of 6")
        << "it is not told as one without an identifier";
}

TEST(CsvOddFileTest, ACellThatIsTooLongForMedicappGoesNoFurther) {
    DropRig rig;
    const std::string cell(60'000, 'x');
    rig.disk.drop("a.csv", drop_header() + drop_row("1", cell) + drop_row("2", "Brest") +
                               drop_row(cell) + "3;" + cell + ";Zoé;1980-05-11;Brest;\n");
    EXPECT_EQ(rig.import(), std::nullopt);
    ASSERT_EQ(rig.inbox.records().size(), 4u);
    for (const auto& record : rig.inbox.records()) {
        EXPECT_LT(record.patient.external_id().size(), 256u);
        for (const auto field : reconcile::all_fields())
            EXPECT_LT(record.patient[field].text().size(), 256u) << reconcile::name(field);
    }
    EXPECT_EQ(rig.inbox.record_of("1")->patient[Field::city].text(),
              "is longer than 255 characters");
    EXPECT_EQ(rig.inbox.record_of("2")->patient[Field::city].text(), "Brest");
    const auto records = rig.inbox.records();
    const auto nameless = std::ranges::find_if(
        records, [](const auto& record) { return record.patient.external_id().empty(); });
    ASSERT_NE(nameless, records.end());
    EXPECT_EQ(nameless->external_id_defect, "is longer than 255 bytes");
    EXPECT_THAT(nameless->place, testing::EndsWith(", line 4"));
    EXPECT_EQ(rig.inbox.record_of("3")->patient[Field::last_name].text(),
              "is longer than 255 characters");
}

TEST(CsvOddFileTest, AFileThatIsNamedAfterAPatientIsNamedByAPseudonym) {
    for (const std::string name : {"DUPONT_19800101.csv", "19800101.csv", "lefevre.csv"}) {
        DropRig rig;
        rig.disk.drop(name, drop_header() + drop_row("") + "4;Lefèvre\n");
        rig.import();
        rig.disk.drop(name, drop_header() + drop_row("") + "4;Lefèvre\n");
        rig.disk.drop("2" + name, "rubbish");
        rig.import();
        for (const auto& line : rig.events.lines())
            EXPECT_EQ(line.find(name.substr(0, 6)), std::string::npos) << line;
        for (const auto& record : rig.inbox.records())
            EXPECT_EQ(record.place.find(name.substr(0, 6)), std::string::npos) << record.place;
        EXPECT_GE(rig.events.lines().size(), 2u);
    }
}

TEST(CsvOddFileTest, ABirthDateOfTheYear9999IsGivenAsItStands) {
    DropRig rig;
    rig.settings.fields.erase("modifiedAt");
    rig.settings.fields["birthDate"].format = "%d/%m/%Y";
    rig.disk.drop("a.csv", drop_header() + "1;Lefèvre;Zoé;31/12/9999;Brest;\n"
                                           "2;Lefèvre;Zoé;30/02/1980;Brest;\n");
    EXPECT_EQ(rig.import(), std::nullopt);
    EXPECT_EQ(rig.inbox.record_of("1")->patient[Field::birth_date].text(), "9999-12-31");
    EXPECT_FALSE(rig.inbox.record_of("2")->patient[Field::birth_date].is_known());
}

} // namespace
} // namespace medibridge::connectors::odd_file_test
