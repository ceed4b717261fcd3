#pragma once

#include <expected>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace medibridge::connectors {

/// Why the disk, or a file that changed meanwhile, did not let something be done.
class DiskError {
  public:
    DiskError() = default;
    explicit DiskError(std::string its_what) : what(std::move(its_what)) {}

    std::string what; ///< for an operator; never a value
};

template <class T>
using DiskResult = std::expected<T, DiskError>;

/// `job` with what it throws for reasons of the disk (std::runtime_error, as std::system_error is)
/// turned into a value, since a coroutine cannot wait where it catches.
template <class Job>
auto disk_attempt(Job job) {
    using Result = DiskResult<std::invoke_result_t<Job&>>;
    return [job = std::move(job)]() mutable -> Result {
        try {
            return job();
        } catch (const std::runtime_error& error) {
            return std::unexpected(DiskError(error.what()));
        }
    };
}

} // namespace medibridge::connectors
