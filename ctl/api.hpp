#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace medibridge::ctl {

/// What the control API (docs/control-api.md) answers. Of long work it is the last line: the result
/// or the error, without what led to it.
struct Answer {
    int status = 0;   ///< as HTTP; 200: `json` is the result
    std::string json; ///< one object
};

/// Hears each `progress` object of long work, as JSON.
using OnProgress = std::function<void(std::string_view json)>;

/// Nobody answers, or what answers is not medibridge. The text says which, and what to do.
class Unreachable : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Whoever carries out what an operator asks: the daemon behind its socket, or this process where
/// no daemon runs.
class Api {
  public:
    virtual ~Api() = default;
    /// `target` is a path with its query, percent-encoded; `body` is an object or empty.
    /// `on_progress` may be empty. Throws Unreachable.
    virtual Answer call(std::string_view method, const std::string& target, const std::string& body,
                        const OnProgress& on_progress) = 0;
};

} // namespace medibridge::ctl
