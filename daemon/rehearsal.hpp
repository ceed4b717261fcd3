#pragma once

#include "control/backend.hpp"
#include "daemon/bridge.hpp"
#include "daemon/installation.hpp"
#include "daemon/own_sides.hpp"

#include <filesystem>
#include <memory>

namespace medibridge::daemon {

/// A dry run beside a service: on a copy of its state, with clients of its own. What it does is
/// told to its observer, and not logged.
class Rehearsal {
  public:
    /// Where the copy stands until it is opened.
    static std::filesystem::path copy_path(const config::Settings& settings);
    /// Copies the state that the installation owns. Throws StoreError.
    static runtime::Task<void> copy_state(Installation& installation);

    /// Opens the copy, and removes its file. Throws as Bridge does.
    Rehearsal(const boost::asio::any_io_executor& executor, const Installation& installation,
              runtime::Clock& clock, sync::Observer& observer);

    runtime::Task<control::CycleEnd> run(sync::Request request);
    void stop() { bridge_->stop(); }
    void cancel() { bridge_->cancel(); }

  private:
    config::Settings settings_;
    runtime::Clock* clock_;
    NoLog log_;
    std::unique_ptr<Bridge> bridge_;
};

} // namespace medibridge::daemon
