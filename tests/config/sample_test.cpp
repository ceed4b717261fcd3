#include "draft.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace medibridge::config {
namespace {

/// The sample as it is, with the credentials that it names.
class Sample {
  public:
    Sample() : text(drafts::source_file("config/medibridge.sample.yaml")) {
        directory_.file("medicapp-api-key", "key-1\n");
        directory_.file("medibridge-state-key", std::string(64, 'a') + "\n");
        directory_.file("his-token", "token-1\n");
        environment = drafts::environment({{"CREDENTIALS_DIRECTORY", directory_.path("")}});
    }

    std::string text;
    Environment environment;

  private:
    drafts::Directory directory_;
};

connectors::RestSettings source_of(const Settings& settings) {
    return dynamic_cast<const connectors::RestSettings&>(*settings.his.at(0).its);
}

/// Whether `text` names the last part of a dotted key (or, for fields with a dot, the last two).
bool names_key(const std::string& text, const std::string& path, const std::string& before,
               const std::string& after) {
    const auto is_word = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.';
    };
    const auto address = path.find("address.");
    const auto last = address != std::string::npos ? address : path.rfind('.') + 1;
    const std::string key = before + path.substr(last) + after;
    for (auto at = text.find(key); at != std::string::npos; at = text.find(key, at + 1))
        if (!before.empty() || at == 0 || !is_word(text[at - 1])) return true;
    return false;
}

TEST(SampleTest, PassesTheCheckAsItStands) {
    const Sample sample;
    const auto settings = drafts::settings(sample.text, sample.environment);
    EXPECT_EQ(settings.his.size(), 1u);
    EXPECT_TRUE(drafts::load(sample.text, sample.environment).advice.empty());
}

// What a first configuration leaves out, an operator does not know of.
TEST(SampleTest, ItsFirstMappingShowsWhoMustNotBeCreated) {
    const Sample sample;
    const auto settings = drafts::settings(sample.text, sample.environment);
    EXPECT_TRUE(settings.his[0].unseen.empty());
    const auto fields = source_of(settings).fields;
    for (const auto* fact : {"deceased", "active", "identityStatus", "mergedInto"})
        EXPECT_TRUE(fields.contains(fact)) << fact;
}

TEST(SampleTest, ShowsEveryKeyThatIsRead) {
    const Sample sample;
    const auto keys = drafts::all_keys();
    EXPECT_GT(keys.size(), 60u);
    for (const auto& key : keys)
        EXPECT_TRUE(names_key(sample.text, key, "", ":")) << key;
}

TEST(SampleTest, TheDocumentationNamesEveryKeyThatIsRead) {
    const auto text = drafts::source_file("docs/configuration.md");
    for (const auto& key : drafts::all_keys())
        EXPECT_TRUE(names_key(text, key, "`", "`")) << key;
}

TEST(SampleTest, ShowsTheDefaults) {
    const Sample sample;
    const auto shown = drafts::settings(sample.text, sample.environment);
    const auto plain = drafts::settings(drafts::minimal());
    drafts::expect_same_defaults(shown, plain);
    const auto source = source_of(shown);
    const auto plain_source = drafts::rest_source(drafts::minimal());
    EXPECT_EQ(source.page_size, plain_source.page_size);
    EXPECT_EQ(source.timezone, plain_source.timezone);
    EXPECT_EQ(source.transport.timeout, plain_source.transport.timeout);
}

} // namespace
} // namespace medibridge::config
