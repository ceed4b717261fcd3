#pragma once

#include "state/store.hpp"

#include <exception>
#include <string>
#include <utility>

namespace SQLite {
class Exception;
}

namespace medibridge::state {

/// The system's words for an errno: `Permission denied`.
std::string errno_text(int error);

/// What a SQLite error means for an operator. `doing` completes "cannot …", `place` names the file,
/// which is `what`.
StoreError translate(const SQLite::Exception& error, const std::string& doing,
                     const std::string& place, const std::string& what = "the state");

/// Whatever runs inside must not leak SQLite's own exceptions: they become StoreError.
[[noreturn]] void rethrow_as_store_error(std::exception_ptr error, const std::string& doing,
                                         const std::string& place);

template <class Job>
auto with_store_errors(const std::string& doing, const std::string& place, Job&& job)
    -> decltype(job()) {
    try {
        return std::forward<Job>(job)();
    } catch (const StoreError&) {
        throw;
    } catch (const LinkTaken&) {
        throw;
    } catch (const std::exception&) {
        rethrow_as_store_error(std::current_exception(), doing, place);
    }
}

} // namespace medibridge::state
