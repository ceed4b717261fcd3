#include "corpus.hpp"

#include "connectors/hl7v2/mllp_frame.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace medibridge::connectors::hl7::test {

namespace fs = std::filesystem;

fs::path corpus() {
    const char* folder = std::getenv("MEDIBRIDGE_CORPUS");
    return folder != nullptr ? fs::path(folder) : fs::path();
}

std::string read_file(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<fs::path> files(const std::string& folder) {
    std::vector<fs::path> all;
    for (const auto& entry : fs::recursive_directory_iterator(corpus() / folder))
        if (entry.is_regular_file()) all.push_back(entry.path());
    std::ranges::sort(all);
    return all;
}

Hl7Settings settings() {
    Hl7Settings settings;
    settings.listen = {"127.0.0.1", 0};
    settings.assigning_authority = authority;
    return settings;
}

reconcile::Instant now() {
    return reconcile::parse_rfc3339("2026-01-31T09:05:00Z")->instant;
}

Reading read(std::string_view text, const Hl7Settings& given) {
    MessageReader reader(given, "FR", log::PeerWords().knowing({"FRS"})); // MSH-10 of the corpus
    return reader.read(text, now());
}

std::string message(const std::string& event, const std::vector<std::string>& segments,
                    const std::string& control, const std::string& tail) {
    std::string text = "MSH|^~\\&|DPI|CH|SYNC|BRIDGE|20240601080000||ADT^" + event + "|" + control +
                       "|P|2.5" + tail + "\rEVN||20240601080000\r";
    for (const auto& segment : segments)
        text += segment + "\r";
    return text;
}

std::string pid(const std::string& id, const std::string& name) {
    return "PID|||" + id + "^^^CHT&" + authority + "&ISO^PI||" + name + "||19850314|F";
}

std::string codes(std::string_view answers) {
    std::string all;
    for_each_part(answers, end_block, [&all](std::string_view answer) {
        const auto at = answer.find("\rMSA");
        all += (all.empty() ? "" : ",") + std::string(answer.substr(at + 5, 2));
    });
    return all;
}

} // namespace medibridge::connectors::hl7::test
