#include "config/site.hpp"

#include "base/files/content.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <sstream>
#include <system_error>

namespace medibridge::config {

namespace fs = std::filesystem;

namespace {

constexpr const char* usual_config = "/etc/medibridge/medibridge.yaml";
constexpr const char* usual_spool = "/var/spool/medibridge";

fs::path settled(const fs::path& file) {
    return file.empty() ? file : fs::absolute(file).lexically_normal();
}

bool is_within(const fs::path& folder, const fs::path& whole) {
    const auto inner = folder.lexically_normal();
    const auto outer = whole.lexically_normal();
    return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first ==
           outer.end();
}

/// Whether a line of a unit's file lets it write in the folder.
bool opens(const std::string& line, const fs::path& folder) {
    constexpr std::array<std::string_view, 2> keys{"ReadWritePaths=", "BindPaths="};
    const auto key =
        std::ranges::find_if(keys, [&](std::string_view one) { return line.starts_with(one); });
    if (key == keys.end()) return false;
    auto rest = std::string_view(line).substr(key->size());
    while (!rest.empty()) {
        auto word = rest.substr(0, rest.find_first_of(" \t"));
        rest.remove_prefix(std::min(rest.size(), word.size() + 1));
        word = word.substr(0, word.find(':'));
        while (word.starts_with('-') || word.starts_with('+'))
            word.remove_prefix(1);
        if (!word.empty() && is_within(folder, fs::path(word))) return true;
    }
    return false;
}

bool opens(const fs::path& drop_in, const fs::path& folder) {
    constexpr std::size_t most_bytes = 65'536;
    const auto text = files::read_given(drop_in, most_bytes);
    std::istringstream lines(text ? *text : std::string());
    for (std::string line; std::getline(lines, line);)
        if (opens(line, folder)) return true;
    return false;
}

/// Whether the unit's administrator lets it write in the folder, or may do: a unit that was
/// replaced as a whole is theirs.
bool is_opened(const fs::path& folder, const std::string& unit, const fs::path& systemd) {
    std::error_code none;
    const auto at = unit.find('@');
    for (const auto& name : {unit, unit.substr(0, at == std::string::npos ? at : at + 1)}) {
        if (fs::exists(systemd / (name + ".service"), none)) return true;
        for (const auto& file : fs::directory_iterator(systemd / (name + ".service.d"), none))
            if (opens(file.path(), folder)) return true;
    }
    return false;
}

bool is_plain(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("_./-:+@%,=").find(c) != std::string_view::npos;
}

/// For a POSIX shell.
std::string quoted_if_needed(const std::string& word) {
    if (!word.empty() && std::ranges::all_of(word, is_plain)) return word;
    std::string text = "'";
    for (const char c : word)
        text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return text + "'";
}

std::string option_for(const fs::path& config_file) {
    if (is_found_without_its_name(config_file)) return {};
    return " --config " + quoted_if_needed(settled(config_file).string());
}

} // namespace

std::string site_of(const fs::path& config_file) {
    const fs::path usual = usual_config;
    const auto whole = settled(config_file);
    const bool is_one = whole != usual && whole.parent_path() == usual.parent_path();
    return is_one ? whole.stem().string() : std::string();
}

std::string service_unit(const fs::path& config_file) {
    const auto site = site_of(config_file);
    return site.empty() ? "medibridge" : "medibridge@" + site;
}

std::optional<UnitFolders> folders_of_unit(const fs::path& config_file) {
    const auto site = site_of(config_file);
    if (!site.empty())
        return UnitFolders{"/var/lib/medibridge-" + site, fs::path(usual_spool) / site};
    if (settled(config_file) != usual_config) return std::nullopt;
    return UnitFolders{"/var/lib/medibridge", usual_spool};
}

std::string why_unit_cannot_write(const fs::path& folder, const fs::path& config_file,
                                  const fs::path& systemd) {
    const auto folders = folders_of_unit(config_file);
    if (!folders || folder.empty()) return {};
    const auto unit = service_unit(config_file);
    if (is_within(folder, folders->spool) || is_within(folder, folders->state) ||
        is_opened(folder, unit, systemd))
        return {};
    return "lies outside " + folders->spool.string() + ", below which " + unit +
           ".service may write: choose a folder below that, or name it in ReadWritePaths= of a "
           "drop-in (systemctl edit " +
           unit + ")";
}

bool is_found_without_its_name(const fs::path& config_file) {
    return config_file.empty() || settled(config_file) == usual_config;
}

std::string program_for(const fs::path& config_file) {
    return "medibridgectl" + option_for(config_file);
}

bool suggests_command(std::string_view text) {
    return text.contains("medibridgectl ") || text.contains("medibridged --once");
}

std::string addressed(std::string_view text, const fs::path& config_file) {
    if (!suggests_command(text) || is_found_without_its_name(config_file)) return std::string(text);
    const auto option = option_for(config_file).substr(1) + ' ';
    constexpr std::string_view begin = "medibridge";
    std::string whole;
    for (auto at = text.find(begin); at != std::string_view::npos; at = text.find(begin)) {
        whole += text.substr(0, at + begin.size());
        text.remove_prefix(at + begin.size());
        for (const std::string_view command : {"ctl ", "d "}) {
            if (!text.starts_with(command)) continue;
            const auto rest = text.substr(command.size());
            // Of the daemon only its options are commands; a tool's that has some is complete.
            const bool is_bare =
                command == "d " ? rest.starts_with("--once") : !rest.starts_with("--");
            whole += command;
            text = rest;
            if (is_bare) whole += option;
            break;
        }
    }
    return whole.append(text);
}

} // namespace medibridge::config
