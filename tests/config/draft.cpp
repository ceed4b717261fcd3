#include "draft.hpp"

#include "config/load.hpp"
#include "connectors/kinds/kinds.hpp"

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <sstream>

namespace medibridge::config::drafts {

std::string minimal(const std::string& extra) {
    return "medicapp:\n"
           "  base_url: https://api.example.org/v5\n"
           "  api_key: {env: API_KEY}\n"
           "his:\n"
           "  - name: dpi\n"
           "    type: rest\n"
           "    url: http://his.local/patients\n"
           "    fields:\n"
           "      externalId: /ipp\n"
           "      lastName: /nom\n"
           "      firstName: /prenom\n"
           "      birthDate: /naissance\n"
           "state: {path: /var/lib/medibridge/state.db}\n" +
           extra;
}

std::string edit(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    if (at == std::string::npos || text.find(from, at + 1) != std::string::npos) {
        ADD_FAILURE() << "does not stand once in the draft: " << from;
        return text;
    }
    return text.replace(at, from.size(), to);
}

std::string with_medicapp(const std::string& lines) {
    return edit(minimal(), "  api_key: {env: API_KEY}\n", "  api_key: {env: API_KEY}\n" + lines);
}

std::string with_source(const std::string& lines) {
    return edit(minimal(), "    fields:\n", lines + "    fields:\n");
}

std::string with_field(const std::string& name, const std::string& place) {
    return edit(minimal(), "state:", "      " + name + ": " + place + "\nstate:");
}

Environment environment(std::map<std::string, std::string> variables) {
    variables.emplace("API_KEY", "key-1");
    return [variables](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        if (found == variables.end()) return std::nullopt;
        return found->second;
    };
}

Loaded load(const std::string& text, const Environment& environment) {
    return load_text(text, "m.yaml", environment, connectors::source_kinds());
}

Loaded load(const std::string& text) {
    return load(text, environment());
}

std::vector<std::string> mistakes(const std::string& text, const Environment& environment) {
    const auto loaded = load(text, environment);
    EXPECT_EQ(loaded.settings.has_value(), loaded.mistakes.empty());
    std::vector<std::string> texts;
    for (const auto& mistake : loaded.mistakes)
        texts.push_back(mistake.to_string());
    return texts;
}

std::vector<std::string> mistakes(const std::string& text) {
    return mistakes(text, environment());
}

Settings settings(const std::string& text, const Environment& environment) {
    const auto loaded = load(text, environment);
    for (const auto& mistake : loaded.mistakes)
        ADD_FAILURE() << mistake.to_string();
    return loaded.settings.value_or(Settings{});
}

Settings settings(const std::string& text) {
    return settings(text, environment());
}

connectors::RestSettings rest_source(const std::string& text) {
    return source<connectors::RestSettings>(text);
}

void expect_same_defaults(const Settings& shown, const Settings& plain) {
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
    EXPECT_EQ(shown.audit.keep, plain.audit.keep);
    EXPECT_EQ(shown.http.has_value(), plain.http.has_value());
}

std::set<std::string> all_keys() {
    std::string text = "medicapp: {api_key: {env: API_KEY}, "
                       "proxy: {user: u, password: {env: API_KEY}}}\n"
                       "state: {path: /s, key: {env: API_KEY}}\n"
                       "sync: {authority: {default: his}, max_changes: {ratio: 1}}\n"
                       "identity: {last_name: birth}\n"
                       "log: {level: info}\n"
                       "http: {listen: \"127.0.0.1:1\", names: [a]}\n"
                       "audit: {keep: 24h}\n"
                       "control: {socket: /c, decide: [anne]}\n"
                       "his:\n";
    const auto& kinds = connectors::source_kinds();
    for (const auto* kind : kinds) {
        text += "  -\n";
        std::istringstream lines(
            source_file("tests/connectors/" + std::string(kind->name()) + "/all_keys.yaml"));
        for (std::string line; std::getline(lines, line);)
            text += "    " + line + "\n";
    }
    return known_keys(text, environment(), kinds);
}

std::string source_file(const std::string& path) {
    std::ifstream file(std::string(MEDIBRIDGE_SOURCE_DIR) + "/" + path, std::ios::binary);
    EXPECT_TRUE(file) << path;
    return {std::istreambuf_iterator<char>(file), {}};
}

Directory::Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "medibridge-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
    path_ = name;
    // mkdtemp closes the directory to others, which is not what these tests are about.
    std::filesystem::permissions(path_, std::filesystem::perms(0755));
}

Directory::~Directory() {
    std::error_code ignored; // what is left in /tmp does no harm
    std::filesystem::remove_all(path_, ignored);
}

std::string Directory::file(const std::string& name, const std::string& text, unsigned mode) const {
    const auto place = path_ / name;
    std::ofstream(place, std::ios::binary) << text;
    std::filesystem::permissions(place, std::filesystem::perms(mode));
    return place.string();
}

} // namespace medibridge::config::drafts
