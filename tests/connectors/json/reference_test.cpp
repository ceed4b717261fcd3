#include "connectors/json/parse.hpp"
#include "tests/sanitized.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <nlohmann/json.hpp>
#include <random>

/// The parser beside nlohmann/json's, whatever the text is.
namespace medibridge::connectors {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

using Kind = RawValue::Kind;

/// What a parser says of a text, as a list of words.
struct Heard {
    std::vector<std::string> events;
    bool complete = false;
    bool broken = false;

    void scalar(Kind kind, std::string_view text) {
        events.push_back(std::to_string(static_cast<int>(kind)) + " " + std::string(text));
    }
};

class Listener final : public JsonVisitor {
  public:
    explicit Listener(Heard& heard) : heard_(heard) {}

    bool scalar(Kind kind, std::string_view written) override {
        heard_.scalar(kind, written);
        return true;
    }
    bool open(bool list) override { return bracket(list ? "[" : "{"); }
    bool close() override { return bracket("close"); }
    bool name(std::string_view name) override {
        heard_.events.push_back("name " + std::string(name));
        return true;
    }

  private:
    bool bracket(const std::string& word) {
        heard_.events.push_back(word + " " + std::to_string(position()));
        return true;
    }

    Heard& heard_;
};

Heard ours(std::string_view text) {
    Heard heard;
    Listener listener(heard);
    const auto end = parse_json(text, listener);
    heard.complete = end.complete;
    heard.broken = end.broken_at.has_value();
    if (end.broken_at) {
        EXPECT_LE(*end.broken_at, text.size() + 1);
    }
    return heard;
}

/// Counts how far the reference has read.
class CountedByte {
  public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    CountedByte(const char* at, std::size_t& count) : at_(at), count_(&count) {}
    const char& operator*() const { return *at_; }
    CountedByte& operator++() {
        ++at_;
        ++*count_;
        return *this;
    }
    bool operator==(const CountedByte& other) const { return at_ == other.at_; }

  private:
    const char* at_;
    std::size_t* count_;
};

class Reference final : public json::json_sax_t {
  public:
    explicit Reference(Heard& heard) : heard_(heard) {}

    bool null() override { return scalar(Kind::null, {}); }
    bool boolean(bool value) override { return scalar(Kind::boolean, value ? "true" : "false"); }
    bool number_integer(json::number_integer_t value) override {
        return scalar(Kind::integer, std::to_string(value));
    }
    bool number_unsigned(json::number_unsigned_t value) override {
        return scalar(Kind::integer, std::to_string(value));
    }
    bool number_float(json::number_float_t, const json::string_t& written) override {
        return scalar(Kind::decimal, written);
    }
    bool string(json::string_t& value) override { return scalar(Kind::text, value); }
    bool binary(json::binary_t&) override { return false; }
    bool start_object(std::size_t) override { return bracket("{"); }
    bool start_array(std::size_t) override { return bracket("["); }
    bool end_object() override { return bracket("close"); }
    bool end_array() override { return bracket("close"); }
    bool key(json::string_t& name) override {
        heard_.events.push_back("name " + name);
        return true;
    }
    bool parse_error(std::size_t, const std::string&, const json::exception&) override {
        heard_.broken = true;
        return false;
    }

    std::size_t position = 0;

  private:
    bool scalar(Kind kind, std::string_view text) {
        heard_.scalar(kind, text);
        return true;
    }
    bool bracket(const std::string& word) {
        heard_.events.push_back(word + " " + std::to_string(position));
        return true;
    }

    Heard& heard_;
};

Heard theirs(std::string_view text) {
    Heard heard;
    Reference reference(heard);
    std::size_t uncounted = 0;
    heard.complete = json::sax_parse(CountedByte(text.data(), reference.position),
                                     CountedByte(text.data() + text.size(), uncounted), &reference);
    return heard;
}

void expect_alike(std::string_view text) {
    const auto is = ours(text);
    auto should_be = theirs(text);
    ASSERT_EQ(is.complete, should_be.complete) << text;
    ASSERT_EQ(is.broken, should_be.broken) << text;
    // `nullx` is no word here, and one and a half there.
    if (!is.complete && is.events.size() < should_be.events.size())
        should_be.events.resize(is.events.size());
    ASSERT_EQ(is.events, should_be.events) << text;
}

/// Reading and repairing at once is the same as repairing first.
void expect_repaired_alike(std::string_view text) {
    Heard at_once;
    Listener listener(at_once);
    at_once.complete = parse_repaired_json(text, listener).empty();
    const auto repaired = repaired_json(text);
    const auto first = ours(repaired ? *repaired : text);
    ASSERT_EQ(at_once.complete, first.complete) << text;
    ASSERT_EQ(at_once.events, first.events) << text;
}

/// Whole words and pieces of them, so that what is nearly JSON comes often.
const std::vector<std::string> pieces = {"{",
                                         "}",
                                         "[",
                                         "]",
                                         ",",
                                         ":",
                                         "\"",
                                         "\"nom\":",
                                         "\"a\"",
                                         "\"\"",
                                         "\"Lef\xC3\xA8vre\"",
                                         R"("\u00e9\ud83d\ude00\"\\\/\b\f\n\r\t\u0000")",
                                         R"("\ud83d")",
                                         R"("\ude00")",
                                         R"("\x")",
                                         R"("\u00e")",
                                         R"("\ud83d\u0041")",
                                         "\"\xE9\"",
                                         "\"\xED\xA0\xBD\"",
                                         "\"\xF4\x90\x80\x80\"",
                                         "\"\xC0\xAF\"",
                                         "\"\t\"",
                                         "\"\x7f\"",
                                         "\"more than eight plain characters, and a \\n\"",
                                         "\"seventeen lettér\"",
                                         "true",
                                         "false",
                                         "null",
                                         "nul",
                                         "True",
                                         "0",
                                         "-0",
                                         "-",
                                         "00",
                                         "01",
                                         "1.",
                                         ".5",
                                         "-1.5e-3",
                                         "1E5",
                                         "1e",
                                         "1e+",
                                         "1e999",
                                         "-1e999",
                                         "1e-999",
                                         "9223372036854775807",
                                         "9223372036854775808",
                                         "-9223372036854775808",
                                         "-9223372036854775809",
                                         "18446744073709551615",
                                         "18446744073709551616",
                                         "123456789012345678901234567890",
                                         " ",
                                         "\n",
                                         "\t\r",
                                         "\v",
                                         "NaN",
                                         "+1",
                                         "//",
                                         "/**/",
                                         "\xEF\xBB\xBF",
                                         std::string(1, '\0'),
                                         "x",
                                         "\xFF",
                                         std::string(400, '9')};

TEST(JsonReferenceTest, PiecesInAnyOrder) {
    std::mt19937_64 random(13);
    for (int round = 0; round < (tests::sanitized ? 20'000 : 200'000); ++round) {
        std::string text;
        for (auto count = random() % 9; count > 0; --count)
            text += pieces[random() % pieces.size()];
        ASSERT_NO_FATAL_FAILURE(expect_alike(text));
        ASSERT_NO_FATAL_FAILURE(expect_repaired_alike(text));
    }
}

json any_value(std::mt19937_64& random, int depth) {
    static const std::vector<json> scalars = {nullptr,
                                              true,
                                              false,
                                              0,
                                              -17,
                                              1.5,
                                              1e300,
                                              18446744073709551615U,
                                              "",
                                              "nom",
                                              "é\n\"\\\x01",
                                              "日本語",
                                              "😀 a longer text without an escape"};
    const auto kind = random() % (depth < 5 ? 4 : 2);
    if (kind < 2) return scalars[random() % scalars.size()];
    auto value = kind == 2 ? json::array() : json::object();
    for (auto count = random() % 4; count > 0; --count) {
        if (kind == 2)
            value.push_back(any_value(random, depth + 1));
        else
            value["k" + std::to_string(random() % 50)] = any_value(random, depth + 1);
    }
    return value;
}

/// Documents, and the same with a byte that is lost, changed or doubled.
TEST(JsonReferenceTest, DocumentsAndWhatBecomesOfThem) {
    std::mt19937_64 random(14);
    for (int round = 0; round < 20'000; ++round) {
        const auto document = any_value(random, 0);
        auto text = document.dump(random() % 2 == 0 ? -1 : 2, ' ', random() % 2 == 0);
        ASSERT_NO_FATAL_FAILURE(expect_alike(text));
        const auto at = random() % text.size();
        switch (random() % 4) {
        case 0:
            text.erase(at, 1);
            break;
        case 1:
            text[at] = static_cast<char>(random());
            break;
        case 2:
            text.insert(at, 1, text[at]);
            break;
        default:
            text.resize(at);
        }
        ASSERT_NO_FATAL_FAILURE(expect_alike(text));
        ASSERT_NO_FATAL_FAILURE(expect_repaired_alike(text));
    }
}

TEST(JsonReferenceTest, NestedWithoutEnd) {
    for (const std::string text : {"[", "{\"a\":", "[[", "[{\"a\":["}) {
        std::string nested;
        for (int i = 0; i < 100'000; ++i)
            nested += text;
        ASSERT_NO_FATAL_FAILURE(expect_alike(nested));
    }
}

std::string content(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// What the fuzzers begin with, and files of real systems where there are any.
TEST(JsonReferenceTest, FilesOfOthers) {
    std::vector<fs::path> folders = {MEDIBRIDGE_FUZZ_FOLDER};
    if (const char* corpus = std::getenv("MEDIBRIDGE_CORPUS")) folders.emplace_back(corpus);
    std::size_t documents = 0;
    for (const auto& folder : folders) {
        for (const auto& entry : fs::recursive_directory_iterator(folder)) {
            if (!entry.is_regular_file() || entry.file_size() > (8u << 20)) continue;
            const auto text = content(entry.path());
            ASSERT_NO_FATAL_FAILURE(expect_alike(text)) << entry.path();
            ASSERT_NO_FATAL_FAILURE(expect_repaired_alike(text)) << entry.path();
            documents += ours(text).complete ? 1 : 0;
        }
    }
    EXPECT_GT(documents, 5u);
}

} // namespace
} // namespace medibridge::connectors
