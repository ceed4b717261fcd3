#pragma once

#include "base/runtime/concurrency.hpp"
#include "control/call.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <deque>
#include <optional>

/// Internal to the room.
namespace medibridge::control {

/// What a cycle says of itself, until it is sent to who asked for it.
class Narrator : public sync::Observer {
  public:
    Narrator(const boost::asio::any_io_executor& executor, bool lists_actions)
        : news_(executor),
          lists_actions_(lists_actions) {}

    void acted(const std::string& external_id, sync::Action action,
               const std::string& detail) override;
    void progressed(const sync::Report& so_far) override;
    void end();

    /// What to send next; nothing: the cycle has ended, and all is sent.
    runtime::Task<std::optional<Json>> next();

  private:
    runtime::Signal news_;
    bool lists_actions_;
    std::deque<Json> actions_;
    std::int64_t left_out_ = 0;
    std::optional<sync::Tally> so_far_;
    std::chrono::steady_clock::time_point told_at_{};
    bool ended_ = false;
};

/// Runs the cycle to its end, even if the client leaves, and sends what it says as lines of
/// progress. Throws what the cycle throws.
runtime::Task<CycleEnd> run_narrated(Call& call, sync::Request request, Narrator& narrator);

} // namespace medibridge::control
