#include "control/monitoring/pages.hpp"

#include "control/monitoring/metrics_text.hpp"
#include "control/monitoring/readiness.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <utility>

namespace medibridge::monitoring {

namespace {

constexpr int not_found = 404;
constexpr int method_not_allowed = 405;
constexpr int misdirected = 421; // RFC 9110 §15.5.20
constexpr int unavailable = 503;

bool is_address(const std::string& host) {
    in6_addr any{};
    return ::inet_pton(AF_INET, host.c_str(), &any) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), &any) == 1;
}

} // namespace

bool Pages::is_named(const std::string& host) const {
    return host == "localhost" || is_address(host) ||
           std::ranges::find(names_, host) != names_.end();
}

Pages::Page Pages::page(const http::ServerRequest& request) const {
    Page page;
    const auto refuse = [&](int status, const char* why) {
        page.status = status;
        page.body = std::string(why) + "\n";
        return page;
    };
    if (!is_named(request.host))
        return refuse(misdirected, "Host names another server: ask by IP address, or name this one "
                                   "in http.names");
    if (request.method != "GET" && request.method != "HEAD")
        return refuse(method_not_allowed, "only GET and HEAD");
    const auto path = request.path.size() == 1 ? request.path.front() : std::string();
    if (path == "healthz") {
        page.body = "alive\n";
    } else if (path == "readyz") {
        const auto found = obstacles(look_());
        page.status = found.empty() ? 200 : unavailable;
        page.type = "application/json";
        page.body = readiness_json(found);
    } else if (path == "metrics") {
        page.type = metrics_type;
        page.body = metrics_text(look_());
    } else {
        return refuse(not_found, "there are /healthz, /readyz and /metrics");
    }
    return page;
}

runtime::Task<void> Pages::handle(const http::ServerRequest& request,
                                  http::ResponseWriter& writer) {
    auto answer = page(request);
    co_await writer.answer(answer.status, answer.type, std::move(answer.body));
}

} // namespace medibridge::monitoring
