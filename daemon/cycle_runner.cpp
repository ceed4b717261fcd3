#include "daemon/cycle_runner.hpp"

#include "control/erasing.hpp"
#include "daemon/failures.hpp"
#include "daemon/wall_clock.hpp"

#include <exception>
#include <utility>

namespace medibridge::daemon {

using runtime::Task;

Task<void> CycleRunner::settle_erasure() {
    try {
        const control::ErasureTurn turn(*backend_);
        co_await control::settle_erasure(*backend_);
    } catch (const control::Unavailable&) { // NOLINT: later; the cycle tells what Medicapp lacks
    }
}

Task<control::CycleEnd> CycleRunner::run(sync::Request request, sync::Observer* listener) {
    auto& bridge = installation_->bridge;
    const auto before = bridge.requests();
    const auto started = clock_->now();
    watch_->begin(wall_clock_ms(), listener);
    control::CycleEnd end;
    std::exception_ptr failure;
    try {
        co_await settle_erasure();
        end.report = co_await bridge.run_cycle(std::move(request));
        end.waiting = co_await bridge.waiting();
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) {
        watch_->fail(describe(failure).text, wall_clock_ms());
        std::rethrow_exception(failure);
    }
    watch_->end(end.report, bridge.condition(), wall_clock_ms());
    end.requests = bridge.requests() - before;
    end.duration = clock_->now() - started;
    co_return end;
}

Task<sync::Report> CycleRunner::take_arrivals(sync::Request request) {
    auto& bridge = installation_->bridge;
    watch_->begin_arrivals(wall_clock_ms());
    sync::Report report;
    std::exception_ptr failure;
    try {
        co_await settle_erasure();
        report = co_await bridge.take_arrivals(std::move(request));
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) {
        watch_->fail(describe(failure).text, wall_clock_ms());
        std::rethrow_exception(failure);
    }
    watch_->end_arrivals(report, bridge.condition(), wall_clock_ms());
    co_return report;
}

Task<control::CycleEnd> CycleRunner::rehearse(sync::Request request, sync::Observer& listener) {
    std::exception_ptr failure;
    control::CycleEnd end;
    stopped_ = false;
    rehearsing_ = true;
    try {
        co_await Rehearsal::copy_state(*installation_);
        rehearsal_ = std::make_unique<Rehearsal>(executor_, *installation_, *clock_, listener);
        if (stopped_) rehearsal_->stop();
        end = co_await rehearsal_->run(std::move(request));
    } catch (...) {
        failure = std::current_exception();
    }
    rehearsing_ = false;
    if (rehearsal_) rehearsal_->cancel();
    rehearsal_.reset();
    if (failure) std::rethrow_exception(failure);
    co_return end;
}

void CycleRunner::stop() {
    stopped_ = rehearsing_;
    if (rehearsal_) rehearsal_->stop();
}

void CycleRunner::cancel() {
    if (rehearsal_) rehearsal_->cancel();
}

} // namespace medibridge::daemon
