#pragma once

#include "base/runtime/clock.hpp"
#include "base/runtime/task.hpp"
#include "connectors/medicapp/medicapp.hpp"

#include <functional>
#include <list>
#include <optional>

namespace medibridge::connectors {

/// Asks Medicapp the plainest question there is, the list's first patient, to tell what is wrong
/// for one patient from what is wrong for everybody. Who asks while it is under way shares it.
class PlainRead {
  public:
    /// Sends the question; nothing: it was served.
    using Send = std::function<runtime::Task<std::optional<ApiError>>()>;

    PlainRead(runtime::Clock& clock, Send send) : clock_(clock), send_(std::move(send)) {}

    /// What became of the question. It was served (nothing) only if it was not asked before
    /// `since`; a failure of an earlier one is an answer too. Lives until the task has ended.
    runtime::Task<std::optional<ApiError>> ask(runtime::TimePoint since);

  private:
    struct Waiting;
    class Asking;

    runtime::Clock& clock_;
    Send send_;
    std::optional<runtime::TimePoint> served_; ///< when the last one that was served was asked
    std::optional<ApiError> failure_;          ///< of the last one
    bool asking_ = false;
    std::list<Waiting*> waiting_;
};

} // namespace medibridge::connectors
