#include "draft.hpp"

#include <gmock/gmock.h>

namespace medibridge::config {
namespace {

using drafts::edit;
using drafts::minimal;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// What the check advises, without being a mistake.
std::vector<std::string> advice(const std::string& text) {
    const auto loaded = drafts::load(text);
    EXPECT_TRUE(loaded.settings);
    std::vector<std::string> lines;
    for (const auto& line : loaded.advice)
        lines.push_back(line.to_string());
    return lines;
}

std::vector<std::string> unseen(const std::string& text) {
    const auto settings = drafts::settings(text);
    return settings.his.empty() ? std::vector<std::string>{"nothing read"} : settings.his[0].unseen;
}

std::string with_safety(const std::string& safety) {
    return drafts::with_source("    safety: " + safety + "\n");
}

constexpr auto all_four = "      deceased: /d\n      active: /a\n      identityStatus: /s\n"
                          "      mergedInto: /m\n";

TEST(SafetyTest, AMappingThatLeavesTheFactsOutIsToldWhereItStands) {
    EXPECT_THAT(unseen(minimal()),
                ElementsAre("deceased", "active", "identityStatus", "mergedInto"));
    EXPECT_THAT(
        advice(minimal()),
        ElementsAre(AllOf(HasSubstr("m.yaml:8:5: source `dpi` does not see: deceased, active, "
                                    "identityStatus, mergedInto; "),
                          HasSubstr("would be created"),
                          HasSubstr("safety: {deceased: not_available}"))));
}

TEST(SafetyTest, OnlyWhatIsLeftOutIsTold) {
    const auto text = edit(minimal(), "state:", "      deceased: /d\n      mergedInto: /m\nstate:");
    EXPECT_THAT(unseen(text), ElementsAre("active", "identityStatus"));
    EXPECT_THAT(advice(text), ElementsAre(AllOf(HasSubstr("does not see: active, identityStatus; "),
                                                HasSubstr("{active: not_available}"))));
}

TEST(SafetyTest, WhatIsMappedOrSaidToBeMissingIsNotTold) {
    const auto mapped = edit(minimal(), "state:", std::string(all_four) + "state:");
    EXPECT_THAT(unseen(mapped), IsEmpty());
    EXPECT_THAT(advice(mapped), IsEmpty());
    const auto said = with_safety("{deceased: not_available, active: not_available, "
                                  "identityStatus: not_available, mergedInto: not_available}");
    EXPECT_THAT(unseen(said), IsEmpty());
    EXPECT_THAT(advice(said), IsEmpty());
    EXPECT_THAT(unseen(with_safety("{active: not_available}")),
                ElementsAre("deceased", "identityStatus", "mergedInto"));
    EXPECT_THAT(unseen(with_safety("")), testing::SizeIs(4)) << "an empty section says nothing";
}

TEST(SafetyTest, WhatIsMappedCannotBeMissing) {
    const auto text =
        edit(with_safety("{deceased: not_available}"), "state:", std::string(all_four) + "state:");
    EXPECT_THAT(drafts::mistakes(text),
                ElementsAre("m.yaml:8:24: `his.safety.deceased` contradicts `fields.deceased`: "
                            "remove one of the two"));
}

TEST(SafetyTest, OtherWordsAndKeysAreMistakes) {
    EXPECT_THAT(drafts::mistakes(with_safety("{deceased: false}")),
                ElementsAre(HasSubstr("`his.safety.deceased` cannot be `false`")));
    EXPECT_THAT(drafts::mistakes(with_safety("{decesed: not_available}")),
                ElementsAre(HasSubstr("unknown key `decesed` in `his.safety`; did you mean "
                                      "`deceased`?")));
    EXPECT_THAT(drafts::mistakes(with_safety("not_available")),
                ElementsAre(HasSubstr("`his.safety` must be a mapping")));
}

TEST(SafetyTest, EverySourceWithAMappingIsLookedAt) {
    const auto source = [](const std::string& lines) {
        return "medicapp: {base_url: \"https://m.example.org/v5\", api_key: {env: API_KEY}}\n"
               "state: {path: /s}\nhis:\n  - {name: a, " +
               lines + "}\n";
    };
    const std::string fields = "externalId: i, lastName: l, firstName: f, birthDate: b";
    EXPECT_THAT(advice(source("type: csv, directory: /, fields: {" + fields + "}")),
                testing::SizeIs(1));
    EXPECT_THAT(advice(source("type: sql, connection: DSN=x, query: \"SELECT :modified_after, "
                              ":after_id, :limit\", fields: {" +
                              fields + ", modifiedAt: m, deceased: d}")),
                ElementsAre(HasSubstr("does not see: active, identityStatus, mergedInto; ")));
    // FHIR and HL7 v2 have these facts in places of their own.
    const std::string fhir =
        "type: fhir, base_url: \"http://h/fhir\", identifier_system: \"urn:x\"";
    const std::string hl7 = "type: hl7v2, listen: \"127.0.0.1:1\", assigning_authority: x";
    EXPECT_THAT(advice(source(fhir)), IsEmpty());
    EXPECT_THAT(advice(source(hl7)), IsEmpty());
    EXPECT_THAT(drafts::mistakes(source(hl7 + ", safety: {active: not_available}")),
                ElementsAre(HasSubstr("unknown key `safety`")));
}

} // namespace
} // namespace medibridge::config
