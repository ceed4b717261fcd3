#include "daemon/bridge.hpp"

#include "base/log/catalogue.hpp"
#include "base/runtime/worker.hpp"
#include "connectors/medicapp/client.hpp"
#include "connectors/medicapp/probe.hpp"
#include "daemon/behaviour.hpp"
#include "daemon/cycle_memory.hpp"
#include "daemon/own_sides.hpp"
#include "daemon/probes.hpp"
#include "daemon/random_seed.hpp"
#include "daemon/sources.hpp"
#include "daemon/sync_settings.hpp"
#include "daemon/wall_clock.hpp"
#include "state/sqlite_store.hpp"
#include "sync/shell/medicapp_decorators.hpp"
#include "sync/shell/synchroniser.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <stdexcept>
#include <stop_token>
#include <utility>
#include <vector>

namespace medibridge::daemon {

using runtime::Task;

namespace {

std::unique_ptr<state::Store> open_store(const config::Settings& settings,
                                         const state::AuditSeal& seal, bool dry_run,
                                         state::CheckInBackground check) {
    return dry_run ? state::open_sqlite_copy(settings.state.path, seal)
                   : state::open_sqlite(settings.state.path, seal, std::move(check));
}

/// It tells `on_fault` on the io thread.
state::CheckInBackground check_of_state(const boost::asio::any_io_executor& executor,
                                        OnFault on_fault, const std::stop_source& end) {
    auto tell = [executor, on_fault = std::move(on_fault)](const state::StoreError& fault) {
        if (on_fault) boost::asio::post(executor, [on_fault, fault] { on_fault(fault); });
    };
    return {std::move(tell), end.get_token()};
}

template <class Settings>
Settings counted(Settings settings, std::shared_ptr<figures::Side> side) {
    settings.figures = std::move(side);
    return settings;
}

} // namespace

http::ClientSettings transport_settings_of(const config::MedicappSettings& settings) {
    http::ClientSettings its;
    its.origin = settings.base_url;
    its.connections = settings.concurrency;
    its.body_limit = connectors::longest_answer;
    its.timeout = settings.timeout;
    its.ca_file = settings.ca_file;
    its.crl_file = settings.crl_file;
    its.proxy = settings.proxy;
    return its;
}

struct Bridge::Parts {
    Parts(boost::asio::any_io_executor executor, const config::Settings& its_settings,
          runtime::Clock& its_clock, log::EventLog& its_log, const StateKeys& keys,
          sync::Observer& observer, bool is_dry_run, std::function<void()> on_arrival,
          const std::shared_ptr<figures::Meters>& meters, OnFault on_fault)
        : settings(its_settings),
          clock(its_clock),
          dry_run(is_dry_run),
          store(open_store(its_settings, keys.audit_seal, is_dry_run,
                           check_of_state(executor, std::move(on_fault), check_end))),
          database(*store, &worker, meters->commits()),
          state_keys(keys),
          must_reseal(!is_dry_run && keys.audit_seal.ring().former.has_value()),
          io(executor),
          transport(executor, counted(transport_settings_of(its_settings.medicapp),
                                      meters->side("medicapp"))),
          client(transport, its_clock, its_log,
                 counted(probed_client_settings(its_settings.medicapp, *store),
                         meters->side("medicapp"))),
          rehearsal(client),
          synchronised(sync_settings(its_settings, keys.digester)),
          log(its_log),
          full_compared_ms(last_full_compare(*store)) {
        const Sources::Surroundings its{executor,          database, keys,       clock, log,
                                        settings.identity, dry_run,  on_arrival, meters};
        sources = std::make_unique<Sources>(settings.his, its);
        const sync::Environment environment{medicapp(), database, keys.digester, log,
                                            observer,   clock,    stop,          synchronised};
        auto on_late = [this, told = std::move(on_arrival)] {
            has_answered_late = true;
            if (told) told();
        };
        synchroniser =
            std::make_unique<sync::Synchroniser>(environment, sources->all(), std::move(on_late));
    }

    connectors::Medicapp& medicapp() {
        if (dry_run) return rehearsal;
        return client;
    }

    const config::Settings& settings;
    runtime::Clock& clock;
    bool dry_run;
    std::stop_source check_end; ///< of the check of the state's file
    std::unique_ptr<state::Store> store;
    runtime::Worker worker; ///< goes before the store that its jobs use
    state::Database database;
    const StateKeys& state_keys;
    bool must_reseal; ///< former keys have sealed what is in the state
    boost::asio::any_io_executor io;
    http::Client transport;
    connectors::MedicappClient client;
    sync::RehearsalMedicapp rehearsal;
    std::unique_ptr<Sources> sources;
    sync::Settings synchronised;
    log::EventLog& log;
    std::optional<std::int64_t> full_compared_ms; ///< when the last one ended
    runtime::Stop stop;
    bool has_answered_late = false; ///< a source that a cycle had to leave
    std::unique_ptr<sync::Synchroniser> synchroniser;
};

Bridge::Bridge(boost::asio::any_io_executor executor, const config::Settings& settings,
               runtime::Clock& clock, log::EventLog& log, const StateKeys& keys,
               sync::Observer& observer, bool dry_run, std::function<void()> on_arrival,
               std::shared_ptr<figures::Meters> meters, OnFault on_fault)
    : parts_(std::make_unique<Parts>(std::move(executor), settings, clock, log, keys, observer,
                                     dry_run, std::move(on_arrival), meters, std::move(on_fault))) {
}

Bridge::~Bridge() = default;

bool Bridge::new_patient_waits() const {
    return parts_->synchroniser->new_patient_waits();
}

bool Bridge::takes_arrivals() const {
    return parts_->synchroniser->takes_arrivals() && !parts_->has_answered_late;
}

Task<sync::Report> Bridge::take_arrivals(sync::Request request) {
    request.only_arrivals = true;
    request.wall_clock_ms = wall_clock_ms();
    co_return co_await parts_->synchroniser->run(std::move(request));
}

Task<sync::Report> Bridge::run_cycle(sync::Request request) {
    co_await reseal();
    parts_->has_answered_late = false;
    request.wall_clock_ms = wall_clock_ms();
    const auto last = parts_->full_compared_ms;
    const auto interval = parts_->settings.sync.full_compare;
    request.full = request.full || is_due(last, interval, request.wall_clock_ms);
    const bool compares_all = request.only_source.empty() && (request.full || !last);

    const auto now_ms = request.wall_clock_ms;
    auto report = co_await parts_->synchroniser->run(std::move(request));
    const bool complete = report.outcome == sync::Outcome::complete;
    std::optional<std::int64_t> compared_ms;
    if (complete && compares_all) compared_ms = now_ms;
    state::Batch batch;
    remember_cycle(batch, report, wall_clock_ms(), compared_ms);
    co_await parts_->database.commit(std::move(batch));
    if (compared_ms) {
        parts_->full_compared_ms = compared_ms;
        // A clock that runs ahead must not end the proof of what was done.
        const auto server = parts_->synchroniser->medicapp_clock();
        const auto sure_ms = server ? std::min(now_ms, server->time_since_epoch().count()) : now_ms;
        co_await prune_audit(sure_ms - parts_->settings.audit.keep.count());
    }
    if (complete && !parts_->dry_run) {
        connectors::MedicappProbe probe(parts_->client, parts_->clock);
        co_await look_again(parts_->database, probe, parts_->settings.medicapp, parts_->log,
                            now_ms);
    }
    co_await parts_->database.run([](state::Store& store) { store.tidy_up(); });
    co_return report;
}

void Bridge::count_as(const Bridge& other) {
    parts_->synchroniser->count_also(other.parts_->synchroniser->counted_before());
}

void Bridge::end_cycle(const std::string& why) {
    parts_->synchroniser->end_cycle(why);
}

void Bridge::note_outage(const std::string& side, const std::string& what,
                         runtime::Duration lasted) {
    if (side == medicapp_side)
        parts_->client.note_silence(what, lasted);
    else
        parts_->synchroniser->note_outage(side, what);
}

Task<std::optional<control::FormerCycle>> Bridge::last_cycle() {
    co_return co_await parts_->database.run(&former_cycle);
}

Task<sync::Inquiry> Bridge::inquire(std::string key, SilentSides silent) {
    OwnSides own(parts_->io, parts_->settings, parts_->client.form_known(), parts_->database,
                 parts_->state_keys, silent);
    co_return co_await parts_->synchroniser->inquire(own.sides(), std::move(key), wall_clock_ms());
}

Task<std::string> Bridge::decide(sync::Order order, SilentSides silent) {
    OwnSides own(parts_->io, parts_->settings, parts_->client.form_known(), parts_->database,
                 parts_->state_keys, silent);
    try {
        co_return co_await parts_->synchroniser->decide(own.sides(), std::move(order),
                                                        wall_clock_ms());
    } catch (const sync::SideUnreadable& failure) {
        throw control::Unavailable(failure.what());
    }
}

Task<control::SourceLook> Bridge::look_at_source(std::string name, control::LookLimits limits,
                                                 control::SeeRecords see) {
    return daemon::look_at_source(parts_->io, parts_->settings, parts_->database,
                                  parts_->state_keys, std::move(name), limits, std::move(see));
}

Task<connectors::Reply<connectors::MedicappPage>>
Bridge::ask_medicapp(connectors::ListQuery query, std::chrono::milliseconds limit) {
    OwnMedicapp own(parts_->io, parts_->settings.medicapp, parts_->client.form_known(), limit, 1);
    co_return co_await own.list(query);
}

Task<connectors::Reply<connectors::MedicappPatient>>
Bridge::ask_medicapp_about(std::string medicapp_id) {
    OwnMedicapp own(parts_->io, parts_->settings.medicapp, parts_->client.form_known(), side_limit,
                    0);
    co_return co_await own.get(std::move(medicapp_id));
}

Task<connectors::Reply<void>> Bridge::erase_in_medicapp(std::string medicapp_id) {
    if (parts_->dry_run) throw std::logic_error("a dry run erases nobody");
    connectors::MedicappEraser eraser(parts_->client);
    co_return co_await eraser.erase(std::move(medicapp_id));
}

Task<connectors::Reply<connectors::Behaviour>> Bridge::look_at_behaviour() {
    connectors::MedicappProbe probe(parts_->client, parts_->clock);
    co_return co_await probe.look();
}

Task<connectors::Reply<connectors::Behaviour>> Bridge::try_sentinel(std::string external_id) {
    if (parts_->dry_run) throw std::logic_error("a dry run creates nobody");
    connectors::MedicappProbe probe(parts_->client, parts_->clock);
    co_return co_await probe.try_sentinel(std::move(external_id));
}

Task<connectors::Reply<void>> Bridge::remove_sentinels(std::string external_id) {
    if (parts_->dry_run) throw std::logic_error("a dry run deletes nobody");
    connectors::MedicappProbe probe(parts_->client, parts_->clock);
    co_return co_await probe.remove_sentinels(std::move(external_id));
}

/// Some rows at a time, as others wait for the state meanwhile; the next cycle goes on with it.
Task<void> Bridge::reseal() {
    constexpr std::size_t rows = 1'000;
    while (parts_->must_reseal && !parts_->stop.requested()) {
        auto job = [](state::Store& store) { return store.reseal(rows); };
        parts_->must_reseal = co_await parts_->database.run(std::move(job));
        if (!parts_->must_reseal) parts_->log.write(log::Event(log::events::state_resealed));
    }
}

/// Some lines at a time, as others wait for the state meanwhile.
Task<void> Bridge::prune_audit(std::int64_t before_ms) {
    std::int64_t removed = 1;
    while (removed > 0 && !parts_->stop.requested()) {
        auto job = [before_ms](state::Store& store) { return store.prune_audit(before_ms); };
        removed = co_await parts_->database.run(std::move(job));
    }
}

void Bridge::listen() {
    parts_->sources->listen();
}

Task<void> Bridge::stop_listening() {
    co_await parts_->sources->stop_listening();
    parts_->sources->cancel();
    co_await parts_->synchroniser->drain();
}

void Bridge::stop() {
    parts_->stop.request();
    parts_->client.cancel();
    parts_->sources->cancel();
}

void Bridge::cancel() {
    stop();
    parts_->transport.cancel();
    parts_->check_end.request_stop();
}

void Bridge::retry_credentials() {
    parts_->client.try_credentials();
}

control::RequestCounts Bridge::requests() const {
    const auto& medicapp = parts_->client.requests();
    control::RequestCounts counts;
    counts.get = medicapp.get;
    counts.post = medicapp.post;
    counts.put = medicapp.put;
    counts.retries = medicapp.retries;
    counts.rate_limited = medicapp.rate_limited;
    counts.his = parts_->sources->requests();
    return counts;
}

MedicappCondition Bridge::condition() const {
    const auto& client = parts_->client;
    return {client.failing(), client.credentials_refused(), client.rate(), client.refusal()};
}

connectors::MedicappPace Bridge::pace() const {
    return parts_->client.pace();
}

std::vector<std::string> Bridge::inboxes() const {
    std::vector<std::string> names;
    for (const auto* source : parts_->sources->all())
        if (source->keeps_cursor()) names.push_back(source->name());
    return names;
}

std::optional<std::int64_t> Bridge::next_full_compare_ms() const {
    const auto interval = parts_->settings.sync.full_compare;
    if (interval.count() == 0 || !parts_->full_compared_ms) return std::nullopt;
    return *parts_->full_compared_ms + interval.count();
}

state::Database& Bridge::database() {
    return parts_->database;
}

connectors::Medicapp& Bridge::medicapp() {
    return parts_->medicapp();
}

Task<state::Waiting> Bridge::waiting() {
    auto job = [](state::Store& store) { return store.waiting(); };
    co_return co_await parts_->database.run(std::move(job));
}

} // namespace medibridge::daemon
