#include "network.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace medibridge::simulation {

using http::Error;
using http::ErrorKind;
using http::Result;
using runtime::Duration;
using runtime::Task;
using sandbox::Side;

namespace {

/// How long the daemon waits for an answer (medicapp.timeout's default).
constexpr Duration patience{30'000};
constexpr Duration slowness{20'000};
/// When a request that nobody waits for any more takes effect.
constexpr Duration lateness{45'000};

struct Kind {
    std::string_view name;
    std::string_view rule; ///< what the sandbox's fault script calls it; empty: not its matter
};

constexpr std::array<Kind, troubles> kinds{{
    {"refused", ""},
    {"lost before", "reset-before"},
    {"lost after", "reset-after"},
    {"502 before", "502-before"},
    {"502 after", "502-after"},
    {"500 before", "500-before"},
    {"500 after", "500-after"},
    {"HTML before", "html-before"},
    {"HTML after", "html-after"},
    {"cut", "truncate"},
    {"garbage", "garbage"},
    {"empty after", "empty-after"},
    {"429", "429-before"},
    {"503", "503-before"},
    {"401", "401-before"},
    {"slow", ""},
    {"timeout before", ""},
    {"timeout after", ""},
    {"arrives late", ""},
    {"arrives twice", ""},
}};

sandbox::Verb verb_of(http::Method method) {
    switch (method) {
    case http::Method::get:
        return sandbox::Verb::get;
    case http::Method::post:
        return sandbox::Verb::post;
    case http::Method::put:
        return sandbox::Verb::put;
    case http::Method::delete_:
        return sandbox::Verb::delete_;
    }
    return sandbox::Verb::other;
}

std::string_view header(const http::Request& request, std::string_view name) {
    for (const auto& [key, value] : request.headers) {
        if (key == name) return value;
    }
    return {};
}

sandbox::Request as_seen_by_server(const http::Request& request) {
    sandbox::Request seen;
    seen.verb = verb_of(request.method);
    const std::string_view target(request.target);
    const auto mark = target.find('?');
    seen.path = target.substr(0, mark);
    if (mark != std::string_view::npos) seen.query = target.substr(mark + 1);
    seen.credential = header(request, "Authorization");
    seen.content_type = header(request, "Content-Type");
    seen.body = request.body;
    return seen;
}

http::Response as_seen_by_client(sandbox::Reply reply) {
    http::Response response;
    response.status = static_cast<int>(reply.status);
    response.headers.emplace_back("Date", sandbox::http_date(reply.date));
    response.headers.emplace_back("Content-Type", reply.content_type);
    for (std::string_view rest(reply.headers); !rest.empty();) {
        const auto end = rest.find("\r\n");
        const auto line = rest.substr(0, end);
        const auto colon = line.find(": ");
        response.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
        rest.remove_prefix(end + 2);
    }
    response.body = std::move(reply.body);
    return response;
}

Error error(ErrorKind kind, bool maybe_executed) {
    return {kind, maybe_executed, "simulated"};
}

} // namespace

std::string_view name(Trouble trouble) {
    return kinds[static_cast<std::size_t>(trouble)].name;
}

Network::Network(sandbox::World& world, tests::VirtualClock& clock, std::uint64_t seed)
    : world_(&world),
      clock_(&clock),
      seed_(seed),
      medicapp_(*this, Side::medicapp),
      his_(*this, Side::his) {}

void Network::begin(std::vector<Weather> weather) {
    weather_ = std::move(weather);
    number_ = 0;
}

const Weather* Network::trouble_of(std::int64_t number) const {
    const auto place = std::ranges::find_if(weather_, [&](const Weather& weather) {
        return weather.from <= number && number <= weather.to;
    });
    return place == weather_.end() ? nullptr : &*place;
}

Duration Network::latency(std::int64_t number, std::uint64_t leg) const {
    const auto chance = sandbox::mix(seed_ ^ (static_cast<std::uint64_t>(number) * 2 + leg) << 20);
    return Duration(1 + static_cast<std::int64_t>(chance % 40));
}

Task<void> Network::travel(Duration duration) {
    // A woken clock makes no network faster.
    const auto end = clock_->now() + duration;
    while (clock_->now() < end)
        co_await clock_->sleep_until(end);
}

void Network::deliver_late(runtime::TimePoint until) {
    while (!late_.empty() && late_.front().due <= until) {
        const auto late = std::move(late_.front());
        late_.erase(late_.begin());
        is_late_ = true;
        static_cast<void>(reach(late.side, late.request, nullptr));
        is_late_ = false;
    }
}

Result Network::ask(sandbox::Front& server, const http::Request& request) {
    auto reply = server.handle(as_seen_by_server(request));
    server.finished();
    return as_seen_by_client(std::move(reply));
}

Result Network::reach(Side side, const http::Request& request, const Weather* weather) {
    const auto seen = as_seen_by_server(request);
    auto& front = side == Side::medicapp ? world_->medicapp : world_->his;
    if (const int status = side == Side::medicapp && refuses ? refuses(seen) : 0; status != 0) {
        http::Response response;
        response.status = status;
        response.headers.emplace_back("Content-Type", "text/html");
        response.body = "<html><body>Request blocked</body></html>";
        return response;
    }
    const auto rule = weather ? kinds[static_cast<std::size_t>(weather->trouble)].rule : "";
    if (!rule.empty()) {
        const std::string text = std::string(name(side)) + "/ANY:1:" + std::string(rule);
        world_->faults.replace(std::vector<std::string>(1, text));
    }
    if (before_effect) before_effect(side, seen);
    auto reply = front.handle(seen);
    front.finished();
    if (!rule.empty()) world_->faults.replace(std::vector<std::string>());
    if (after_effect) after_effect(side, seen);
    switch (reply.wire) {
    case sandbox::Wire::whole:
        return as_seen_by_client(std::move(reply));
    case sandbox::Wire::cut:
        return std::unexpected(error(ErrorKind::malformed, true));
    default:
        return std::unexpected(error(ErrorKind::closed, true));
    }
}

Task<Result> Network::carry(Side side, http::Request request) {
    if (!connected_) co_return std::unexpected(error(ErrorKind::cancelled, true));
    const auto number = ++number_;
    const auto unique = ++all_requests_;
    if (meanwhile) meanwhile(number);
    if (on_step) on_step();
    if (!connected_) co_return std::unexpected(error(ErrorKind::cancelled, false));
    deliver_late(clock_->now());
    const auto* const weather = trouble_of(number);
    if (weather) ++struck_;
    const auto trouble = weather ? std::optional(weather->trouble) : std::nullopt;

    const auto there = latency(unique, 0);
    co_await travel(there);
    if (trouble == Trouble::refused) co_return std::unexpected(error(ErrorKind::connect, false));
    const bool arrives = trouble != Trouble::timeout_before && trouble != Trouble::arrives_late;
    if (trouble == Trouble::arrives_late) {
        Late late{side, request, clock_->now() + lateness};
        late_.push_back(std::move(late));
    }
    if (trouble == Trouble::arrives_twice) static_cast<void>(reach(side, request, nullptr));
    auto result = arrives ? reach(side, request, weather)
                          : Result(std::unexpected(error(ErrorKind::timeout, true)));
    const bool times_out = !arrives || trouble == Trouble::timeout_after;
    const auto back = times_out                  ? patience
                      : trouble == Trouble::slow ? slowness
                                                 : latency(unique, 1);
    co_await travel(back);
    if (!connected_) co_return std::unexpected(error(ErrorKind::cancelled, true));
    if (on_step) on_step();
    if (!connected_) co_return std::unexpected(error(ErrorKind::cancelled, true));
    if (times_out) co_return std::unexpected(error(ErrorKind::timeout, true));
    co_return result;
}

} // namespace medibridge::simulation
