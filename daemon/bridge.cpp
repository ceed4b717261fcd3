#include "daemon/bridge.hpp"

#include "base/http/client.hpp"
#include "base/log/catalogue.hpp"
#include "base/runtime/worker.hpp"
#include "config/source_kind.hpp"
#include "connectors/medicapp/client.hpp"
#include "daemon/random_seed.hpp"
#include "daemon/sources.hpp"
#include "daemon/state_key_check.hpp"
#include "state/sqlite_store.hpp"
#include "sync/shell/rehearsal.hpp"
#include "sync/shell/synchroniser.hpp"

#include <chrono>
#include <utility>
#include <vector>

namespace medibridge::daemon {

using runtime::Task;

namespace {

constexpr const char* full_compare_key = "full_compare_at_ms";

http::ClientSettings transport_settings(const config::MedicappSettings& settings) {
    http::ClientSettings its;
    its.origin = settings.base_url;
    its.connections = settings.concurrency;
    its.timeout = settings.timeout;
    its.ca_file = settings.ca_file;
    its.proxy = settings.proxy;
    return its;
}

sync::Settings sync_settings(const config::Settings& settings) {
    sync::Settings its;
    its.overlap = settings.sync.overlap;
    its.concurrency = settings.medicapp.concurrency;
    its.policy = settings.sync.policy;
    its.identity = settings.identity;
    its.max_changes_ratio = settings.sync.max_changes.ratio;
    its.max_changes_at_least = settings.sync.max_changes.at_least;
    for (const auto& source : settings.his) {
        its.mappings[source.name] = config::mapping_of(*source.its, settings.identity);
        if (source.contact_priority) its.contact_priority.insert(source.name);
    }
    return its;
}

std::unique_ptr<state::Store> open_store(const config::Settings& settings, bool dry_run) {
    return dry_run ? state::open_sqlite_copy(settings.state.path)
                   : state::open_sqlite(settings.state.path);
}

std::int64_t wall_clock_ms() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

/// Whether a full compare is due. It is a matter of schedule only, so this machine's clock will do:
/// if that went back, the compare comes early.
bool is_due(const std::string& last, std::chrono::milliseconds interval, std::int64_t now_ms) {
    if (interval.count() == 0 || last.empty()) return false;
    const auto at = std::stoll(last);
    return now_ms < at || now_ms - at >= interval.count();
}

} // namespace

struct Bridge::Parts {
    Parts(boost::asio::any_io_executor executor, const config::Settings& its_settings,
          runtime::Clock& its_clock, log::EventLog& its_log, const StateKeys& keys,
          sync::Observer& observer, bool is_dry_run, std::function<void()> on_arrival)
        : settings(its_settings),
          clock(its_clock),
          dry_run(is_dry_run),
          store(open_store(its_settings, is_dry_run)),
          database(*store, &worker),
          transport(executor, transport_settings(its_settings.medicapp)),
          client(transport, its_clock, its_log,
                 connectors::client_settings(its_settings.medicapp, random_seed())),
          rehearsal(client),
          synchronised(sync_settings(its_settings)),
          log(its_log) {
        check_state_key(*store, keys.digester);
        const Sources::Surroundings its{
            executor, database,          keys,    clock,
            log,      settings.identity, dry_run, std::move(on_arrival)};
        sources = std::make_unique<Sources>(settings.his, its);
        connectors::Medicapp& medicapp = dry_run ? static_cast<connectors::Medicapp&>(rehearsal)
                                                 : static_cast<connectors::Medicapp&>(client);
        const sync::Environment environment{medicapp, database, keys.digester, log,
                                            observer, clock,    stop,          synchronised};
        synchroniser = std::make_unique<sync::Synchroniser>(environment, sources->all());
    }

    const config::Settings& settings;
    runtime::Clock& clock;
    bool dry_run;
    std::unique_ptr<state::Store> store;
    runtime::Worker worker; ///< goes before the store that its jobs use
    state::Database database;
    http::Client transport;
    connectors::MedicappClient client;
    sync::RehearsalMedicapp rehearsal;
    std::unique_ptr<Sources> sources;
    sync::Settings synchronised;
    log::EventLog& log;
    runtime::Stop stop;
    std::unique_ptr<sync::Synchroniser> synchroniser;
};

Bridge::Bridge(boost::asio::any_io_executor executor, const config::Settings& settings,
               runtime::Clock& clock, log::EventLog& log, const StateKeys& keys,
               sync::Observer& observer, bool dry_run, std::function<void()> on_arrival)
    : parts_(std::make_unique<Parts>(std::move(executor), settings, clock, log, keys, observer,
                                     dry_run, std::move(on_arrival))) {}

Bridge::~Bridge() = default;

Task<sync::Report> Bridge::run_cycle(sync::Request request) {
    request.wall_clock_ms = wall_clock_ms();
    auto last_full = [](state::Store& store) { return store.meta(full_compare_key); };
    const auto last = co_await parts_->database.run(std::move(last_full));
    const auto interval = parts_->settings.sync.full_compare;
    request.full = request.full || is_due(last, interval, request.wall_clock_ms);
    const bool compares_all = request.only_source.empty() && (request.full || last.empty());

    const auto now_ms = request.wall_clock_ms;
    auto report = co_await parts_->synchroniser->run(std::move(request));
    if (compares_all && report.outcome == sync::Outcome::complete) {
        state::Batch batch;
        batch.put_meta(full_compare_key, std::to_string(now_ms));
        co_await parts_->database.commit(std::move(batch));
    }
    co_return report;
}

void Bridge::listen() {
    parts_->sources->listen();
}

Task<void> Bridge::stop_listening() {
    co_await parts_->sources->stop_listening();
}

void Bridge::stop() {
    parts_->stop.request();
    parts_->client.cancel();
    parts_->sources->cancel();
}

void Bridge::cancel() {
    stop();
    parts_->transport.cancel();
}

void Bridge::retry_credentials() {
    parts_->client.try_credentials();
}

RequestCounts Bridge::requests() const {
    const auto& medicapp = parts_->client.requests();
    RequestCounts counts;
    counts.get = medicapp.get;
    counts.post = medicapp.post;
    counts.put = medicapp.put;
    counts.retries = medicapp.retries;
    counts.rate_limited = medicapp.rate_limited;
    counts.his = parts_->sources->requests();
    return counts;
}

Task<std::int64_t> Bridge::held_count() {
    auto job = [](state::Store& store) { return store.counts().held; };
    co_return co_await parts_->database.run(std::move(job));
}

} // namespace medibridge::daemon
