#pragma once

#include "child.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace medibridge::tests {

/// A port of this machine that nobody listens on at the moment.
std::uint16_t free_port();

/// A real nginx before both sides of a hospital, run as this user with everything it writes in one
/// directory. Throws std::runtime_error if it cannot be run.
class Nginx {
  public:
    struct Settings {
        std::uint16_t medicapp_upstream = 0;
        std::uint16_t his_upstream = 0;
        std::string http;                  ///< directives of the http block
        std::string location;              ///< directives of each location
        std::filesystem::path certificate; ///< with `key`: speaks TLS; PEM
        std::filesystem::path key;
    };

    Nginx(std::filesystem::path directory, Settings settings);

    std::string medicapp_url() const;
    std::string his_url() const;
    /// Reads its configuration again, with these settings: old workers finish what is under way.
    void reload(Settings settings);
    const Settings& settings() const { return settings_; }
    std::string error_log() const;

  private:
    void write_config() const;
    std::string origin(std::uint16_t port) const;

    std::filesystem::path directory_;
    Settings settings_;
    std::uint16_t medicapp_port_;
    std::uint16_t his_port_;
    std::unique_ptr<Child> process_;
};

} // namespace medibridge::tests
