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
    EXPECT_EQ(shown.medicapp.concurrency, plain.medicapp.concurrency);
    EXPECT_EQ(shown.medicapp.rate_limit, plain.medicapp.rate_limit);
    EXPECT_EQ(shown.medicapp.timeout, plain.medicapp.timeout);
    EXPECT_EQ(shown.sync.interval, plain.sync.interval);
    EXPECT_EQ(shown.sync.overlap, plain.sync.overlap);
    EXPECT_EQ(shown.sync.full_compare, plain.sync.full_compare);
    EXPECT_EQ(shown.sync.deadline, plain.sync.deadline);
    EXPECT_EQ(shown.sync.policy.authority, plain.sync.policy.authority);
    EXPECT_EQ(shown.sync.policy.on_erased, plain.sync.policy.on_erased);
    EXPECT_EQ(shown.sync.policy.on_unlinked_match, plain.sync.policy.on_unlinked_match);
    EXPECT_EQ(shown.sync.policy.on_cleared, plain.sync.policy.on_cleared);
    EXPECT_EQ(shown.sync.max_changes.ratio, plain.sync.max_changes.ratio);
    EXPECT_EQ(shown.sync.max_changes.at_least, plain.sync.max_changes.at_least);
    EXPECT_EQ(shown.identity.last_name, plain.identity.last_name);
    EXPECT_EQ(shown.identity.default_region, plain.identity.default_region);
    EXPECT_EQ(shown.identity.hold_status, plain.identity.hold_status);
    EXPECT_EQ(shown.identity.placeholders, plain.identity.placeholders);
    EXPECT_EQ(shown.log.level, plain.log.level);
    EXPECT_EQ(shown.log.format, plain.log.format);
    EXPECT_EQ(shown.log.identifiers, plain.log.identifiers);
    const auto source = source_of(shown);
    const auto plain_source = drafts::rest_source(drafts::minimal());
    EXPECT_EQ(source.page_size, plain_source.page_size);
    EXPECT_EQ(source.timezone, plain_source.timezone);
    EXPECT_EQ(source.transport.timeout, plain_source.transport.timeout);
}

} // namespace
} // namespace medibridge::config
