#pragma once

#include "base/runtime/task.hpp"
#include "connectors/medicapp/values.hpp"

#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace medibridge::connectors {

/// A read of which many calls need the result, such as the one that distinguishes a problem of one
/// patient from one of all. Callers that ask while it is under way share its result.
class SharedRead {
  public:
    /// Sends the read; nothing: it succeeded.
    using Send = std::function<runtime::Task<std::optional<ApiError>>()>;

    explicit SharedRead(Send send) : send_(std::move(send)) {}

    /// The result; nothing: it succeeded. It is sent unless `is_known` says that what an earlier
    /// one showed suffices. A failure that was waited for counts. This object must live until the
    /// task has ended.
    runtime::Task<std::optional<ApiError>> ask(std::function<bool()> is_known);

  private:
    struct Waiting;
    class Asking;

    Send send_;
    bool asking_ = false;
    std::optional<ApiError> failure_; ///< of the last one
    std::vector<Waiting*> waiting_;
};

} // namespace medibridge::connectors
