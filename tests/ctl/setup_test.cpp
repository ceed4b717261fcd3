#include "config/site.hpp"
#include "ctl/setup/draft.hpp"
#include "ctl/setup/home.hpp"

#include <gmock/gmock.h>

namespace medibridge::ctl::setup {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::Not;

constexpr const char* no_secret = "s3cret-value";

/// Something for every question that must be answered.
Draft draft_of(const std::string& kind) {
    Draft draft;
    for (const auto& question : questions_of_medicapp())
        draft.medicapp[question.key] = question.is_secret ? no_secret : question.suggestion;
    draft.kind = kind;
    for (const auto& question : questions_of(kind))
        if (question.is_required)
            draft.source[question.key] = question.suggestion.empty() ? "x" : question.suggestion;
    return draft;
}

TEST(SetupDraftTest, NeverHoldsASecret) {
    for (const auto& kind : kinds()) {
        auto draft = draft_of(kind);
        for (const auto& question : questions_of(kind))
            if (question.is_secret) draft.source[question.key] = no_secret;
        EXPECT_THAT(configuration_text(draft, {"/var/lib/s.db", {}}), Not(HasSubstr(no_secret)))
            << kind;
        EXPECT_THAT(credentials_drop_in(draft, "/etc/c"), Not(HasSubstr(no_secret)));
    }
}

TEST(SetupDraftTest, SecretsAreHandedOverBySystemdOrStandInFiles) {
    auto draft = draft_of("fhir");
    draft.source["auth.bearer"] = no_secret;
    EXPECT_THAT(draft.secrets(), ElementsAre(Field(&Secret::name, "medicapp-api-key"),
                                             Field(&Secret::name, "dpi-auth-bearer")));
    EXPECT_THAT(configuration_text(draft, {"/s.db", {}}),
                AllOf(HasSubstr("{credential: medicapp-api-key}"),
                      HasSubstr("{credential: dpi-auth-bearer}")));
    EXPECT_THAT(configuration_text(draft, {"/s.db", "/k"}),
                HasSubstr("{file: /k/dpi-auth-bearer}"));
    EXPECT_EQ(credentials_drop_in(draft, "/etc/c"),
              "[Service]\nLoadCredential=dpi-auth-bearer:/etc/c/dpi-auth-bearer\n");
    EXPECT_EQ(credentials_drop_in(draft_of("hl7v2"), "/etc/c"), "");
}

TEST(SetupDraftTest, SuggestsAFolderThatTheUnitMayWriteIn) {
    for (const std::string config : {"medibridge.yaml", "north.yaml"}) {
        const Home home("/etc/medibridge/" + config);
        for (const auto& question : questions_of("csv", home.spool()))
            if (question.key == "directory") {
                EXPECT_EQ(question.suggestion, (home.spool() / "in").string());
                EXPECT_EQ(config::why_unit_cannot_write(question.suggestion, home.config()), "");
            }
    }
}

TEST(SetupHomeTest, IsWhereTheUnitOfTheConfigurationLooks) {
    const Home service("/etc/medibridge/medibridge.yaml");
    EXPECT_EQ(service.unit(), "medibridge");
    EXPECT_EQ(service.secret("k"), "/etc/medibridge/credentials/k");
    EXPECT_EQ(service.places().state, "/var/lib/medibridge/state.db");
    EXPECT_EQ(service.places().secrets, "");
    EXPECT_THAT(service.drop_ins(),
                ElementsAre("/etc/systemd/system/medibridge.service.d/credentials.conf",
                            "/etc/systemd/system/medibridge-once.service.d/credentials.conf"));

    const Home site("/etc/medibridge/north.yaml");
    EXPECT_EQ(site.unit(), "medibridge@north");
    EXPECT_EQ(site.secret("k"), "/etc/medibridge/credentials/north/k");
    EXPECT_EQ(site.places().state, "/var/lib/medibridge-north/state.db");
    EXPECT_EQ(site.places().secrets, "");
    EXPECT_THAT(site.drop_ins(),
                ElementsAre("/etc/systemd/system/medibridge@north.service.d/credentials.conf"));

    EXPECT_EQ(service.spool(), "/var/spool/medibridge");
    EXPECT_EQ(site.spool(), "/var/spool/medibridge/north");

    const Home trial("/home/ana/try.yaml");
    EXPECT_EQ(trial.unit(), "");
    EXPECT_EQ(trial.secret("k"), "/home/ana/k");
    EXPECT_EQ(trial.places().state, "/home/ana/state.db");
    EXPECT_EQ(trial.places().secrets, "/home/ana");
    EXPECT_THAT(trial.drop_ins(), testing::IsEmpty());
}

TEST(SetupDraftTest, SaysUnderSafetyWhatTheHisDoesNotHave) {
    auto draft = draft_of("csv");
    draft.source["fields.deceased"] = "DECES";
    const auto text = configuration_text(draft, {"/s.db", {}});
    EXPECT_THAT(text, HasSubstr("mergedInto: not_available"));
    EXPECT_THAT(text, Not(HasSubstr("deceased: not_available")));
    EXPECT_THAT(configuration_text(draft_of("fhir"), {"/s.db", {}}), Not(HasSubstr("safety")));
}

TEST(SetupDraftTest, AMapHasAllWords) {
    auto draft = draft_of("csv");
    draft.source["fields.gender.at"] = "SEXE";
    draft.source["fields.gender.M"] = "1";
    EXPECT_THAT(configuration_text(draft, {"/s.db", {}}), HasSubstr("map: {1: M, F: F, O: O}"));
    draft.source["fields.gender.O"] = "3";
    draft.source["fields.gender.unknown"] = "9 , X";
    EXPECT_THAT(configuration_text(draft, {"/s.db", {}}),
                HasSubstr(R"(map: {1: M, F: F, 3: O, 9: "", X: ""})"));
    draft.source["fields.active.at"] = "ACTIF";
    draft.source["fields.active.false"] = "N";
    EXPECT_THAT(configuration_text(draft, {"/s.db", {}}), HasSubstr("map: {true: true, N: false}"));
}

TEST(SetupDraftTest, TextsStayTexts) {
    auto draft = draft_of("hl7v2");
    draft.source["assigning_authority"] = "0123: #x";
    EXPECT_THAT(configuration_text(draft, {"/s.db", {}}), HasSubstr("\"0123: #x\""));
}

} // namespace
} // namespace medibridge::ctl::setup
