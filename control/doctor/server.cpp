#include "control/doctor/server.hpp"

#include <chrono>
#include <cstdlib>

namespace medibridge::control::doctor {

using http::ErrorKind;

namespace {

constexpr std::int64_t certificate_days = 30;
constexpr std::int64_t clock_seconds = 60;

struct Step {
    const char* name;
    const char* fix;
};

/// At which step the way to a server ended, and what puts it right.
Step step_of(ErrorKind kind) {
    switch (kind) {
    case ErrorKind::resolve:
        return {"name", "check the host's name in the configuration, and this machine's DNS "
                        "(resolvectl query HOST)"};
    case ErrorKind::tls:
        return {"TLS",
                "if the hospital inspects TLS or has an authority of its own, set ca_file to "
                "that authority's certificate; else ask who runs the server"};
    case ErrorKind::proxy:
        return {"proxy", "check proxy and its credentials in the configuration, and that the proxy "
                         "lets this machine through to the server"};
    default:
        return {"connection",
                "check the port in the configuration, and that the firewall lets this "
                "machine through to the server"};
    }
}

Check judge_certificate(const std::string& side, std::chrono::sys_seconds end,
                        std::int64_t now_ms) {
    const std::chrono::sys_time<std::chrono::milliseconds> now{std::chrono::milliseconds(now_ms)};
    const auto days = std::chrono::floor<std::chrono::days>(end - now).count();
    const auto name = side + ": certificate";
    const auto message =
        "its chain is verified, and valid for " + std::to_string(days) + " more days";
    if (days >= certificate_days) return ok(name, message);
    return warn(name, message, "who runs the server must renew it before that");
}

} // namespace

Checks judge_reach(const std::string& side, const http::ClientSettings& settings,
                   const http::Reach& reach, std::int64_t now_ms) {
    if (reach.failure) {
        const auto step = step_of(reach.failure->kind);
        return {fail(side + ": " + step.name, reach.failure->what, step.fix)};
    }
    std::string way = settings.origin.authority() + " can be reached";
    if (settings.proxy) way += " through the proxy " + settings.proxy->url().authority();
    Checks checks{ok(side + ": connection", std::move(way))};
    if (reach.certificate_ends)
        checks.push_back(judge_certificate(side, *reach.certificate_ends, now_ms));
    return checks;
}

Checks judge_clock(const std::string& side, const std::optional<reconcile::Instant>& server_time,
                   std::int64_t now_ms) {
    if (!server_time) return {};
    const auto seconds = (now_ms - server_time->time_since_epoch().count()) / 1000;
    const auto name = side + ": clock";
    const auto difference = std::to_string(std::abs(seconds)) + " s";
    if (std::abs(seconds) <= clock_seconds)
        return {ok(name, "this machine's differs by " + difference)};
    return {warn(name,
                 "this machine's is " + difference + (seconds > 0 ? " ahead" : " behind") +
                     " of the server's",
                 "let both be set by NTP (timedatectl set-ntp true); which one is wrong shows a "
                 "third")};
}

} // namespace medibridge::control::doctor
