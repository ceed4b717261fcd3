#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

/// Several sites on one machine: each has a configuration and a unit of its own.
namespace medibridge::config {

/// The site whose configuration that is: `north` for /etc/medibridge/north.yaml. Empty: it is no
/// site's, but the service's own or one that stands elsewhere.
std::string site_of(const std::filesystem::path& config_file);

/// The systemd unit that runs with that configuration: `medibridge@north`, or `medibridge`.
std::string service_unit(const std::filesystem::path& config_file);

/// Where a unit of the package may write.
struct UnitFolders {
    std::filesystem::path state; ///< systemd makes it at the first start
    std::filesystem::path spool; ///< of sources that read files
};

/// Of the unit that runs with that configuration; nothing: it is begun by hand, or by a unit that
/// nobody here knows.
std::optional<UnitFolders> folders_of_unit(const std::filesystem::path& config_file);

/// Why the unit that runs with that configuration cannot write in the folder, and what to do, in
/// words that follow the folder's name; empty: it can, as far as its drop-ins in `systemd` tell.
std::string why_unit_cannot_write(const std::filesystem::path& folder,
                                  const std::filesystem::path& config_file,
                                  const std::filesystem::path& systemd = "/etc/systemd/system");

/// Whether programs find that configuration without `--config`, as the service's own. So it is said
/// of none, too: it is not known, or gone soon.
bool is_found_without_its_name(const std::filesystem::path& config_file);

/// How a command of the tool's begins: `medibridgectl --config /etc/medibridge/north.yaml`.
std::string program_for(const std::filesystem::path& config_file);

/// Whether the text may suggest a command of either program.
bool suggests_command(std::string_view text);

/// The text, with each command that it suggests as it has to be typed for that configuration:
/// `medibridgectl status` becomes `medibridgectl --config /etc/medibridge/north.yaml status`.
std::string addressed(std::string_view text, const std::filesystem::path& config_file);

} // namespace medibridge::config
