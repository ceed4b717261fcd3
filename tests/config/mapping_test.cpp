#include "config/source_kind.hpp"
#include "draft.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::config {
namespace {

using drafts::minimal;
using drafts::with_field;
using drafts::with_source;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using testing::Not;
using testing::Pair;

std::map<std::string, std::string> mapping(const std::string& text) {
    const auto settings = drafts::settings(text);
    return mapping_of(*settings.his.front().its, settings.identity);
}

/// The keys whose values differ.
std::vector<std::string> differences(const std::string& a, const std::string& b) {
    const auto left = mapping(a);
    const auto right = mapping(b);
    std::vector<std::string> keys;
    for (const auto& [key, value] : left)
        if (!right.contains(key) || right.at(key) != value) keys.push_back(key);
    for (const auto& [key, value] : right)
        if (!left.contains(key)) keys.push_back(key);
    return keys;
}

TEST(MappingTest, EveryKeyThatDecidesHowARecordIsReadIsInIt) {
    EXPECT_THAT(mapping(minimal()),
                AllOf(Contains(Key("records")), Contains(Key("timezone")),
                      Contains(Key("fields.externalId")), Contains(Key("fields.birthDate")),
                      Contains(Pair("identity.last_name", "birth")),
                      Contains(Pair("identity.default_region", "FR"))));
    EXPECT_THAT(differences(minimal(), with_field("email", "/mail")), ElementsAre("fields.email"));
    EXPECT_THAT(differences(minimal(), minimal("identity: {last_name: usual}\n")),
                ElementsAre("identity.last_name"));
    EXPECT_THAT(differences(minimal(), with_source("    timezone: Indian/Reunion\n")),
                ElementsAre("timezone"));
}

TEST(MappingTest, EveryPartOfAFieldsPlaceCounts) {
    const auto plain = with_field("gender", "/sexe");
    const std::vector<std::string> places = {"{at: /genre}", "{at: /sexe, map: {\"1\": M}}",
                                             "{at: /sexe, map: {\"1\": F}}",
                                             "{at: /sexe, default: M}"};
    for (const auto& place : places) {
        EXPECT_THAT(differences(plain, with_field("gender", place)), ElementsAre("fields.gender"));
    }
    EXPECT_THAT(differences(with_field("gender", places[1]), with_field("gender", places[2])),
                ElementsAre("fields.gender"));
    EXPECT_THAT(differences(plain, with_field("gender", "{at: /sexe}")), IsEmpty());
}

TEST(MappingTest, TheAddressAndTheCredentialsAreNotInIt) {
    const auto one = with_source("    auth: {bearer: {env: API_KEY}}\n");
    EXPECT_THAT(differences(minimal(), one), IsEmpty());
    EXPECT_THAT(differences(minimal(), with_source("    query: {external_id: ipp}\n")), IsEmpty());
    for (const auto& [key, value] : mapping(one))
        EXPECT_THAT(value, Not(HasSubstr("http"))) << key;
}

} // namespace
} // namespace medibridge::config
