#include "connectors/json/page.hpp"

#include "connectors/json/parse.hpp"

#include <gtest/gtest.h>
#include <stdexcept>

namespace medibridge::connectors {
namespace {

using Kind = RawValue::Kind;

/// A value in a few characters.
std::string shown(const RawValue& value) {
    switch (value.kind) {
    case Kind::absent:
        return "?";
    case Kind::null:
        return "null";
    case Kind::boolean:
        return "b:" + value.text;
    case Kind::integer:
        return "i:" + value.text;
    case Kind::decimal:
        return "d:" + value.text;
    case Kind::text:
        return "t:" + value.text;
    case Kind::composite:
        return "c";
    case Kind::oversized:
        return "o";
    }
    return {};
}

struct Read {
    JsonPage page;
    std::string records; ///< `a,b|c,d`, with `-` for what is no object
};

void show(std::string& records, std::optional<std::span<const RawValue>> values) {
    if (!records.empty()) records += "|";
    if (!values) records += "-";
    for (std::size_t i = 0; values && i < values->size(); ++i)
        records += (i == 0 ? "" : ",") + shown((*values)[i]);
}

/// The same records, some at a time.
std::string in_portions(std::string_view body, const JsonOutline& outline, const JsonPage& page,
                        std::size_t most) {
    std::string all;
    JsonRecords records(std::string(body), outline, page);
    while (!records.at_end()) {
        std::size_t count = 0;
        records.read(most, [&](std::optional<std::span<const RawValue>> values) {
            ++count;
            show(all, values);
        });
        EXPECT_TRUE(count == most || records.at_end());
        EXPECT_TRUE(count > 0 && count <= most);
    }
    return all;
}

Read read(std::string_view body, const std::string& records, std::vector<std::string> places,
          std::vector<std::string> document = {}) {
    const JsonOutline outline(records, document, places);
    Read result;
    result.page =
        read_json_page(body, outline, [&result](std::optional<std::span<const RawValue>> values) {
            show(result.records, values);
        });
    if (result.page.fault) return result;
    for (const std::size_t most : {1u, 2u, 3u, 100u})
        EXPECT_EQ(in_portions(body, outline, result.page, most), result.records) << body;
    return result;
}

TEST(JsonPageTest, FindsEveryKindOfValue) {
    const auto result = read(
        R"({"l":[{"a":"x","b":1},{"a":null,"b":-7},{"a":true,"b":1.50},{"a":{},"b":[]},{},
            {"a":18446744073709551615,"b":18446744073709551616},{"a":1e3,"b":"\u00e9\n"}]})",
        "/l", {"/a", "/b"});
    EXPECT_EQ(result.page.fault, std::nullopt);
    EXPECT_EQ(result.page.records, 7u);
    EXPECT_EQ(result.records, "t:x,i:1|null,i:-7|b:true,d:1.50|c,c|?,?|"
                              "i:18446744073709551615,d:18446744073709551616|d:1e3,t:\xC3\xA9\n");
}

TEST(JsonPageTest, FollowsNestedPlacesAndPassesOverTheRest) {
    const auto body = R"({"meta":{"n":[1,{"l":[{"a":9}]}]},"data":{"l":[
        {"noise":{"a":[{"a":1}]},"e":{"p":["Jo","Al"],"a/b":"s","c~d":"t"},"p":[["x","y"]]}]}})";
    EXPECT_EQ(read(body, "/data/l",
                   {"/e/p/0", "/e/p/1", "/e/p/2", "/e/a~1b", "/e/c~0d", "/p/0/1", "/e", "/e/p",
                    "/noise/a/0/a"})
                  .records,
              "t:Jo,t:Al,?,t:s,t:t,t:y,c,c,i:1");
}

TEST(JsonPageTest, OnePlaceMayServeTwoFields) {
    EXPECT_EQ(read(R"([{"a":"x"}])", "", {"/a", "/a"}).records, "t:x,t:x");
}

TEST(JsonPageTest, AnIndexOfAPlaceMayAlsoBeAName) {
    EXPECT_EQ(read(R"([{"p":{"0":"x"}},{"p":["y"]},{"p":{"00":"z"}}])", "", {"/p/0"}).records,
              "t:x|t:y|?");
}

TEST(JsonPageTest, ValuesOfOneRecordDoNotStayForTheNext) {
    EXPECT_EQ(read(R"([{"a":"x","b":{"c":1}},{},{"b":{"c":2}}])", "", {"/a", "/b/c"}).records,
              "t:x,i:1|?,?|?,i:2");
}

TEST(JsonPageTest, OfANameThatStandsTwiceTheLastCounts) {
    EXPECT_EQ(read(R"([{"a":1,"a":2},{"b":{"c":1,"d":2},"b":{"c":3}},{"b":{"c":1},"b":null}])", "",
                   {"/a", "/b/c", "/b/d"})
                  .records,
              "i:2,?,?|?,i:3,?|?,?,?");
}

TEST(JsonPageTest, WhatIsNoObjectIsARecordAllTheSame) {
    const auto result = read(R"([{"a":1},7,null,"x",[{"a":2}],[],{"a":3}])", "", {"/a"});
    EXPECT_EQ(result.records, "i:1|-|-|-|-|-|i:3");
    EXPECT_EQ(result.page.records, 7u);
}

TEST(JsonPageTest, FindsTheDocumentsOwnValuesBeforeAndBehindTheRecords) {
    const auto result = read(R"({"page":{"of":3,"next":"/p?2"},"l":[{"a":1}],"total":1200})", "/l",
                             {"/a"}, {"/page/of", "/total", "/page/next", "/nothing", ""});
    std::string values;
    for (const auto& value : result.page.values)
        values += shown(value) + " ";
    EXPECT_EQ(values, "i:3 i:1200 t:/p?2 ? ? ");
}

TEST(JsonPageTest, SaysWhatDoesNotFitWithoutQuotingIt) {
    const auto fault = [](std::string_view body, const std::string& records = "/l") {
        const auto page = read(body, records, {"/a"}).page;
        return page.fault.value_or(page.has_list ? "none" : "no list");
    };
    EXPECT_EQ(fault(R"({"l":[]})"), "none");
    EXPECT_EQ(fault(R"({"l":null})"), "none");
    EXPECT_EQ(fault(R"({"m":[]})"), "no list");
    EXPECT_NE(fault(R"({"l":{"a":1}})").find("points at an object"), std::string::npos);
    EXPECT_NE(fault(R"({"l":"Doe"})").find("a single value"), std::string::npos);
    EXPECT_NE(fault(R"({"l":[],"l":[]})").find("twice"), std::string::npos);
    EXPECT_NE(fault(R"({})", "").find("points at an object"), std::string::npos);
    EXPECT_NE(fault("null", "/l").find("no list"), std::string::npos);
    EXPECT_EQ(fault("[]", ""), "none");
    for (const auto* rubbish : {"", " ", "<html>Doe</html>", R"({"l":[{"a":"Doe)", "{\"l\":[]}x",
                                "[1,]", "1e999", "\"\\ud800", "nul", "\x01"}) {
        const auto text = fault(rubbish);
        EXPECT_TRUE(text.starts_with("not JSON") || text.starts_with("not valid JSON")) << rubbish;
        EXPECT_EQ(text.find("Doe"), std::string::npos);
    }
}

TEST(JsonPageTest, OneBadByteSpoilsOneValueOnly) {
    const auto result = read("[{\"a\":\"Lef\xE8vre\"},{\"a\":\"\xC3\xA9t\xC3\xA9\"}]", "", {"/a"});
    EXPECT_EQ(result.page.fault, std::nullopt);
    EXPECT_EQ(result.records, "t:Lef\xEF\xBF\xBDvre|t:\xC3\xA9t\xC3\xA9");
}

TEST(JsonPageTest, WhatCannotBeReadSpoilsOneValueOnly) {
    const auto result = read(
        R"([{"a":"\ud83d","b":1},{"a":"x","b":1e999},{"a":"y","c":NaN,"b":2}])", "", {"/a", "/b"});
    EXPECT_EQ(result.page.fault, std::nullopt);
    EXPECT_EQ(result.records, "t:\xEF\xBF\xBD,i:1|t:x,d:9e307|t:y,i:2");
}

TEST(JsonPageTest, ReadsAByteOrderMarkAndDeepNests) {
    EXPECT_EQ(read("\xEF\xBB\xBF[{\"a\":1}]", "", {"/a"}).records, "i:1");
    const std::size_t depth = 200'000;
    const auto deep = "[{\"x\":" + std::string(depth, '[') + std::string(depth, ']') + ",\"a\":1}]";
    EXPECT_EQ(read(deep, "", {"/a"}).records, "i:1");
    EXPECT_TRUE(read(std::string(depth, '['), "", {"/a"}).page.fault);
}

TEST(JsonPageTest, RecordsOfAnyShapeComeInPortionsToo) {
    for (const std::string_view list :
         {"[]", "[ ]", "null", "[{}]", "[{},{}]", " [ {} , 1 , \"]\" , [ [ ] ] , null ] ",
          "[{\"a\":\"x\\\\\"},{\"a\":\"\\\"}]\"},-1.5e3,true,\"\\\\\",{\"a\":[\"]\",{\"b\":\"}\"}]}"
          "]",
          "[{\"a\":\"\xE9\"},{\"a\":1e999,\"b\":\"\\ud800\"},\n\t[1,2],\r{\"b\":007}]"}) {
        read("{\"before\":{\"l\":[1]},\"l\":" + std::string(list) + ",\"behind\":[{\"a\":1}]}",
             "/l", {"/a", "/b"});
        read("\xEF\xBB\xBF" + std::string(list), "", {"/a", "/b"});
    }
}

TEST(JsonPageTest, ATextThatIsTooLongForAnyFieldIsNotKept) {
    const std::string longest(64u << 10, 'x');
    const auto record = [](const std::string& text) { return "[{\"a\":\"" + text + "\"}]"; };
    EXPECT_EQ(read(record(longest), "", {"/a"}).records, "t:" + longest);
    EXPECT_EQ(read(record(longest + "x"), "", {"/a"}).records, "o");
}

TEST(JsonPageTest, RefusesWhatIsNoPointer) {
    const auto make = [](const std::string& place) {
        const std::vector<std::string> places = {place};
        JsonOutline("/l", {}, places);
    };
    EXPECT_NO_THROW(make("/a/0/b"));
    EXPECT_NO_THROW(make("/"));
    for (const auto* place : {"a", "a/b", "/a~", "/a~2b"})
        EXPECT_THROW(make(place), std::invalid_argument) << place;
}

} // namespace
} // namespace medibridge::connectors
