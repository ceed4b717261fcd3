#pragma once

#include "control/call.hpp"

#include <optional>
#include <string>
#include <vector>

/// Internal to the room.
namespace medibridge::control {

enum class Right { look, decide };

/// An operation, and what asks for it.
struct Route {
    const char* method;
    const char* path; ///< after `/v1/`; a part `*` stands for any text
    Right right;
    Operation operation;
};

/// What a request asks for.
struct Found {
    const Route* route = nullptr;      ///< nothing: no such path, or not with that method
    std::vector<std::string> captured; ///< what stood in the place of each `*`
    std::string methods;               ///< that the path has; empty: there is no such path
};

Found find_route(const std::string& method, const std::vector<std::string>& path);

} // namespace medibridge::control
