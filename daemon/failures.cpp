#include "daemon/failures.hpp"

#include "config/site.hpp"
#include "daemon/telling.hpp"
#include "state/store.hpp"

#include <new>

namespace medibridge::daemon {

namespace {

ExitCode exit_code(state::StoreError::Kind kind) {
    using Kind = state::StoreError::Kind;
    switch (kind) {
    case Kind::locked:
    case Kind::unavailable:
        return ExitCode::incomplete;
    case Kind::not_ours:
    case Kind::too_new:
        return ExitCode::configuration;
    case Kind::damaged:
        return ExitCode::internal;
    }
    return ExitCode::internal;
}

} // namespace

FailureReport describe(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const state::StoreError& failure) {
        using Kind = state::StoreError::Kind;
        const bool passes = failure.kind() == Kind::unavailable || failure.kind() == Kind::locked;
        return {exit_code(failure.kind()), failure.what(), true, !passes};
    } catch (const std::bad_alloc&) {
        return {ExitCode::internal, "memory ran out; raise the service's memory limit", false};
    } catch (const std::exception& failure) {
        return {ExitCode::internal, failure.what(), false};
    } catch (...) {
        return {ExitCode::internal, "unknown failure", false};
    }
}

ExitCode with_failures_reported(const std::filesystem::path& config_file,
                                const std::function<ExitCode()>& body) {
    try {
        return body();
    } catch (...) {
        const auto report = describe(std::current_exception());
        tell_error("medibridged: " + config::addressed(report.text, config_file));
        return report.exit;
    }
}

} // namespace medibridge::daemon
