#include "connectors/csv/rows.hpp"
#include "connectors/inbox/inbox.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::connectors {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Gives a text in portions of `size` bytes.
CsvRows::Read portions(std::string text, std::size_t size) {
    return [text = std::move(text), size, at = std::size_t{0}](char* buffer,
                                                               std::size_t room) mutable {
        const auto count = std::min({size, room, text.size() - at});
        text.copy(buffer, count, at);
        at += count;
        return count;
    };
}

/// Rows as `LINE:cell|cell`, and at the end the fault, if there is one, as `LINE!what`.
std::vector<std::string> rows_of(const std::string& text, char delimiter = ';',
                                 std::size_t portion = 1 << 20,
                                 const std::string& encoding = "UTF-8") {
    CsvRows rows(portions(text, portion), delimiter, encoding);
    CsvRow row;
    std::vector<std::string> all;
    for (;;) {
        const auto next = rows.next(row);
        if (next == CsvRows::Next::end) return all;
        if (next == CsvRows::Next::fault) {
            all.push_back(std::to_string(rows.fault().line) + "!" + rows.fault().what);
            return all;
        }
        std::string line = std::to_string(row.line) + ":";
        for (std::size_t i = 0; i < row.size(); ++i)
            line += (i ? "|" : "") + std::string(row[i]);
        all.push_back(line);
    }
}

TEST(CsvRowsTest, CutsRowsAndCells) {
    EXPECT_THAT(rows_of("a;b\nc;d\n"), ElementsAre("1:a|b", "2:c|d"));
    EXPECT_THAT(rows_of("a;b\nc;d"), ElementsAre("1:a|b", "2:c|d"));
    EXPECT_THAT(rows_of(""), ElementsAre());
    EXPECT_THAT(rows_of("a\tb \n\tc\t\n", '\t'), ElementsAre("1:a|b", "2:|c|"));
    EXPECT_THAT(rows_of("  a ; b c \n"), ElementsAre("1:a|b c"));
}

TEST(CsvRowsTest, QuotedCellsHoldAnything) {
    EXPECT_THAT(rows_of("\"a;b\";\"c \"\"d\"\" \nsecond\";\"\"\nx;y;z\n"),
                ElementsAre("1:a;b|c \"d\" \nsecond|", "3:x|y|z"));
}

TEST(CsvRowsTest, KnowsTheLineOfARowWhateverEndsLines) {
    for (const std::string end : {"\n", "\r\n", "\r"}) {
        const auto text =
            "a" + end + end + "  " + end + "\"b" + end + end + "c\"" + end + "d" + end;
        for (const std::size_t portion : {1u, 2u, 3u, 100u})
            EXPECT_THAT(rows_of(text, ';', portion),
                        ElementsAre("1:a", "4:b" + end + end + "c", "7:d"))
                << portion;
    }
}

TEST(CsvRowsTest, SaysWhetherTheLastLineWasEnded) {
    for (const bool ended : {true, false}) {
        CsvRows rows(portions(ended ? "a\n" : "a", 10), ';', "UTF-8");
        CsvRow row;
        ASSERT_EQ(rows.next(row), CsvRows::Next::row);
        ASSERT_EQ(rows.next(row), CsvRows::Next::end);
        EXPECT_EQ(rows.ended_by_line(), ended);
    }
}

TEST(CsvRowsTest, AQuoteWithinACellThatIsNotQuotedIsPartOfIt) {
    for (const std::size_t portion : {1u, 2u, 100u}) {
        EXPECT_THAT(rows_of("a\nJo \"Jo\" B\"\"\"; c\" \n\"d;e\";\"f\"\"\"\n", ';', portion),
                    ElementsAre("1:a", "2:Jo \"Jo\" B\"\"\"|c\"", "3:d;e|f\""));
        EXPECT_THAT(rows_of("a\nx\"b;c\"\nd", ';', portion),
                    ElementsAre("1:a", "2:x\"b|c\"", "3:d"));
    }
}

TEST(CsvRowsTest, RefusesQuotesThatMakeNoSense) {
    EXPECT_THAT(rows_of("a\n\"b\"c;d\n"),
                ElementsAre("1:a", HasSubstr("2!text follows a closing quote")));
    EXPECT_THAT(rows_of("a\n\"b\" c;d\n"),
                ElementsAre("1:a", HasSubstr("2!text follows a closing quote")));
    EXPECT_THAT(rows_of("a\nx;\"b\nc\nd"), ElementsAre("1:a", HasSubstr("2!the file ends within")));
}

TEST(CsvRowsTest, RefusesWhatIsTooLarge) {
    const auto wide = [](std::size_t columns) { return std::string(columns - 1, ';') + "\n"; };
    EXPECT_EQ(rows_of(wide(CsvLimits::columns)).size(), 1u);
    EXPECT_THAT(rows_of(wide(CsvLimits::columns + 1)), ElementsAre(HasSubstr("1000 columns")));
    const std::string cell(CsvLimits::cell - 10, 'x');
    EXPECT_EQ(rows_of(cell).size(), 1u);
    EXPECT_THAT(rows_of("a\n\"" + cell + std::string(5000, 'x') + "\"\n"),
                ElementsAre("1:a", HasSubstr("2!a cell of this row has more than 64 KiB")));
    std::string row;
    for (int i = 0; i < 17; ++i)
        row += cell + ";";
    EXPECT_THAT(rows_of(row), ElementsAre(HasSubstr("1 MiB")));
}

TEST(CsvRowsTest, NamesTheLineOfBytesThatAreNoText) {
    EXPECT_THAT(rows_of("a\nb\nc\xE9;d\ne\n"),
                ElementsAre("1:a", "2:b", HasSubstr("3!holds bytes that are not text in UTF-8")));
    EXPECT_THAT(rows_of("a\nb\xC3"), ElementsAre("1:a", HasSubstr("2!holds bytes")));
    EXPECT_THAT(rows_of(std::string("a\nb\0c\n", 6)), ElementsAre("1:a", HasSubstr("2!holds NUL")));
    EXPECT_THAT(rows_of(std::string("a\0\n\0b", 5), ';', 100, "UTF-16LE"),
                ElementsAre("1:a", HasSubstr("2!holds bytes")));
}

TEST(CsvRowsTest, AByteOrderMarkIsNoPartOfTheText) {
    for (const std::size_t portion : {1u, 2u, 100u}) {
        EXPECT_THAT(rows_of("\xEF\xBB\xBFé;b", ';', portion, "windows-1252"), ElementsAre("1:é|b"));
        EXPECT_THAT(rows_of(std::string("\xFF\xFE\xE9\0;\0b\0", 8), ';', portion),
                    ElementsAre("1:é|b"));
        EXPECT_THAT(rows_of(std::string("\xFE\xFF\0\xE9\0;\0b", 8), ';', portion),
                    ElementsAre("1:é|b"));
    }
    EXPECT_THAT(rows_of("\xEF\xBB\xBF"), ElementsAre());
    EXPECT_THAT(rows_of("\xEF\xBB", ';', 100, "windows-1252"), ElementsAre("1:ï»"));
}

TEST(ContentHashTest, IsTheDigestOfAllPieces) {
    ContentHash hash;
    hash.add("ab");
    hash.add("");
    hash.add("c");
    EXPECT_EQ(hash.finish(), content_digest("abc"));
}

} // namespace
} // namespace medibridge::connectors
