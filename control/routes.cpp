#include "control/routes.hpp"

#include "control/operations.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace medibridge::control {

namespace {

constexpr std::string_view any_part = "*";

constexpr std::array routes = std::to_array<Route>({
    {"GET", "status", Right::look, operations::status},
    {"GET", "held", Right::look, operations::held},
    {"GET", "held/*", Right::look, operations::held_show},
    {"POST", "held/*/decision", Right::decide, operations::decide},
    {"GET", "patients", Right::look, operations::find},
    {"GET", "patients/*/erasure", Right::decide, operations::show_erasure},
    {"POST", "patients/*/erasure", Right::decide, operations::erase},
    {"GET", "patients/*", Right::look, operations::why},
    {"GET", "doctor", Right::look, operations::examine},
    {"GET", "probe", Right::look, operations::known_probe},
    {"POST", "probe", Right::look, operations::probe},
    {"POST", "probe/sentinel", Right::decide, operations::probe_with_sentinel},
    {"GET", "guard", Right::look, operations::guard},
    {"GET", "audit", Right::look, operations::audit},
    {"GET", "audit/verification", Right::look, operations::audit_verification},
    {"GET", "pseudonyms/*", Right::look, operations::pseudonym},
    {"GET", "decider", Right::decide, operations::decider},
    {"GET", "key", Right::decide, operations::state_key},
    {"POST", "cycles", Right::decide, operations::run_cycle},
    {"POST", "plans", Right::decide, operations::make_plan},
    {"POST", "plans/application", Right::decide, operations::apply_plan},
    {"POST", "pause", Right::decide, operations::pause},
    {"POST", "resume", Right::decide, operations::resume},
    {"POST", "backup", Right::decide, operations::backup},
    {"POST", "key/rotation", Right::decide, operations::rotate_key},
});

std::vector<std::string_view> parts_of(std::string_view pattern) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto slash = pattern.find('/');
        parts.push_back(pattern.substr(0, slash));
        if (slash == std::string_view::npos) return parts;
        pattern.remove_prefix(slash + 1);
    }
}

/// What stood in the place of each `*`; nothing: the path is another one.
std::optional<std::vector<std::string>> match(std::string_view pattern,
                                              const std::vector<std::string>& path) {
    const auto parts = parts_of(pattern);
    if (path.size() != parts.size() + 1 || path[0] != "v1") return std::nullopt;
    std::vector<std::string> captured;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (parts[i] == any_part && !path[i + 1].empty()) {
            captured.push_back(path[i + 1]);
        } else if (parts[i] != path[i + 1]) {
            return std::nullopt;
        }
    }
    return captured;
}

} // namespace

Found find_route(const std::string& method, const std::vector<std::string>& path) {
    Found found;
    for (const auto& route : routes) {
        auto captured = match(route.path, path);
        if (!captured) continue;
        found.methods += (found.methods.empty() ? "" : ", ") + std::string(route.method);
        if (method != route.method) continue;
        found.route = &route;
        found.captured = std::move(*captured);
        break;
    }
    return found;
}

} // namespace medibridge::control
