#include "ctl/local_api.hpp"

#include "config/site.hpp"
#include "ctl/answer_reader.hpp"
#include "ctl/clean.hpp"
#include "ctl/session.hpp"
#include "ctl/setup/files.hpp"
#include "ctl/socket_place.hpp"
#include "daemon/local_files.hpp"
#include "daemon/local_state.hpp"

#include <filesystem>
#include <iostream>
#include <memory>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace medibridge::ctl {

namespace fs = std::filesystem;

namespace {

using FromEnvironment = std::function<std::optional<std::string>(const std::string&)>;

/// Its exit codes are the daemon's; both follow sysexits.h.
Ended ended(const daemon::LocalFailure& failure) {
    return {static_cast<ExitCode>(failure.exit()), failure.what()};
}

class LocalApi final : public Api {
  public:
    /// `opened`: the state where it is open already; null: it is opened with the first call.
    LocalApi(fs::path config, fs::path state, FromEnvironment environment,
             std::unique_ptr<daemon::LocalState> opened = nullptr)
        : config_(std::move(config)),
          state_file_(std::move(state)),
          environment_(std::move(environment)),
          uid_(::getuid()),
          state_(std::move(opened)) {}

    Answer call(std::string_view method, const std::string& target, const std::string& body,
                const OnProgress& on_progress) override {
        try {
            if (target == "/v1/restore") return restore(body);
            if (!state_) open(target == "/v1/doctor");
            return asked(method, target, body, on_progress);
        } catch (const daemon::LocalFailure& failure) {
            throw ended(failure);
        }
    }

  private:
    /// Root alone can read some secrets; another user is told first whose state it is.
    auto settings_as_owner() {
        if (::geteuid() != 0) become_owner();
        auto settings = daemon::load_local_settings(config_, environment_);
        if (::geteuid() == 0) become_owner();
        return settings;
    }

    /// `for_a_look`: at an installation, which may have no state yet.
    void open(bool for_a_look) {
        std::error_code error;
        const auto found = fs::symlink_status(state_file_, error).type();
        if (for_a_look && found == fs::file_type::not_found) return open_stand_in();
        auto settings = settings_as_owner();
        if (!fs::exists(state_file_, error))
            throw Ended(ExitCode::unavailable,
                        "no daemon runs, and there is no state yet at " +
                            clean(state_file_.string()) + ": start the service (systemctl start " +
                            config::service_unit(config_) + "); what can be checked before, " +
                            "medibridgectl doctor checks");
        state_ = daemon::open_local_state(config_, std::move(settings), uid_);
    }

    /// With a state that is thrown away: everything else can be looked at.
    void open_stand_in() {
        std::error_code error;
        const bool has_owner = fs::is_directory(state_file_.parent_path(), error);
        auto settings =
            has_owner ? settings_as_owner() : daemon::load_local_settings(config_, environment_);
        stand_in_ = std::make_unique<setup::TrialFolder>();
        settings.state.path = stand_in_->path() / "state.db";
        state_ = daemon::open_local_state(config_, std::move(settings), uid_);
        state_->stand_in_for(state_file_);
        state_->before_end([folder = stand_in_->path()] {
            std::error_code ignored;
            fs::remove_all(folder, ignored);
        });
    }

    void become_owner() {
        const auto owner = daemon::become_owner_of(state_file_, config::service_unit(config_));
        if (!owner.empty())
            std::cerr << "medibridgectl: no daemon runs: working as the user " << clean(owner)
                      << ", whom the state belongs to\n";
    }

    Answer asked(std::string_view method, const std::string& target, const std::string& body,
                 const OnProgress& on_progress) {
        AnswerReader lines(200, true, on_progress);
        const auto answer = state_->answer(method, target, body, [&](std::string_view line) {
            lines.add(line);
            lines.add("\n");
        });
        if (answer.is_lines) return lines.finish();
        AnswerReader whole(answer.status, false, on_progress);
        whole.add(answer.body);
        return whole.finish();
    }

    /// `{"file", "check"}`: with `check` nothing is done yet.
    Answer restore(const std::string& body) {
        if (!restore_) restore_.emplace(settings_as_owner());
        const Json wish = object_of(body).value_or(Json::object());
        const fs::path file = raw_text(wish, "file");
        Json answer{{"file", file.string()}, {"state", state_file_.string()}};
        const auto found = restore_->check(file);
        answer["version"] = found.version;
        answer["audit_intact"] = found.audit_is_intact;
        if (flag_in(wish, "check")) return {200, dumped(answer)};
        const auto kept = restore_->run(file, uid_);
        answer["kept"] = kept.empty() ? Json() : Json(kept.string());
        return {200, dumped(answer)};
    }

    fs::path config_;
    fs::path state_file_;
    FromEnvironment environment_;
    uid_t uid_;                                    ///< who asks, whoever this process becomes
    std::optional<daemon::LocalRestore> restore_;  ///< its secrets were read while this was root
    std::unique_ptr<setup::TrialFolder> stand_in_; ///< outlives what is in it
    std::unique_ptr<daemon::LocalState> state_;
};

/// A configuration that does not say where the state is: every mistake of it.
[[noreturn]] void end_for_configuration(const fs::path& config, const FromEnvironment& environment,
                                        const std::string& why) {
    std::error_code error;
    const auto start =
        "no daemon runs (systemctl start " + config::service_unit(config) + "), and ";
    if (fs::symlink_status(config, error).type() == fs::file_type::not_found)
        throw Ended(ExitCode::configuration, start + "there is no configuration yet at " +
                                                 clean(config.string()) +
                                                 ": medibridgectl setup asks for one");
    if (::access(config.c_str(), R_OK) == 0) {
        try {
            daemon::load_local_settings(config, environment);
        } catch (const daemon::LocalFailure& failure) {
            throw Ended(static_cast<ExitCode>(failure.exit()),
                        start + "the configuration has mistakes:\n" + failure.what());
        }
    }
    throw Unreachable(start + "this program cannot open the state by itself: " + why);
}

} // namespace

std::unique_ptr<Api> open_local_api(const fs::path& config, const FromEnvironment& environment) {
    auto state = configured_state(config, environment);
    if (!state) end_for_configuration(config, environment, state.error());
    return std::make_unique<LocalApi>(config, *std::move(state), environment);
}

std::unique_ptr<Api> open_trial_api(const fs::path& config, const FromEnvironment& environment) {
    try {
        auto settings = daemon::load_local_settings(config, environment);
        auto file = settings.state.path;
        auto state = daemon::open_local_state(config, std::move(settings), ::getuid());
        // It is of use to nobody but this process.
        state->before_end([folder = config.parent_path()] {
            std::error_code error;
            fs::remove_all(folder, error);
        });
        return std::make_unique<LocalApi>(config, std::move(file), environment, std::move(state));
    } catch (const daemon::LocalFailure& failure) {
        throw ended(failure);
    }
}

} // namespace medibridge::ctl
