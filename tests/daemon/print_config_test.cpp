#include "daemon/print_config.hpp"

#include "draft.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <regex>
#include <sstream>

namespace medibridge::daemon {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
namespace drafts = config::drafts;

std::string printed(const std::string& text) {
    std::ostringstream out;
    print_config(text, "m.yaml", out);
    return out.str();
}

std::string line_of(const std::string& text, const std::string& key) {
    const std::regex line("\n *" + key + ": *(.*?) +# (.*)");
    std::smatch found;
    return std::regex_search(text, found, line) ? found[1].str() + " <- " + found[2].str() : "";
}

TEST(PrintConfig, SaysWhereEachValueComesFrom) {
    const auto text = drafts::minimal("sync: {interval: 5s}\n");
    const auto shown = printed(text);
    EXPECT_THAT(line_of(shown, "interval"), testing::StartsWith("5s <- m.yaml:"));
    EXPECT_EQ(line_of(shown, "overlap"), "5m <- default");
    EXPECT_EQ(line_of(shown, "concurrency"), "8 <- default");
    EXPECT_EQ(line_of(shown, "ratio"), "0.3 <- default");
    EXPECT_EQ(line_of(shown, "page_size"), "500 <- default");
    EXPECT_THAT(line_of(shown, "api_key"), HasSubstr("{env: API_KEY} <- m.yaml:"));
    EXPECT_THAT(shown, Not(HasSubstr("http:\n"))) << "what listens only if it is set";
}

/// Of every kind, and with texts that YAML could take for something else.
std::vector<std::string> texts() {
    const std::string head = "medicapp: {base_url: https://api.example.org/v5, api_key: {env: "
                             "API_KEY}, proxy: {url: \"http://p:3128\", user: \"1 # x\", password: "
                             "{env: API_KEY}}}\nstate: {path: \"/s # t\"}\nhis:\n  - name: a\n    ";
    const std::string fields = "    fields: {externalId: \"N° IPP\", lastName: NOM, firstName: "
                               "PRENOM, birthDate: {at: NE, format: \"%d/%m/%Y\"}, modifiedAt: "
                               "MAJ, gender: {at: SEXE, map: {\"1\": M, \"9\": \"\"}}}\n";
    return {drafts::minimal(),
            head + "type: fhir\n    base_url: http://hapi:8080/fhir\n    identifier_system: "
                   "urn:oid:1.2\n    auth: {client_credentials: {token_url: \"http://t/x\", "
                   "client_id: c, client_secret: {env: API_KEY}}}\n",
            head +
                "type: sql\n    connection: DSN=x\n    query: |\n      SELECT a FROM b\n      "
                "WHERE (m, i) > (:modified_after, :after_id) LIMIT :limit\n" +
                fields,
            head + "type: csv\n    directory: /in\n    delimiter: tab\n" + fields,
            head + "type: hl7v2\n    listen: \"[::1]:2575\"\n    assigning_authority: 1.2.250\n"
                   "    allow: [10.0.0.0/8]\n    quota: {rows: 1000}\n"};
}

TEST(PrintConfig, MeansTheSameAgain) {
    for (const auto& text : texts()) {
        ASSERT_THAT(drafts::mistakes(text), IsEmpty()) << text;
        const auto shown = printed(text);
        EXPECT_THAT(drafts::mistakes(shown), IsEmpty()) << shown;
        static const std::regex origin(" +# .*");
        EXPECT_EQ(std::regex_replace(printed(shown), origin, ""),
                  std::regex_replace(shown, origin, ""));
    }
}

/// What is printed as default is what the reader takes where nothing stands.
TEST(PrintConfig, KnowsTheReadersDefaults) {
    const auto text = drafts::minimal();
    const auto own = drafts::settings(text);
    const auto shown = drafts::settings(printed(text));
    drafts::expect_same_defaults(shown, own);
    EXPECT_EQ(drafts::rest_source(printed(text)).page_size, drafts::rest_source(text).page_size);
}

} // namespace
} // namespace medibridge::daemon
