#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace medibridge::runtime {

/// A coroutine that runs on the program's one io thread.
///
/// g++ 12 miscompiles braces and lambdas in a statement that holds `co_await`: name the value
/// first, then move it in (scripts/lint refuses the rest).
template <class T>
using Task = boost::asio::awaitable<T>;

} // namespace medibridge::runtime
