#pragma once

#include <filesystem>
#include <string>

/// Several sites on one machine: each has a configuration and a unit of its own.
namespace medibridge::config {

/// The site whose configuration that is: `north` for /etc/medibridge/north.yaml. Empty: it is no
/// site's, but the service's own or one that stands elsewhere.
std::string site_of(const std::filesystem::path& config_file);

/// The systemd unit that runs with that configuration: `medibridge@north`, or `medibridge`.
std::string service_unit(const std::filesystem::path& config_file);

} // namespace medibridge::config
