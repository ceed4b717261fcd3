#pragma once

#include "base/http/client.hpp"
#include "base/log/event.hpp"
#include "base/runtime/clock.hpp"
#include "config/settings.hpp"
#include "connectors/medicapp/client.hpp"
#include "connectors/source/source.hpp"
#include "daemon/sources.hpp"
#include "daemon/state_keys.hpp"
#include "state/database.hpp"
#include "sync/shell/inquiry.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <vector>

/// Both sides for a look at them beside the cycles, by clients of their own: a cycle notices
/// nothing of it, and what keeps a cycle waiting does not keep the person who looks.
namespace medibridge::daemon {

/// A person waits for the answer.
inline constexpr std::chrono::seconds side_limit{10};
/// The same of a side of which it is known that it does not answer now.
inline constexpr std::chrono::milliseconds silent_side_limit{2'000};
/// Names of sides, `medicapp` among them.
using SilentSides = std::set<std::string>;

class NoLog final : public log::EventLog {
  public:
    void write(const log::Event&) override {}
};

/// Medicapp, to be read only. Each call ends within the limit; after one that did not, all do at
/// once. What is given by reference outlives it.
class OwnMedicapp final : public connectors::Medicapp {
  public:
    /// `attempts`: at most, of one call. 0: as many as the cycles make, in that time.
    /// `form`: what the cycles' client knows of the form in which Medicapp is read; null: nothing.
    OwnMedicapp(const boost::asio::any_io_executor& executor,
                const config::MedicappSettings& settings,
                std::shared_ptr<connectors::FormKnown> form, std::chrono::milliseconds limit,
                int attempts);

    runtime::Task<connectors::Reply<connectors::MedicappPage>>
    list(connectors::ListQuery query) override;
    runtime::Task<connectors::Reply<connectors::MedicappPatient>> get(std::string id) override;
    /// These throw std::logic_error.
    runtime::Task<connectors::Reply<connectors::MedicappPatient>>
    create(reconcile::Patient patient) override;
    runtime::Task<connectors::Reply<connectors::MedicappPatient>>
    update(connectors::PatientUpdate update) override;

  private:
    template <class T>
    runtime::Task<connectors::Reply<T>> in_time(runtime::Task<connectors::Reply<T>> call);

    std::chrono::milliseconds limit_;
    runtime::SteadyClock clock_;
    NoLog log_;
    http::Client transport_;
    connectors::MedicappClient client_;
};

/// Medicapp and every source, for one look at one patient. What is given by reference outlives it.
class OwnSides {
  public:
    OwnSides(const boost::asio::any_io_executor& executor, const config::Settings& settings,
             std::shared_ptr<connectors::FormKnown> form, state::Database& database,
             const StateKeys& keys, const SilentSides& silent);
    ~OwnSides();

    sync::Sides sides();

  private:
    class TimedSource;

    runtime::SteadyClock clock_;
    NoLog log_;
    OwnMedicapp medicapp_;
    Sources sources_;
    std::vector<std::unique_ptr<TimedSource>> timed_;
};

} // namespace medibridge::daemon
