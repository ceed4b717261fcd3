#pragma once

#include "base/log/event.hpp"
#include "base/runtime/clock.hpp"
#include "base/runtime/worker.hpp"
#include "daemon/sources.hpp"
#include "daemon/state_keys.hpp"
#include "hospital.hpp"
#include "state/database.hpp"

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace medibridge::tests {

/// The source that a hospital's configuration describes, in this process, with its real clients and
/// an inbox in a state of its own. It listens where others push.
class OneSource {
  public:
    explicit OneSource(const Hospital& hospital);
    ~OneSource();
    OneSource(const OneSource&) = delete;
    OneSource& operator=(const OneSource&) = delete;

    connectors::Source& operator*() const { return *sources_->all().front(); }
    connectors::Source* operator->() const { return sources_->all().front(); }

    /// A whole reading, as texts without their places, by externalId. Fails the test for an error.
    std::multimap<std::string, std::string> read(connectors::SourceReading& reading);
    std::multimap<std::string, std::string> all() { return read(*(*this)->read(std::nullopt)); }
    /// What read_one() shows of that externalId.
    std::vector<std::string> one(const std::string& external_id);

    /// Takes what others push meanwhile.
    void work_for(std::chrono::milliseconds time);

  private:
    class NoLog final : public log::EventLog {
      public:
        void write(const log::Event&) override {}
    };

    template <class T>
    T run(runtime::Task<T> task);

    TemporaryDirectory directory_;
    boost::asio::io_context io_{1};
    runtime::SteadyClock clock_{io_.get_executor()};
    NoLog log_;
    runtime::Worker worker_;
    std::unique_ptr<state::Store> store_;
    std::unique_ptr<state::Database> database_;
    std::unique_ptr<daemon::StateKeys> keys_;
    std::unique_ptr<daemon::Sources> sources_;
};

} // namespace medibridge::tests
