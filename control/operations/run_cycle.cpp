#include "control/operations.hpp"

#include "base/runtime/concurrency.hpp"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <deque>
#include <utility>

namespace medibridge::control::operations {

using runtime::Task;

namespace {

/// Actions of a dry run that wait to be sent; further ones are counted only.
constexpr std::size_t most_waiting_actions = 10'000;
/// Between two lines of progress.
constexpr std::chrono::milliseconds progress_pause{100};

/// What a cycle says of itself, until it is sent to who asked for it.
class Narrator final : public sync::Observer {
  public:
    Narrator(const boost::asio::any_io_executor& executor, bool lists_actions)
        : news_(executor),
          lists_actions_(lists_actions) {}

    void acted(const std::string& external_id, sync::Action action,
               const std::string& detail) override {
        if (!lists_actions_) return;
        if (actions_.size() >= most_waiting_actions) {
            ++left_out_;
            return;
        }
        actions_.push_back({{"external_id", external_id},
                            {"action", std::string(name(action))},
                            {"detail", text_or_null(detail)}});
        news_.notify();
    }
    void progressed(const sync::Report& so_far) override {
        so_far_ = so_far;
        news_.notify();
    }
    void end() {
        ended_ = true;
        news_.notify();
    }

    /// What to send next; nothing: the cycle has ended, and all is sent.
    Task<std::optional<Json>> next() {
        for (;;) {
            if (!actions_.empty()) {
                Json line{{"acted", std::move(actions_.front())}};
                actions_.pop_front();
                co_return line;
            }
            if (left_out_ > 0) co_return Json{{"actions_left_out", std::exchange(left_out_, 0)}};
            const auto now = std::chrono::steady_clock::now();
            if (so_far_ && (ended_ || now - told_at_ >= progress_pause)) {
                told_at_ = now;
                co_return tally_json(*std::exchange(so_far_, std::nullopt));
            }
            if (ended_) co_return std::nullopt;
            co_await news_.wait();
        }
    }

  private:
    runtime::Signal news_;
    bool lists_actions_;
    std::deque<Json> actions_;
    std::int64_t left_out_ = 0;
    std::optional<sync::Tally> so_far_;
    std::chrono::steady_clock::time_point told_at_{};
    bool ended_ = false;
};

/// The changes that the guard stopped, if they are as many as the operator expects.
sync::AcceptedChanges accepted_changes(const Live& live, std::int64_t expected) {
    if (!live.alarm || live.alarm->changes.count() == 0)
        throw Failure(Failure::Kind::refused, "no guard has stopped any changes");
    const auto& changes = live.alarm->changes;
    if (changes.count() != expected)
        throw Failure(Failure::Kind::refused,
                      std::to_string(changes.count()) +
                          " patients would be changed, not as many as you expect: "
                          "look at medibridgectl guard show");
    return {changes.count(), changes.fingerprint()};
}

sync::Request request_of(const Call& call) {
    const auto body = call.body({"full", "source", "dry_run", "accept"});
    sync::Request request;
    request.full = flag_in(body, "full").value_or(false);
    request.dry_run = flag_in(body, "dry_run").value_or(false);
    request.only_source = text_in(body, "source").value_or("");
    const auto& sources = call.backend.settings().his;
    if (!request.only_source.empty() &&
        std::ranges::find(sources, request.only_source, &config::SourceSettings::name) ==
            sources.end())
        throw Failure(Failure::Kind::usage,
                      "`source`: the configuration has no source of that name");
    if (const auto accept = body.find("accept"); accept != body.end() && !accept->is_null()) {
        if (!accept->is_object()) throw Failure(Failure::Kind::usage, "`accept` must be an object");
        request.accept_mapping = flag_in(*accept, "mapping").value_or(false);
        request.accept_rewind = flag_in(*accept, "rewind").value_or(false);
        if (const auto count = number_in(*accept, "changes"))
            request.accept_changes = accepted_changes(call.backend.live(), *count);
    }
    request.full = request.full || request.accept_mapping || request.accept_rewind;
    return request;
}

/// What was asked for, in the audit.
std::string words_of(const sync::Request& request) {
    std::string words = request.full ? "full" : "changes";
    if (!request.only_source.empty()) words += ", source " + request.only_source;
    if (request.accept_mapping) words += ", mapping accepted";
    if (request.accept_rewind) words += ", rewind accepted";
    if (request.accept_changes)
        words += ", " + std::to_string(request.accept_changes->count) + " changes accepted";
    return words;
}

Task<void> run_to_end(Call& call, sync::Request request, Narrator& narrator,
                      std::optional<CycleEnd>& end) {
    try {
        end = co_await call.backend.run_cycle(std::move(request), narrator);
    } catch (...) {
        narrator.end();
        throw;
    }
    narrator.end();
}

} // namespace

/// The cycle goes on to its end even if the client leaves.
Task<Json> run_cycle(Call& call) {
    call.allow_parameters({});
    auto request = request_of(call);
    if (!request.dry_run && call.backend.live().pause)
        throw Failure(Failure::Kind::refused, "cycles are paused: run medibridgectl resume first");
    if (!request.dry_run) {
        state::Batch batch;
        batch.audit(call.audit_entry("cycle", words_of(request)));
        co_await call.backend.database().commit(std::move(batch));
    }
    co_await call.begin_lines();
    const auto executor = co_await boost::asio::this_coro::executor;
    Narrator narrator(executor, request.dry_run);
    std::optional<CycleEnd> end;
    runtime::Background cycle(executor, run_to_end(call, std::move(request), narrator, end));
    std::exception_ptr error;
    try {
        while (auto line = co_await narrator.next())
            co_await call.progress(*std::move(line));
    } catch (...) {
        error = std::current_exception();
    }
    co_await cycle.join();
    if (error) std::rethrow_exception(error);
    co_return cycle_json(*end);
}

} // namespace medibridge::control::operations
