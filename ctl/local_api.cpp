#include "ctl/local_api.hpp"

#include "config/site.hpp"
#include "ctl/answer_reader.hpp"
#include "ctl/clean.hpp"
#include "ctl/session.hpp"
#include "ctl/socket_place.hpp"
#include "daemon/local_files.hpp"
#include "daemon/local_state.hpp"

#include <iostream>
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
            if (!state_) open();
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

    void open() {
        auto settings = settings_as_owner();
        std::error_code error;
        if (!fs::exists(state_file_, error))
            throw Ended(ExitCode::unavailable, "no daemon runs, and there is no state yet at " +
                                                   clean(state_file_.string()) +
                                                   ": start the service (systemctl start " +
                                                   config::service_unit(config_) +
                                                   "), or rehearse a first cycle with medibridged "
                                                   "--once --dry-run");
        state_ = daemon::open_local_state(config_, std::move(settings), uid_);
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
    uid_t uid_;                                   ///< who asks, whoever this process becomes
    std::optional<daemon::LocalRestore> restore_; ///< its secrets were read while this was root
    std::unique_ptr<daemon::LocalState> state_;
};

} // namespace

std::unique_ptr<Api> open_local_api(const fs::path& config, const FromEnvironment& environment) {
    auto state = configured_state(config, environment);
    if (!state)
        throw Unreachable("no daemon runs (systemctl start " + config::service_unit(config) +
                          "), and this program cannot open the state by itself: " + state.error());
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
