#pragma once

#include "base/log/event.hpp"
#include "base/runtime/clock.hpp"
#include "config/settings.hpp"
#include "connectors/inbox/inbox.hpp"
#include "connectors/source/source.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string>

namespace medibridge::connectors {

/// A HIS that drops CSV files into a folder. Each reading brings what lies there to `inbox` first,
/// and then gives what the inbox holds.
///
/// `on_arrival` (may be empty: the folder is not watched) is called on the executor's thread when a
/// file has come that a reading would take. With `dry_run` nothing is moved or written in the
/// folder; `inbox` is filled all the same, so it should be one that is thrown away. `inbox`,
/// `clock` and `log` must outlive the source and what is under way. Throws std::invalid_argument
/// for settings that cannot work.
std::unique_ptr<Source> make_csv_source(std::string name, const config::CsvSource& settings,
                                        Inbox& inbox, boost::asio::any_io_executor executor,
                                        runtime::Clock& clock, log::EventLog& log, bool dry_run,
                                        std::function<void()> on_arrival = {});

} // namespace medibridge::connectors
