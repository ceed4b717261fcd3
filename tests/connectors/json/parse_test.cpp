#include "connectors/json/parse.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <random>

namespace medibridge::connectors {
namespace {

const std::string lost = "\\ufffd";

struct Case {
    const char* what;
    std::string text;
    std::string repaired; ///< empty: it is fine as it is
};

std::string in_string(const std::string& text) {
    return R"([{"nom":")" + text + R"("}])";
}

TEST(JsonRepairTest, WhatCannotBeReadSpoilsItsOwnValueOnly) {
    const std::vector<Case> cases = {
        {"RFC 8259 §8.2: half a pair", in_string("\\ud83d"), in_string(lost)},
        {"the other half", in_string("x\\uDE00y"), in_string("x" + lost + "y")},
        {"the halves the wrong way round", in_string("\\ude00\\ud83d"), in_string(lost + lost)},
        {"half a pair before a whole one", in_string("\\ud83d\\ud83d\\ude00"),
         in_string(lost + "\\ud83d\\ude00")},
        {"half a pair before another escape", in_string("\\ud83d\\u0041"),
         in_string(lost + "\\u0041")},
        {"half a pair before a quote", in_string("\\ud83d\\\""), in_string(lost + "\\\"")},
        {"half a pair in a member's name", R"({"\ud83d":1})", R"({")" + lost + R"(":1})"},
        {"a pair", in_string("\\uD83D\\uDE00"), ""},
        {"RFC 3629 §3: Latin-1", in_string("Lef\xE8vre"), in_string("Lef\xEF\xBF\xBDvre")},
        {"a character that is cut off", in_string("x\xE2\x82"),
         in_string("x\xEF\xBF\xBD\xEF\xBF\xBD")},
        {"overlong", in_string("\xC0\xAF"), in_string("\xEF\xBF\xBD\xEF\xBF\xBD")},
        {"RFC 8259 §7: no such escape", in_string("d\\'Arc"), in_string("d" + lost + "'Arc")},
        {"too few digits", in_string("\\u00e"), in_string(lost + "00e")},
        {"a raw tab", in_string("a\tb"), in_string("a\\u0009b")},
        {"a raw line break", in_string("1 rue\r\nX"), in_string("1 rue\\u000d\\u000aX")},
        {"a raw NUL", in_string(std::string("a\0b", 3)), in_string("a\\u0000b")},
        {"RFC 8259 §6: beyond a double", R"([{"poids":1e999}])", R"([{"poids":9e307}])"},
        {"the same, negative", "[-1E+400,1]", "[9e307,1]"},
        {"400 digits", "[" + std::string(400, '9') + "]", "[9e307]"},
        {"300 digits", "[" + std::string(300, '9') + "]", ""},
        {"RFC 8259 §6: no NaN", R"({"a":NaN,"b":1})", R"({"a":9e307,"b":1})"},
        {"nor infinity", "[-Infinity, Infinity ,0]", "[9e307, 9e307 ,0]"},
        {"leading zeros", R"({"ipp":007001})", R"({"ipp":9e307})"},
        {"a plus", "[+1]", "[9e307]"},
        {"no digit before the point", "[.5]", "[9e307]"},
        {"no digit behind it", "[5.]", "[9e307]"},
        {"Python's words", "[None,True]", "[9e307,9e307]"},
        {"JavaScript's", R"({"a":undefined})", R"({"a":9e307})"},
        {"numbers in order", "[0,-0,1.5e-3,18446744073709551616,1E5,true,false,null]", ""},
        {"words in a string", R"(["NaN","1e999","007"])", ""},
        {"escapes in order", in_string("\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\xC3\xA9"), ""},
    };
    for (const auto& each : cases) {
        EXPECT_EQ(repaired_json(each.text).value_or(""), each.repaired) << each.what;
        EXPECT_TRUE(nlohmann::json::accept(each.repaired.empty() ? each.text : each.repaired))
            << each.what;
    }
}

TEST(JsonRepairTest, WhatIsNoJsonIsNotMadeOne) {
    for (const std::string text :
         {"", " ", "NaN", "1e999", "<html>Doe</html>", R"([{"nom":"Doe)", R"([{"nom":"Doe\)",
          "[nul", "[1,]", "[1 2]", "[1e999", R"({"a" 1})", R"({a:1,})", "{'a':1}", "[1]x",
          R"({"l":[<br />Warning: nothing here])", "[1e9 99]", R"(["a"b"])"})
        EXPECT_FALSE(nlohmann::json::accept(repaired_json(text).value_or(text))) << text;
}

TEST(JsonRepairTest, SaysWhatStandsThereInstead) {
    const std::pair<std::string, std::string> cases[] = {
        {"", "it is empty"},
        {" \r\n", "it is empty"},
        {"<html><body>Access denied for Doe", "an HTML page"},
        {" <!DOCTYPE HTML PUBLIC>", "an HTML page"},
        {"\xEF\xBB\xBF<HTML>", "an HTML page"},
        {"<?xml version='1.0'?><Bundle/>", "an XML document"},
        {"<Bundle/>", "HTML or XML"},
        {"Service unavailable", "some other text"},
        {std::string("{\0\"\0", 4), "UTF-16"},
        {"{\"a\":", "from byte 7 on"},
    };
    for (const auto& [text, words] : cases) {
        const auto fault = json_fault(text, 7);
        EXPECT_NE(fault.find(words), std::string::npos) << text << ": " << fault;
        EXPECT_EQ(fault.find("Doe"), std::string::npos) << fault;
    }
}

/// Whatever stands in one value of a list, the values beside it are read as they are.
TEST(JsonRepairTest, OneValueHidesNoOther) {
    const std::vector<std::string> parts = {"\\ud83d", "\\ude00", "\xE9", "\\u00e9",      "x",
                                            "\t",      "\\n",     "\\x",  "\xED\xA0\xBD", "\\\\",
                                            "\\u12"};
    const std::vector<std::string> words = {"1e999", "NaN", "-Infinity", "00", "-1", "1.5", "null"};
    std::mt19937_64 random(7);
    const auto any = [&random](const std::vector<std::string>& of) {
        return of[std::uniform_int_distribution<std::size_t>(0, of.size() - 1)(random)];
    };
    for (int round = 0; round < 2000; ++round) {
        std::string text;
        for (auto length = random() % 6; length > 0; --length)
            text += any(parts);
        const auto body = R"([{"a":"first","n":1},{"a":")" + text + R"(","n":)" + any(words) +
                          R"(},{"a":"last","n":3}])";
        const auto document =
            nlohmann::json::parse(repaired_json(body).value_or(body), nullptr, false);
        ASSERT_FALSE(document.is_discarded()) << body;
        EXPECT_EQ(document.size(), 3u);
        EXPECT_EQ(document[0]["a"], "first");
        EXPECT_EQ(document[2]["a"], "last");
        EXPECT_EQ(document[2]["n"], 3);
        EXPECT_EQ(repaired_json(document.dump()), std::nullopt) << "once is enough";
    }
}

TEST(JsonRepairTest, WhatIsMostlyUnreadableIsNotRepaired) {
    const std::string garbled = "[\"" + std::string(10'000, '\xFF') + "\"";
    EXPECT_EQ(repaired_json(garbled + "]"), std::nullopt);
    EXPECT_NE(repaired_json(garbled + ",\"" + std::string(20'000, 'x') + "\"]"), std::nullopt);
}

} // namespace
} // namespace medibridge::connectors
