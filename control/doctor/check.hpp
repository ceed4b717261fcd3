#pragma once

#include <string>
#include <utility>
#include <vector>

/// What an installation needs to work, looked at one thing after the other.
namespace medibridge::control::doctor {

enum class Verdict {
    ok,
    warn, ///< it works, and should be put right
    fail, ///< it does not work
};

/// One thing that was looked at. No values of patients, no secrets.
struct Check {
    std::string name;
    Verdict verdict = Verdict::ok;
    std::string message;
    std::string fix; ///< empty if it is ok
};

using Checks = std::vector<Check>;

inline Check ok(std::string name, std::string message) {
    return {std::move(name), Verdict::ok, std::move(message), {}};
}
inline Check warn(std::string name, std::string message, std::string fix) {
    return {std::move(name), Verdict::warn, std::move(message), std::move(fix)};
}
inline Check fail(std::string name, std::string message, std::string fix) {
    return {std::move(name), Verdict::fail, std::move(message), std::move(fix)};
}

} // namespace medibridge::control::doctor
