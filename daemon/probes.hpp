#pragma once

#include "config/settings.hpp"
#include "connectors/medicapp/values.hpp"
#include "control/backend.hpp"
#include "daemon/state_keys.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <string>

/// Looks at both sides beside the cycles, with clients of their own: a cycle notices nothing of it,
/// and what keeps a cycle waiting does not keep these.
namespace medibridge::daemon {

/// See control::Backend::look_at_source(). What is given by reference outlives the task.
runtime::Task<control::SourceLook> look_at_source(boost::asio::any_io_executor executor,
                                                  const config::Settings& settings,
                                                  state::Database& database, const StateKeys& keys,
                                                  std::string name, control::LookLimits limits,
                                                  control::SeeRecords see);

/// See control::Backend::ask_medicapp().
runtime::Task<connectors::Reply<connectors::MedicappPage>>
ask_medicapp(boost::asio::any_io_executor executor, const config::MedicappSettings& settings,
             connectors::ListQuery query, std::chrono::milliseconds limit);

} // namespace medibridge::daemon
