#include "control/behaviour.hpp"

#include <nlohmann/json.hpp>
#include <utility>

namespace medibridge::control {
namespace {

constexpr const char* behaviour_key = "medicapp_behaviour";

} // namespace

std::string address_of(const config::MedicappSettings& settings) {
    const auto& url = settings.base_url;
    return url.scheme + "://" + url.authority() + url.path;
}

std::optional<KnownBehaviour> known_behaviour(state::Store& store, const std::string& address) {
    const auto json = nlohmann::json::parse(store.meta(behaviour_key), nullptr, false);
    if (!json.is_object() || json.value("address", "") != address) return std::nullopt;
    const auto aspects = json.find("aspects");
    if (aspects == json.end() || !aspects->is_object()) return std::nullopt;
    KnownBehaviour known;
    known.at_ms = json.value("at_ms", std::int64_t{0});
    for (const auto& [aspect, words] : aspects->items()) {
        if (words.is_string()) known.aspects[aspect] = words.get<std::string>();
    }
    return known;
}

KnownBehaviour completed(KnownBehaviour now, const std::optional<KnownBehaviour>& before) {
    if (before) now.aspects.insert(before->aspects.begin(), before->aspects.end());
    return now;
}

void put_behaviour(state::Batch& batch, const std::string& address, const KnownBehaviour& known) {
    const nlohmann::json json{
        {"address", address}, {"at_ms", known.at_ms}, {"aspects", known.aspects}};
    batch.put_meta(behaviour_key, json.dump());
}

std::string behaviour_text(const connectors::Behaviour& aspects) {
    std::string text;
    for (const auto& [aspect, words] : aspects)
        text += (text.empty() ? "" : "; ") + aspect + ' ' + words;
    return text;
}

} // namespace medibridge::control
