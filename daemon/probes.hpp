#pragma once

#include "config/settings.hpp"
#include "control/backend.hpp"
#include "daemon/state_keys.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <string>

namespace medibridge::daemon {

/// See control::Backend::look_at_source(). What is given by reference outlives the task.
runtime::Task<control::SourceLook> look_at_source(boost::asio::any_io_executor executor,
                                                  const config::Settings& settings,
                                                  state::Database& database, const StateKeys& keys,
                                                  std::string name, control::LookLimits limits,
                                                  control::SeeRecords see);

} // namespace medibridge::daemon
