#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace medibridge::runtime {

/// A coroutine that runs on the program's one io thread.
template <class T>
using Task = boost::asio::awaitable<T>;

} // namespace medibridge::runtime
