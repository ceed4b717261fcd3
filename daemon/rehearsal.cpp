#include "daemon/rehearsal.hpp"

#include <system_error>
#include <utility>

namespace medibridge::daemon {

namespace fs = std::filesystem;
using runtime::Task;

namespace {

/// With what stands beside it.
void remove_copy(const fs::path& path) {
    std::error_code ignored; // it may not be there
    for (const char* ending : {"", ".facts", ".lock", "-wal", "-journal"})
        fs::remove(path.string() + ending, ignored);
}

config::Settings settings_of_copy(const config::Settings& settings) {
    auto its = settings;
    its.state.path = Rehearsal::copy_path(settings);
    return its;
}

} // namespace

fs::path Rehearsal::copy_path(const config::Settings& settings) {
    return settings.state.path.string() + ".dry-run";
}

Task<void> Rehearsal::copy_state(Installation& installation) {
    auto job = [path = copy_path(installation.settings)](state::Store& store) {
        remove_copy(path); // of a process that was killed
        store.backup_to(path);
    };
    co_await installation.bridge.database().run(std::move(job));
}

Rehearsal::Rehearsal(const boost::asio::any_io_executor& executor, const Installation& installation,
                     runtime::Clock& clock, sync::Observer& observer)
    : settings_(settings_of_copy(installation.settings)),
      clock_(&clock) {
    try {
        bridge_ = std::make_unique<Bridge>(executor, settings_, clock, log_, installation.keys,
                                           observer, true);
    } catch (...) {
        remove_copy(settings_.state.path);
        throw;
    }
    remove_copy(settings_.state.path);
    bridge_->count_as(installation.bridge);
}

Task<control::CycleEnd> Rehearsal::run(sync::Request request) {
    const auto started = clock_->now();
    control::CycleEnd end;
    end.report = co_await bridge_->run_cycle(std::move(request));
    end.waiting = co_await bridge_->waiting();
    end.requests = bridge_->requests();
    end.duration = clock_->now() - started;
    co_return end;
}

} // namespace medibridge::daemon
