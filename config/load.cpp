#include "config/load.hpp"

#include "base/files/content.hpp"
#include "config/document.hpp"
#include "config/exposure.hpp"
#include "config/sections.hpp"
#include "config/values.hpp"

#include <cstdlib>

namespace medibridge::config {

namespace {

void read_top(const Node& root, Report& report, const SourceKinds& kinds, Settings& out) {
    const Value whole{&root, root.place, {}};
    Section top(whole, report);
    if (const auto medicapp = top.require("medicapp", "give at least base_url and api_key"))
        read_medicapp(*medicapp, report, out.medicapp);
    if (const auto his = top.require("his", "give at least one source"))
        read_his(*his, report, kinds, out.his);
    if (const auto state = top.require("state", "give at least state.path"))
        read_state(*state, report, out.state);
    if (const auto sync = top.find_section("sync")) read_sync(*sync, report, out.sync);
    if (const auto identity = top.find_section("identity"))
        read_identity(*identity, report, out.identity);
    if (const auto log = top.find_section("log")) read_log(*log, report, out.log);
    if (const auto http = top.find_section("http")) read_http(*http, report, out.http);
    if (const auto audit = top.find_section("audit")) read_audit(*audit, report, out.audit);
    if (const auto control = top.find_section("control"))
        read_control(*control, report, out.control);
}

/// Reads text into settings; whether they may be used is for the report to say.
Settings read_all(const std::string& text, Report& report, const SourceKinds& kinds) {
    Settings settings;
    const auto root = read_document(text, report);
    if (!root) return settings;
    if (root->kind == Node::Kind::null)
        report.mistake({1, 1}, "the file is empty: medicapp, his and state are required");
    else if (root->kind != Node::Kind::mapping)
        report.mistake(root->place, "the file must be a mapping (`key: value`), but is " +
                                        std::string(name(root->kind)) +
                                        "; a space follows the colon after a key");
    else
        read_top(*root, report, kinds, settings);
    return settings;
}

Loaded not_read(const std::filesystem::path& file, const std::string& why) {
    Loaded loaded;
    loaded.mistakes.push_back({file.string(), 0, 0, "the configuration " + why});
    return loaded;
}

} // namespace

Environment process_environment() {
    return [](const std::string& variable) -> std::optional<std::string> {
        const char* const text = std::getenv(variable.c_str());
        if (text == nullptr) return std::nullopt;
        return text;
    };
}

Loaded load_text(const std::string& text, const std::string& name, const Environment& environment,
                 const SourceKinds& kinds, ReadFor purpose) {
    Report report(name, environment);
    if (purpose == ReadFor::check) report.excuse_unseen();
    Loaded loaded;
    Settings settings = read_all(text, report, kinds);
    for (const auto& exposure : report.take_exposures())
        settings.exposures.push_back(exposure.to_string());
    loaded.mistakes = report.take_mistakes();
    loaded.advice = report.take_advice();
    loaded.unseen = report.take_unseen();
    if (loaded.mistakes.empty()) loaded.settings = std::move(settings);
    return loaded;
}

Loaded load(const std::filesystem::path& file, const Environment& environment,
            const SourceKinds& kinds, ReadFor purpose) {
    const auto opened = files::open_given(file);
    if (!opened) return not_read(file, opened.error().text);
    const auto text = files::read_all(*opened, max_document_size);
    if (!text) return not_read(file, text.error().text);
    const auto exposure = exposure_of_settings(*opened);
    if (!exposure.refused.empty()) return not_read(file, exposure.refused);
    auto loaded = load_text(*text, file.string(), environment, kinds, purpose);
    if (exposure.advice.empty()) return loaded;
    const Mistake advice{file.string(), 0, 0, "the configuration " + exposure.advice};
    loaded.advice.insert(loaded.advice.begin(), advice);
    if (loaded.settings) loaded.settings->exposures.push_back(advice.to_string());
    return loaded;
}

std::set<std::string> known_keys(const std::string& text, const Environment& environment,
                                 const SourceKinds& kinds) {
    Report report({}, environment);
    read_all(text, report, kinds);
    return report.known();
}

} // namespace medibridge::config
