#pragma once

#include "base/runtime/task.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <utility>

namespace medibridge::tests {

/// Runs a task to its end on the context. Rethrows what it throws.
template <class T>
T run_task(boost::asio::io_context& io, runtime::Task<T> task) {
    std::exception_ptr error;
    std::optional<T> result;
    auto on_end = [&](std::exception_ptr thrown, T value) {
        error = std::move(thrown);
        result = std::move(value);
    };
    boost::asio::co_spawn(io, std::move(task), on_end);
    io.restart();
    io.run();
    if (error) std::rethrow_exception(error);
    return *std::move(result);
}

} // namespace medibridge::tests
