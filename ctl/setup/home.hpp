#pragma once

#include "ctl/setup/draft.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace medibridge::ctl::setup {

/// Where everything of a configuration will stand.
class Home {
  public:
    /// `config`: the file to be written. /etc/medibridge/medibridge.yaml is the service's, any
    /// other file in that folder a site's (`medibridge@NAME`), and what stands elsewhere is a
    /// trial's.
    explicit Home(std::filesystem::path config);

    const std::filesystem::path& config() const { return config_; }
    /// The unit that reads the configuration; empty: none, it is begun by hand.
    const std::string& unit() const { return unit_; }
    /// Where a secret is kept in a file.
    std::filesystem::path secret(const std::string& name) const { return secrets_ / name; }
    const std::filesystem::path& secrets() const { return secrets_; }
    /// The drop-ins by which systemd hands over secrets that the units do not name. The timer runs
    /// another unit in the service's place, which needs them, too.
    const std::vector<std::filesystem::path>& drop_ins() const { return drop_ins_; }
    Places places() const;
    /// Below it the unit may move the files that a source reads.
    const std::filesystem::path& spool() const { return spool_; }

  private:
    std::filesystem::path config_;
    std::string unit_;
    std::filesystem::path secrets_;
    std::filesystem::path state_;
    std::filesystem::path spool_ = "/var/spool/medibridge";
    std::vector<std::filesystem::path> drop_ins_;
};

} // namespace medibridge::ctl::setup
