#include "connectors/json/value.hpp"

#include <gtest/gtest.h>

namespace medibridge::connectors {
namespace {

TEST(JsonValueTest, ReadsADocument) {
    const auto document = read_json(R"({"a":{"b":["x",7,true,null,1.5]},"c":-1})");
    EXPECT_EQ(document.fault, "");
    const auto items = document.root["a"]["b"].items();
    ASSERT_EQ(items.size(), 5u);
    EXPECT_EQ(items[0].text(), "x");
    EXPECT_EQ(items[1].count(), 7);
    EXPECT_TRUE(items[2].is_true());
    EXPECT_TRUE(items[3].is_absent());
    EXPECT_EQ(items[4].kind(), JsonValue::Kind::decimal);
    EXPECT_EQ(document.root["c"].count(), std::nullopt);
}

TEST(JsonValueTest, WhatIsNotThereIsAbsentHoweverDeep) {
    const auto document = read_json(R"({"a":"text"})");
    EXPECT_TRUE(document.root["a"]["b"]["c"].is_absent());
    EXPECT_TRUE(document.root["a"].items().empty());
    EXPECT_EQ(document.root["x"].text(), "");
}

TEST(JsonValueTest, OfANameThatStandsTwiceTheLastCounts) {
    EXPECT_EQ(read_json(R"({"a":"1","a":"2"})").root["a"].text(), "2");
}

TEST(JsonValueTest, HandsOverTheItemsOfTheMemberThatIsStreamed) {
    JsonShape shape;
    shape.streamed = "entry";
    std::vector<std::string> seen;
    const auto document =
        read_json(R"({"entry":[{"n":"1","entry":[1]},2,{"n":"3"}],"total":3})", shape,
                  [&](JsonValue& value) { seen.emplace_back(value["n"].text()); });
    EXPECT_EQ(seen, (std::vector<std::string>{"1", "", "3"}));
    EXPECT_EQ(document.root["total"].count(), 3);
    EXPECT_TRUE(document.root["entry"].items().empty());
    EXPECT_TRUE(document.root["entry"].is_list());
}

TEST(JsonValueTest, LeavesOutWhatIsNotWanted) {
    JsonShape shape;
    shape.keep = [](std::string_view name, std::size_t depth) {
        return depth > 0 || name != "skipped";
    };
    const auto document =
        read_json(R"({"skipped":{"a":[{"b":1}]},"kept":{"skipped":[1,{"x":2}]},"z":"1"})", shape);
    EXPECT_TRUE(document.root["skipped"].is_absent());
    EXPECT_EQ(document.root["kept"]["skipped"].items().size(), 2u);
    EXPECT_EQ(document.root["z"].text(), "1");
}

TEST(JsonValueTest, ReadsBytesThatAreNoUtf8AsLostCharacters) {
    EXPECT_EQ(read_json("{\"a\":\"x\xE9\"}").root["a"].text(), "x\xEF\xBF\xBD");
}

TEST(JsonValueTest, SaysWhereADocumentBreaksOffAndNothingOfIt) {
    const auto document = read_json(R"({"planted":"value",)");
    EXPECT_NE(document.fault.find("byte 20"), std::string::npos) << document.fault;
    EXPECT_EQ(document.fault.find("planted"), std::string::npos);
    EXPECT_NE(read_json("").fault, "");
}

TEST(JsonValueTest, DepthDoesNoHarm) {
    std::string deep(200'000, '[');
    deep += std::string(200'000, ']');
    EXPECT_EQ(read_json(deep).fault, "");
    EXPECT_EQ(read_json(R"({"a":)" + deep + R"(,"b":"c"})").root["b"].text(), "c");
}

std::string repeated(const std::string& text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i)
        all += (i == 0 ? "" : ",") + text;
    return all;
}

/// The items of the member `l`, as `c` or `o` each.
std::string items_of(const std::string& body, std::string& fault) {
    JsonShape shape;
    shape.streamed = "l";
    std::string kinds;
    const auto document =
        read_json(body, shape, [&](JsonValue& item) { kinds += item.is_oversized() ? "o" : "c"; });
    fault = document.fault;
    return kinds;
}

TEST(JsonValueTest, AnItemOfMoreThanAnyPatientHoldsIsNotKept) {
    const auto zeros = [](std::size_t count) { return "{\"a\":[" + repeated("0", count) + "]}"; };
    const auto text = [](std::size_t size) { return "{\"a\":\"" + std::string(size, 'x') + "\"}"; };
    std::string fault;
    EXPECT_EQ(items_of("{\"l\":[{}," + zeros(9'998) + "," + zeros(9'999) + ",{}]}", fault), "ccoc");
    EXPECT_EQ(fault, "");
    EXPECT_EQ(items_of("{\"l\":[" + text(1'000'000) + "," + text(1'100'000) +
                           ",{\"a\":" + zeros(20'000) + "},{}]}",
                       fault),
              "cooc");
    EXPECT_EQ(fault, "");
}

TEST(JsonValueTest, ADocumentOfTooManyValuesIsRefused) {
    std::string fault;
    EXPECT_EQ(items_of("{\"l\":[{}],\"more\":[" + repeated("0", 200'001) + "]}", fault), "c");
    EXPECT_EQ(fault, "it holds more values or text than is read of one answer");
    EXPECT_EQ(items_of("{\"l\":[" + repeated("{}", 300'000) + "]}", fault),
              std::string(300'000, 'c'));
    EXPECT_EQ(fault, "");
}

} // namespace
} // namespace medibridge::connectors
