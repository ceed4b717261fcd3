#include "connectors/medicapp/exchange.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace medibridge::connectors {

using reconcile::Pacing;
using runtime::Task;
using runtime::TimePoint;

namespace {

Pacing::Settings pacing_settings(const MedicappClientSettings& settings) {
    Pacing::Settings pacing;
    pacing.rate_limit = settings.rate_limit;
    pacing.backoff_base = settings.backoff_base;
    pacing.backoff_longest = settings.backoff_longest;
    pacing.seed = settings.seed;
    return pacing;
}

/// What an attempt says about the server's pace.
Pacing::Answer answer_of(Verdict::Kind kind) {
    switch (kind) {
    case Verdict::Kind::success:
    case Verdict::Kind::answered:
    case Verdict::Kind::unauthorized:
        return Pacing::Answer::taken;
    case Verdict::Kind::refused_rate:
        return Pacing::Answer::refused;
    case Verdict::Kind::failed:
        return Pacing::Answer::failed;
    case Verdict::Kind::cancelled:
        return Pacing::Answer::no_answer;
    }
    std::abort();
}

} // namespace

Exchange::Exchange(http::Transport& transport, runtime::Clock& clock, log::EventLog& log,
                   MedicappClientSettings settings)
    : transport_(transport),
      clock_(clock),
      settings_(std::move(settings)),
      pacing_(pacing_settings(settings_)),
      backoff_(settings_.backoff_base, settings_.backoff_longest, settings_.seed + 1),
      budget_(settings_.retry_budget),
      condition_(log),
      gate_(clock, pacing_, condition_, settings_.concurrency, settings_.give_up) {
    use_key(settings_.api_key);
    settings_.api_key = {};
}

void Exchange::use_key(const config::Secret& key) {
    const auto is_printable = [](char c) { return c > ' ' && c < '\x7f'; };
    if (key.empty() || !std::ranges::all_of(key.reveal(), is_printable)) {
        throw std::invalid_argument(
            "Medicapp's API key is empty or holds a character that cannot stand in a header");
    }
    authorization_ = "Bearer " + key.reveal();
    ++key_number_;
}

std::string Exchange::target(std::string_view path) const {
    std::string target = settings_.base_path;
    target += path;
    return target;
}

bool Exchange::credentials_refused() const {
    return condition_.credentials() == Condition::Credentials::refused;
}

http::Request Exchange::request_of(const Call& call) const {
    http::Request request(call.method, call.target);
    request.headers.reserve(3);
    request.headers.emplace_back("Authorization", authorization_);
    request.headers.emplace_back("Accept", "application/json");
    if (!call.body.empty()) {
        request.headers.emplace_back("Content-Type", "application/json");
        request.body = call.body;
    }
    return request;
}

void Exchange::count(const Call& call, bool repeats_failure) {
    if (repeats_failure) ++counts_.retries;
    switch (call.method) {
    case http::Method::get:
        ++counts_.get;
        return;
    case http::Method::post:
        ++counts_.post;
        return;
    case http::Method::put:
        ++counts_.put;
        return;
    case http::Method::delete_:
        ++counts_.delete_;
        return;
    }
}

Task<std::optional<ApiError>> Exchange::perform(Call call, AnswerReader& reader) {
    Attempts attempts;
    attempts.started = clock_.now();
    for (;;) {
        Gate::Passage passage;
        auto entered = gate_.try_enter(passage, attempts.started);
        if (!entered) entered = co_await gate_.enter(passage, attempts.started);
        if (*entered != Gate::Result::admitted) co_return error_at(*entered, call, attempts);

        count(call, std::exchange(attempts.repeats_failure, false));
        attempts.key_number = key_number_;
        auto request = request_of(call);
        const auto result = co_await transport_.send(std::move(request));
        auto next = settle(call, passage, judge(call, result, reader), attempts);
        if (next.ended) co_return std::move(next.error);
        if (next.wait_until) co_await wait_until(*next.wait_until);
    }
}

ApiError Exchange::error_at(Gate::Result result, const Call& call, const Attempts& attempts) {
    ApiError error;
    error.what = call.name;
    switch (result) {
    case Gate::Result::cancelled:
        error.failure = Failure::cancelled;
        error.what += ": cancelled";
        return error;
    case Gate::Result::unauthorized:
        error.failure = Failure::unauthorized;
        error.what += ": not sent, for the credentials were refused";
        return error;
    default:
        break;
    }
    if (attempts.failed > 0)
        error = attempts.last;
    else
        error.what += ": not sent, for Medicapp does not answer";
    condition_.gave_up(error);
    return error;
}

Exchange::Next Exchange::settle(const Call& call, Gate::Passage& passage, Verdict verdict,
                                Attempts& attempts) {
    const auto now = clock_.now();
    const bool unauthorized = verdict.kind == Verdict::Kind::unauthorized;
    const bool key_is_outdated = attempts.key_number != key_number_;
    // Before the passage ends: whoever is admitted next must know of a refusal.
    if (unauthorized && !key_is_outdated) condition_.unauthorized(verdict.error);
    passage.settle(answer_of(verdict.kind), verdict.requested_pause);

    Next next;
    // The key was replaced while the request was under way, and the refusal is the former one's.
    if (unauthorized && key_is_outdated) return next;
    switch (verdict.kind) {
    case Verdict::Kind::failed:
        return after_failure(call, std::move(verdict), attempts);
    case Verdict::Kind::refused_rate:
        ++counts_.rate_limited;
        condition_.answered(now);
        condition_.rate_limited(pacing_.pause_left(now), now);
        return next;
    case Verdict::Kind::success:
    case Verdict::Kind::answered:
        condition_.authorized();
        break;
    default:
        break;
    }
    next.ended = true;
    if (verdict.kind != Verdict::Kind::success) next.error = std::move(verdict.error);
    if (verdict.kind == Verdict::Kind::cancelled) return next;
    condition_.answered(now);
    budget_.earn();
    return next;
}

Exchange::Next Exchange::after_failure(const Call& call, Verdict verdict, Attempts& attempts) {
    const auto now = clock_.now();
    condition_.failed(verdict.error, pacing_.failures(), now);
    ++attempts.failed;
    attempts.last = std::move(verdict.error);

    Next next;
    const bool repeatable = !call.is_write() || !verdict.maybe_executed;
    const bool more = repeatable && attempts.failed < settings_.most_attempts &&
                      !gate_.is_given_up(attempts.started, now) && !gate_.cancelled() &&
                      budget_.take();
    if (more) {
        attempts.repeats_failure = true;
        next.wait_until = now + backoff_.wait(attempts.failed);
        return next;
    }
    next.ended = true;
    if (repeatable && !gate_.cancelled()) condition_.gave_up(attempts.last);
    next.error = std::move(attempts.last);
    return next;
}

Task<void> Exchange::wait_until(TimePoint when) {
    while (clock_.now() < when && !gate_.cancelled())
        co_await clock_.sleep_until(when);
}

} // namespace medibridge::connectors
