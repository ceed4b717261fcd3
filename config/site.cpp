#include "config/site.hpp"

namespace medibridge::config {

namespace fs = std::filesystem;

std::string site_of(const fs::path& config_file) {
    const fs::path usual = "/etc/medibridge/medibridge.yaml";
    const auto whole = fs::absolute(config_file).lexically_normal();
    const bool is_one = whole != usual && whole.parent_path() == usual.parent_path();
    return is_one ? whole.stem().string() : std::string();
}

std::string service_unit(const fs::path& config_file) {
    const auto site = site_of(config_file);
    return site.empty() ? "medibridge" : "medibridge@" + site;
}

} // namespace medibridge::config
