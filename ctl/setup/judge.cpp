#include "ctl/setup/judge.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace medibridge::ctl::setup {

namespace {

/// Words of the HIS for a field are one map in the configuration.
constexpr std::array<std::string_view, 6> of_a_map{".M", ".F", ".O", ".unknown", ".true", ".false"};

/// The keys in the configuration that an answer ends up in.
std::vector<std::string> keys_of(const std::string& key) {
    for (const auto word : of_a_map)
        if (key.ends_with(word)) return {key.substr(0, key.size() - word.size()) + ".map"};
    constexpr std::string_view at = ".at";
    if (key.ends_with(at)) return {key, key.substr(0, key.size() - at.size())};
    return {key};
}

std::string quoted(const std::string& key) {
    return "`" + key + "`";
}

} // namespace

std::string Judge::fault(const Draft& draft, const std::string& section,
                         const std::string& key) const {
    if (!mistakes_of_) return {};
    const Places places{"/", {}, environment_};
    lend_secrets(draft, places);
    const auto text = configuration_text(with_a_source(draft, "/"), places);
    for (const auto& mistake : mistakes_of_(text))
        for (const auto& one : keys_of(key)) {
            const auto name = quoted(section + "." + one);
            if (mistake.starts_with(name)) return "this" + mistake.substr(name.size());
        }
    return {};
}

void lend_secrets(const Draft& draft, const Places& places) {
    for (const auto& secret : draft.secrets())
        ::setenv(environment_name(places, secret.name).c_str(), secret.value.c_str(), 1);
}

bool names_key(std::string_view words, const std::string& section, const std::string& key) {
    return std::ranges::any_of(keys_of(key), [&](const std::string& one) {
        return words.contains(quoted(section + "." + one)) || words.contains(quoted(one));
    });
}

} // namespace medibridge::ctl::setup
