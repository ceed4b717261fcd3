#include "ctl/setup/home.hpp"

#include "config/site.hpp"
#include "ctl/arguments.hpp"

#include <utility>

namespace medibridge::ctl::setup {

namespace fs = std::filesystem;

namespace {

fs::path drop_in_of(const std::string& unit) {
    return fs::path("/etc/systemd/system") / (unit + ".service.d") / "credentials.conf";
}

} // namespace

Home::Home(fs::path config) : config_(std::move(config)) {
    const auto site = config::site_of(config_);
    const auto folder = fs::absolute(config_).parent_path();
    if (const auto its = config::folders_of_unit(config_)) {
        state_ = its->state / "state.db";
        spool_ = its->spool;
    }
    if (!site.empty()) {
        unit_ = config::service_unit(config_);
        secrets_ = folder / "credentials" / site;
        drop_ins_ = {drop_in_of(unit_)};
    } else if (fs::absolute(config_).lexically_normal() == default_config) {
        unit_ = config::service_unit(config_);
        secrets_ = folder / "credentials";
        drop_ins_ = {drop_in_of(unit_), drop_in_of("medibridge-once")};
    } else {
        secrets_ = folder;
        state_ = folder / "state.db";
    }
}

Places Home::places() const {
    if (!unit_.empty()) return {state_, {}};
    return {state_, secrets_};
}

} // namespace medibridge::ctl::setup
