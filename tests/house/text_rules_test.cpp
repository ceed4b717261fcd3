#include "tree.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <gtest/gtest.h>
#include <regex>
#include <sstream>
#include <string>

namespace medibridge::house {
namespace {

constexpr std::ptrdiff_t longest_file = 500;

/// Marks of unfinished work. Written in halves, so that this file passes its own test.
const std::array<std::string, 4> unfinished = {"TO"
                                               "DO",
                                               "FIX"
                                               "ME",
                                               "HA"
                                               "CK",
                                               "not "
                                               "implemented"};

bool has_word(const std::string& line, const std::string& word) {
    const auto is_letter = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
    for (auto at = line.find(word); at != std::string::npos; at = line.find(word, at + 1)) {
        const auto end = at + word.size();
        if ((at == 0 || !is_letter(line[at - 1])) && (end == line.size() || !is_letter(line[end])))
            return true;
    }
    return false;
}

bool is_prose(const SourceFile& file) {
    return file.path == "LICENSE" || file.path.starts_with("docs/") || file.path.ends_with(".md");
}

TEST(TextRulesTest, TheTreeIsRead) {
    const auto files = read_tree();
    for (const std::string path : {"CMakeLists.txt", ".ci/run", "base/runtime/clock.hpp"})
        EXPECT_NE(std::ranges::find(files, path, &SourceFile::path), files.end()) << path;
}

TEST(TextRulesTest, NoFileIsTooLongToRead) {
    for (const SourceFile& file : read_tree()) {
        if (is_prose(file)) continue;
        const auto lines = std::ranges::count(file.text, '\n');
        EXPECT_LE(lines, longest_file) << file.path << ": split it by job";
    }
}

/// A test that no target names passes for ever.
TEST(TextRulesTest, EverySourceIsBuilt) {
    const auto files = read_tree();
    const auto is_named = [&](const SourceFile& source) {
        const auto name = source.path.substr(source.path.rfind('/') + 1);
        return std::ranges::any_of(files, [&](const SourceFile& file) {
            return (file.path.ends_with("CMakeLists.txt") || file.path.ends_with(".cmake")) &&
                   has_word(file.text, name);
        });
    };
    for (const SourceFile& file : files) {
        const bool by_rule = file.path.ends_with("_bench.cpp");
        if (!file.path.ends_with(".cpp") || by_rule) continue;
        EXPECT_TRUE(is_named(file)) << file.path << ": name it in its folder's CMakeLists.txt";
    }
}

/// Patients are erased by an operator's order only: what decides and writes by itself must not even
/// know how.
TEST(TextRulesTest, OnlyTheDaemonKnowsHowToErase) {
    for (const SourceFile& file : read_tree()) {
        const bool may = file.path.starts_with("connectors/medicapp/") ||
                         file.path.starts_with("tests/") || file.path == "daemon/bridge.cpp";
        if (may || !file.is_code()) continue;
        const bool names_it = file.text.find("MedicappEraser eraser") != std::string::npos;
        EXPECT_FALSE(names_it) << file.path;
        if (!file.path.starts_with("sync/")) continue;
        EXPECT_EQ(file.text.find("Eraser"), std::string::npos) << file.path;
        EXPECT_EQ(file.text.find("connectors/medicapp/client.hpp"), std::string::npos) << file.path;
    }
}

/// Everywhere else an open could wait for a pipe, follow a link or empty another's file.
TEST(TextRulesTest, OnlyBaseFilesOpensFiles) {
    const std::array<std::string, 10> ways = {
        "(::open(", " ::open(", "openat(",      "ifstream ",         "ofstream",
        "fopen(",   "freopen(", "_file(native", "load_verify_file(", "filebuf file"};
    for (const SourceFile& file : read_tree()) {
        const bool may = file.path.starts_with("base/files/") || file.path.starts_with("tests/") ||
                         file.path.starts_with("bench/") || file.path.starts_with("sandbox/");
        if (may || !file.is_code()) continue;
        for (const std::string& way : ways)
            EXPECT_EQ(file.text.find(way), std::string::npos)
                << file.path << ": opens a file by " << way << ": base/files/open.hpp does";
    }
}

TEST(TextRulesTest, NothingIsMarkedAsUnfinished) {
    for (const SourceFile& file : read_tree()) {
        if (file.path == "LICENSE") continue;
        std::istringstream lines(file.text);
        std::string line;
        for (int number = 1; std::getline(lines, line); ++number) {
            for (const std::string& mark : unfinished) {
                if (!has_word(line, mark)) continue;
                ADD_FAILURE() << file.path << ":" << number << ": says \"" << mark
                              << "\": finish it, or say plainly what is and is not there";
            }
        }
    }
}

TEST(TextRulesTest, EveryHeaderIsGuardedByPragmaOnce) {
    for (const SourceFile& file : read_tree()) {
        if (!file.is_header()) continue;
        EXPECT_TRUE(file.text.starts_with("#pragma once")) << file.path;
    }
}

/// What a text of the program or a page names where the package installs these pages.
TEST(TextRulesTest, InstalledPagesAreWhereTheyAreSaidToBe) {
    const auto tree = read_tree();
    const std::regex place("/usr/share/doc/medibridge/([a-z/-]+\\.md)");
    for (const SourceFile& file : tree) {
        if (file.path.starts_with("tests/")) continue;
        for (std::sregex_iterator at(file.text.begin(), file.text.end(), place), end; at != end;
             ++at)
            EXPECT_NE(std::ranges::find(tree, (*at)[1].str(), &SourceFile::path), tree.end())
                << file.path << " names " << at->str();
    }
}

/// The names of the doctor's lines end with one or two words: `medicapp: pages`.
TEST(TextRulesTest, TheTableOfTheDoctorHasEachOfItsLines) {
    const auto tree = read_tree();
    const auto page = std::ranges::find(tree, "docs/operating.md", &SourceFile::path);
    ASSERT_NE(page, tree.end());
    const auto table = page->text.substr(page->text.find("## The doctor"));
    const std::regex name("\"(medicapp|control socket)?: ([a-z]+( [a-z]+)?)\"");
    int names = 0;
    for (const SourceFile& file : tree) {
        const bool is_the_doctors = file.path.starts_with("control/doctor/") ||
                                    file.path == "control/operations/doctor.cpp";
        if (!is_the_doctors) continue;
        for (std::sregex_iterator at(file.text.begin(), file.text.end(), name), end; at != end;
             ++at, ++names) {
            const auto words = (*at)[2].str();
            const auto whole = (*at)[1].str() + ": " + words + "`";
            EXPECT_TRUE(table.contains(whole) || table.contains("`" + words + "`"))
                << file.path << ": " << at->str() << " is no line of the table";
        }
    }
    EXPECT_GT(names, 10);
}

/// What an answer of the control API always has, some page for people names.
TEST(TextRulesTest, KeysOfTheControlApiAreOnAPage) {
    const auto tree = read_tree();
    const auto document = std::ranges::find(tree, "docs/control-api.yaml", &SourceFile::path);
    ASSERT_NE(document, tree.end());
    std::string pages;
    for (const SourceFile& file : tree)
        if (file.path.starts_with("docs/") && file.path.ends_with(".md")) pages += file.text;
    const std::regex list("required:( \\[[^\\]]*\\]|(\n +- [a-z_]+)+)");
    const std::regex key("[a-z_]+");
    int keys = 0;
    const auto& text = document->text;
    for (std::sregex_iterator at(text.begin(), text.end(), list), end; at != end; ++at) {
        const auto names = (*at)[1].str();
        for (std::sregex_iterator name(names.begin(), names.end(), key); name != end;
             ++name, ++keys)
            EXPECT_TRUE(pages.contains('"' + name->str() + '"') ||
                        pages.contains('`' + name->str() + '`'))
                << name->str();
    }
    EXPECT_GT(keys, 100);
}

} // namespace
} // namespace medibridge::house
