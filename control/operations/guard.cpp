#include "control/operations.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace medibridge::control {

namespace {

/// What the operator runs where what the guard saw is right; empty: it cannot be accepted.
std::string accepting(std::string_view guard) {
    if (guard == "guard.mapping") return "medibridgectl accept-mapping";
    if (guard == "guard.rewound") return "medibridgectl accept-rewind";
    if (guard == "guard.changes") return "medibridgectl accept-changes --expect N";
    return {};
}

Json names_in(const std::string& list) {
    Json names = Json::object();
    for (std::size_t begin = 0; begin < list.size();) {
        const auto end = std::min(list.find(',', begin), list.size());
        names[list.substr(begin, end - begin)] = 1;
        begin = end + 1;
    }
    return names;
}

} // namespace

Json guards_json(const Live& live) {
    Json guards = Json::array();
    if (!live.alarm) return guards;
    const auto& alarm = *live.alarm;
    Json guard;
    guard["guard"] = alarm.guard;
    guard["source"] = text_or_null(alarm.source);
    guard["reason"] = alarm.reason;
    guard["fields"] = names_in(alarm.fields);
    guard["accept"] = text_or_null(accepting(alarm.guard));
    guards.push_back(std::move(guard));
    return guards;
}

namespace operations {

runtime::Task<Json> guard(Call& call) {
    call.allow_parameters({});
    Json it;
    it["guards"] = guards_json(call.backend.live());
    co_return it;
}

} // namespace operations

} // namespace medibridge::control
