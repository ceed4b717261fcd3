#include "sandbox/load.hpp"

#include "sandbox/exchange.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace medibridge::sandbox {

LoadReport load_his_file(const std::filesystem::path& file, std::uint64_t seed, HisStore& store) {
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream content;
    if (stream) content << stream.rdbuf();
    if (!stream) throw std::runtime_error(file.string() + ": cannot be read");
    const std::string text = std::move(content).str();
    const auto extension = lower_case(file.extension().string());
    const bool fhir = extension == ".ndjson" || extension == ".jsonl" || extension == ".json";
    try {
        return fhir ? load_ndjson(text, seed, store) : load_csv(text, seed, store);
    } catch (const std::runtime_error& error) {
        throw std::runtime_error(file.string() + ": " + error.what());
    }
}

std::string french_date(std::string_view text) {
    const auto are_digits = [](std::string_view part) {
        return std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
    };
    std::string compact;
    if (text.size() == 10 && text[4] == '-' && text[7] == '-')
        ((compact += text.substr(0, 4)) += text.substr(5, 2)) += text.substr(8, 2);
    else
        compact = text;
    if (compact.size() != 8 || !are_digits(compact)) return std::string(text);
    return compact.substr(6, 2) + '/' + compact.substr(4, 2) + '/' + compact.substr(0, 4);
}

std::string_view sex_code(std::string_view text) {
    const std::string word = lower_case(text);
    if (word == "m" || word == "h" || word == "male" || word == "homme" || word == "1") return "1";
    if (word == "f" || word == "female" || word == "femme" || word == "2") return "2";
    if (word == "o" || word == "other" || word == "9") return "9";
    return {};
}

} // namespace medibridge::sandbox
