#include "base/http/pacing.hpp"

#include <algorithm>
#include <cassert>

namespace medibridge::http {

namespace {

/// What is added at random to a pause that the server asked for: 5 %, within these bounds.
constexpr std::chrono::milliseconds least_added{100};
constexpr std::chrono::milliseconds most_added{3'000};

} // namespace

Pacing::Pacing(const Settings& settings)
    : backoff_(settings.backoff_base, settings.backoff_longest, settings.seed),
      rate_(settings.rate_limit) {}

Pacing::Turn Pacing::turn(Moment now) {
    if (now < paused_until_) {
        waited_ = true;
        return {Turn::Kind::at, paused_until_};
    }
    if (first_under_way_) {
        waited_ = true;
        return {Turn::Kind::after_answer, {}};
    }
    const auto ready = rate_.ready_at(now);
    if (ready && *ready <= now) return {};
    waited_ = true;
    if (!ready) return {Turn::Kind::after_answer, {}};
    return {Turn::Kind::at, *ready};
}

Pacing::Permit Pacing::take(Moment now) {
    rate_.sent(now, waited_);
    waited_ = false;
    first_under_way_ = one_at_a_time_;
    return {++sent_, one_at_a_time_};
}

void Pacing::settle(Permit permit, Answer answer,
                    std::optional<std::chrono::milliseconds> requested, Moment now) {
    assert(permit.number > 0 && permit.number <= sent_);
    assert(!permit.first_after_pause || first_under_way_);
    if (permit.first_after_pause) first_under_way_ = false;
    rate_.ended();
    switch (answer) {
    case Answer::taken:
        return on_taken(permit, requested, now);
    case Answer::refused:
        return on_refused(permit, requested, now);
    case Answer::failed:
        return on_failed(permit, requested, now);
    case Answer::no_answer:
        return;
    }
}

void Pacing::on_taken(Permit permit, std::optional<std::chrono::milliseconds> requested,
                      Moment now) {
    rate_.taken(now, permit.number > sent_at_refusal_);
    if (permit.number > sent_at_failure_) failures_ = 0;
    if (permit.number > sent_at_refusal_) {
        refusals_ = 0;
    }
    if (permit.first_after_pause) one_at_a_time_ = false;
    if (requested && *requested > std::chrono::milliseconds(0)) {
        paused_until_ = std::max(paused_until_, now + with_jitter(*requested));
    }
}

void Pacing::on_refused(Permit permit, std::optional<std::chrono::milliseconds> requested,
                        Moment now) {
    failures_ = 0;
    const bool known = permit.number <= sent_at_refusal_;
    rate_.refused(now, !known, requested);
    if (known) {
        if (requested) pause(with_jitter(*requested), now);
        return;
    }
    sent_at_refusal_ = sent_;
    ++refusals_;
    if (!requested) return pause(backoff_.wait(refusals_), now);
    auto duration = with_jitter(*requested);
    // Refused again although we waited as told: the server asks for too short a pause.
    if (refusals_ > 1) duration = std::max(duration, backoff_.wait(refusals_ - 1));
    pause(duration, now);
}

void Pacing::on_failed(Permit permit, std::optional<std::chrono::milliseconds> requested,
                       Moment now) {
    if (requested) pause(with_jitter(*requested), now);
    if (permit.number <= sent_at_failure_) return;
    sent_at_failure_ = sent_;
    ++failures_;
    // A single failure concerns its own request only, unless that was the first one after a pause.
    if (failures_ > 1)
        pause(backoff_.wait(failures_ - 1), now);
    else if (permit.first_after_pause)
        pause(backoff_.wait(1), now);
}

void Pacing::pause(std::chrono::milliseconds duration, Moment now) {
    duration = std::max(duration, runtime::Backoff::least_wait);
    if (paused_until_ <= now) ++pauses_;
    paused_until_ = std::max(paused_until_, now + duration);
    one_at_a_time_ = true;
}

std::chrono::milliseconds Pacing::with_jitter(std::chrono::milliseconds requested) {
    return requested + backoff_.jitter(std::clamp(requested / 20, least_added, most_added));
}

std::chrono::milliseconds Pacing::pause_left(Moment now) const {
    return std::max(std::chrono::milliseconds(0), paused_until_ - now);
}

} // namespace medibridge::http
