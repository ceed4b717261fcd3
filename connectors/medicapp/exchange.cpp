#include "connectors/medicapp/exchange.hpp"

#include "connectors/medicapp/fhir_answers.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace medibridge::connectors {

using http::Pacing;
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

/// How long a successful plain read shows that a refusal concerns one patient: long enough that
/// several refusals do not cost a read each, short enough that a key revoked meanwhile is noticed
/// soon.
constexpr runtime::Duration plain_read_holds{5'000};
/// A short failure of the plain read itself decides nothing.
constexpr int plain_read_attempts = 3;
/// Attempts of a read about one patient while plain reads are served.
constexpr int attempts_alone = 4;
/// So many 429 to one call about one patient, and a plain read that is served at once after them,
/// show that they are about that patient: a limit would keep that one waiting, too.
constexpr int rate_refusals_alone = 8;
constexpr std::string_view plain_read_name = "GET /patients?per_page=1";

class PlainReader final : public AnswerReader {
  public:
    bool read(const http::Response& response) override {
        return read_page(response.body) || read_fhir_answer(response.body, {}, {});
    }
};

/// What an attempt says about the server's pace.
Pacing::Answer answer_of(AttemptOutcome::Kind kind) {
    switch (kind) {
    case AttemptOutcome::Kind::success:
    case AttemptOutcome::Kind::answered:
    case AttemptOutcome::Kind::unauthorized:
        return Pacing::Answer::taken;
    case AttemptOutcome::Kind::refused_rate:
        return Pacing::Answer::refused;
    case AttemptOutcome::Kind::failed:
        return Pacing::Answer::failed;
    case AttemptOutcome::Kind::cancelled:
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
      condition_(log, settings_.figures),
      gate_(clock, pacing_, condition_, settings_.concurrency, settings_.give_up),
      plain_read_([this] { return send_plain_read(); }) {
    use_key(settings_.api_key);
    settings_.api_key = {};
}

void Exchange::use_key(const config::Secret& key) {
    const auto is_printable = [](char c) { return c > ' ' && c < '\x7f'; };
    if (key.empty() || !std::ranges::all_of(key.reveal(), is_printable)) {
        throw std::invalid_argument(
            "Medicapp's API key is empty or holds a character that a header must not hold");
    }
    authorization_ = "Bearer " + std::string(key.reveal());
    ++key_number_;
}

std::string Exchange::target(std::string_view path) const {
    std::string target = settings_.base_path;
    target += path;
    return target;
}

MedicappPace Exchange::pace() const {
    MedicappPace pace;
    pace.rate = pacing_.limit();
    pace.limit_found = pacing_.limit_found();
    pace.pause_left = pacing_.pause_left(clock_.now());
    pace.pauses = pacing_.pauses();
    pace.under_way = gate_.under_way();
    pace.waiting = gate_.waiting();
    return pace;
}

std::string Exchange::refusal() const {
    return credentials_refused() ? refusal_of(condition_.refusal()) : std::string();
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

Task<std::optional<ApiError>> Exchange::send_plain_read() {
    Call call(http::Method::get, plain_read_name, target("/patients?page=1&per_page=1"), "");
    call.most_attempts = plain_read_attempts;
    PlainReader reader;
    const auto sent = clock_.now();
    auto error = co_await perform(std::move(call), reader);
    plainly_served_ = error ? std::nullopt : std::optional(sent);
    co_return error;
}

Task<std::optional<ApiError>> Exchange::read_plainly(TimePoint since) {
    co_return co_await plain_read_.ask(
        [this, since] { return plainly_served_ && *plainly_served_ >= since; });
}

Gate::Order Exchange::order_of(const Call& call) const {
    return call.name == plain_read_name ? Gate::Order::first : Gate::Order::as_it_came;
}

Task<std::optional<ApiError>> Exchange::perform(Call call, AnswerReader& reader) {
    Attempts attempts;
    attempts.started = clock_.now();
    const auto order = order_of(call);
    if (call.about_one && condition_.credentials() == Condition::Credentials::on_trial) {
        auto refused = co_await read_plainly(attempts.started);
        if (refused) co_return std::move(refused);
    }
    for (;;) {
        Gate::Passage passage;
        auto entered = gate_.try_enter(passage, attempts.started, order);
        if (!entered) entered = co_await gate_.enter(passage, attempts.started, order);
        if (*entered != Gate::Result::admitted) co_return error_at(*entered, call, attempts);

        count(call, std::exchange(attempts.repeats_failure, false));
        attempts.key_number = key_number_;
        auto request = request_of(call);
        const auto result = co_await transport_.send(std::move(request));
        auto next = settle(call, passage, outcome_of(call, result, reader), attempts);
        if (next.doubt != Doubt::none) next = co_await clear_up(call, std::move(next), attempts);
        if (next.ended) co_return std::move(next.error);
        if (next.wait_until) co_await wait_until(*next.wait_until);
    }
}

Task<Exchange::Next> Exchange::clear_up(const Call& call, Next next, Attempts& attempts) {
    if (next.doubt == Doubt::rate) {
        const auto before = counts_.rate_limited;
        const auto plain = co_await read_plainly(clock_.now());
        const bool waited = counts_.rate_limited != before;
        co_return plain || waited ? Next() : refused_alone(std::move(*next.error));
    }
    const bool key = next.doubt == Doubt::key;
    const auto since = key ? clock_.now() - plain_read_holds : clock_.now();
    const auto plain = co_await read_plainly(since);
    if (key) co_return after_refusal(std::move(*next.error), plain, attempts);

    attempts.outage_is_sure = plain.has_value();
    if (plain) co_return repeat_or_end(attempts, settings_.most_attempts, true);
    // It concerns one patient only: not for the budget, and no outage.
    if (!call.is_write() && attempts.failed < attempts_alone)
        co_return repeat_or_end(attempts, attempts_alone, false);
    Next ended;
    ended.ended = true;
    ended.error = std::move(attempts.last);
    ended.error->alone = true;
    co_return ended;
}

Exchange::Next Exchange::refused_alone(ApiError refusal) {
    Next next;
    next.ended = true;
    refusal.failure = Failure::refused;
    refusal.alone = true;
    refusal.what += ", while the list is served";
    next.error = std::move(refusal);
    return next;
}

Exchange::Next Exchange::after_refusal(ApiError refusal, const std::optional<ApiError>& plain,
                                       const Attempts& attempts) const {
    Next next;
    // The refusal was the former key's.
    if (attempts.key_number != key_number_) return next;
    if (!plain) return refused_alone(std::move(refusal));
    next.ended = true;
    if (plain->failure == Failure::unauthorized) {
        refusal.failure = Failure::unauthorized;
        refusal.foreign = plain->foreign;
    } else {
        refusal.failure = plain->failure;
        refusal.status = 0;
        refusal.what += ", then " + plain->what;
    }
    next.error = std::move(refusal);
    return next;
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
        error.foreign = condition_.refusal().foreign;
        error.status = condition_.refusal().status;
        error.what += error.foreign ? ": not sent, because the last one was answered " +
                                          refusal_of(condition_.refusal())
                                    : ": not sent, because the credentials were refused";
        return error;
    default:
        break;
    }
    if (attempts.failed > 0)
        error = attempts.last;
    else
        error.what += ": not sent, because Medicapp does not answer";
    condition_.gave_up(error);
    return error;
}

Exchange::Next Exchange::settle(const Call& call, Gate::Passage& passage, AttemptOutcome outcome,
                                Attempts& attempts) {
    const auto now = clock_.now();
    const bool unauthorized = outcome.kind == AttemptOutcome::Kind::unauthorized;
    const bool key_is_outdated = attempts.key_number != key_number_;
    // Before the passage ends: whoever is admitted next must know of a refusal.
    if (unauthorized && !key_is_outdated && !call.about_one) condition_.unauthorized(outcome.error);
    passage.settle(answer_of(outcome.kind), outcome.requested_pause);

    Next next;
    // The key was replaced while the request was under way, and the refusal is the former one's.
    if (unauthorized && key_is_outdated) return next;
    if (unauthorized && call.about_one) {
        next.doubt = Doubt::key;
        next.error = std::move(outcome.error);
        return next;
    }
    switch (outcome.kind) {
    case AttemptOutcome::Kind::failed:
        return after_failure(call, std::move(outcome), attempts);
    case AttemptOutcome::Kind::refused_rate:
        ++counts_.rate_limited;
        rate_refusal_form_ = outcome.pause_form;
        condition_.answered(now);
        condition_.rate_limited(pacing_.pause_left(now), now);
        if (call.about_one && ++attempts.rate_refused % rate_refusals_alone == 0) {
            next.doubt = Doubt::rate;
            next.error = std::move(outcome.error);
        }
        return next;
    case AttemptOutcome::Kind::success:
    case AttemptOutcome::Kind::answered:
        condition_.authorized();
        break;
    default:
        break;
    }
    next.ended = true;
    if (outcome.kind != AttemptOutcome::Kind::success) next.error = std::move(outcome.error);
    if (outcome.kind == AttemptOutcome::Kind::cancelled) return next;
    condition_.answered(now);
    budget_.earn();
    return next;
}

Exchange::Next Exchange::after_failure(const Call& call, AttemptOutcome outcome,
                                       Attempts& attempts) {
    condition_.failed(outcome.error, pacing_.failures(), clock_.now());
    ++attempts.failed;
    attempts.repeatable = !call.is_write() || !outcome.maybe_executed;
    attempts.last = std::move(outcome.error);
    // A server that was reached may have failed on this one patient.
    const bool maybe_theirs = call.about_one && outcome.maybe_executed && !attempts.outage_is_sure;
    const bool in_a_row = attempts.failed > 1 || pacing_.failures() > 1;
    // A write without an answer does not show whom the problem concerns; a status does.
    const bool silent_write = call.is_write() && attempts.last.status == 0;
    if (maybe_theirs && (in_a_row || silent_write)) {
        Next next;
        next.doubt = Doubt::outage;
        return next;
    }
    const int most = call.most_attempts > 0 ? call.most_attempts : settings_.most_attempts;
    return repeat_or_end(attempts, most, !maybe_theirs);
}

Exchange::Next Exchange::repeat_or_end(Attempts& attempts, int most_attempts, bool of_the_budget) {
    const auto now = clock_.now();
    Next next;
    const bool more = attempts.repeatable && attempts.failed < most_attempts &&
                      !gate_.is_given_up(attempts.started, now) && !gate_.cancelled() &&
                      (!of_the_budget || budget_.take());
    if (more) {
        attempts.repeats_failure = true;
        next.wait_until = now + backoff_.wait(attempts.failed);
        return next;
    }
    next.ended = true;
    if (attempts.repeatable && !gate_.cancelled()) condition_.gave_up(attempts.last);
    next.error = std::move(attempts.last);
    if (attempts.outage_is_sure) next.error->status = 0;
    return next;
}

Task<void> Exchange::wait_until(TimePoint when) {
    while (clock_.now() < when && !gate_.cancelled())
        co_await clock_.sleep_until(when);
}

} // namespace medibridge::connectors
