#include "process.hpp"

#include "disk/simulated_facts.hpp"
#include "source_environment.hpp"
#include "watched_store.hpp"

#include "config/load.hpp"
#include "connectors/medicapp/client.hpp"
#include "connectors/rest/kind.hpp"
#include "connectors/rest/source.hpp"
#include "state/sqlite/connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <stdexcept>
#include <utility>

namespace medibridge::simulation {

namespace asio = boost::asio;

namespace {

/// Thrown where the process ends: nothing of it goes on.
struct Died {};

constexpr std::array<std::uint8_t, 32> state_key{11, 22, 33};

sync::Settings sync_settings(const config::Settings& settings, const std::string& mapping) {
    sync::Settings its;
    its.overlap = settings.sync.overlap;
    its.concurrency = settings.medicapp.concurrency;
    its.policy = settings.sync.policy;
    its.identity = settings.identity;
    its.max_changes_ratio = settings.sync.max_changes.ratio;
    its.max_changes_at_least = settings.sync.max_changes.at_least;
    for (const auto& source : settings.his)
        its.mappings[source.name] = {{"fields.phone", mapping}};
    return its;
}

std::unique_ptr<state::Store> open_state(disk::SimulatedDisk& disk) {
    state::Surroundings surroundings;
    surroundings.vfs = disk.vfs();
    return state::open_sqlite_on_vfs("state.db", state::AuditSeal(state_key), surroundings,
                                     std::make_unique<disk::SimulatedFacts>(disk));
}

/// A source of the configuration.
std::string source_text(const std::string& name, const std::string& page_size) {
    return "  - name: " + name + R"(
    type: rest
    url: https://his.example/api/patients
    page_size: )" +
           page_size + R"(
    query: {modified_after: modifie_apres, page: page, per_page: taille}
    records: /patients
    total_pages: /pagination/pages
    fields:
      externalId: /ipp
      lastName: /etatCivil/nomNaissance
      firstName: /etatCivil/prenoms/0
      birthDate: {at: /etatCivil/dateNaissance, format: "%d/%m/%Y"}
      gender: {at: /etatCivil/sexe, map: {"1": M, "2": F, "9": O}}
      email: /contact/mail
      phone: /contact/mobile
      address.street: /adresse/voie
      address.city: /adresse/commune
      address.postalCode: /adresse/cp
      address.country: /adresse/pays
      modifiedAt: /majLe
      active: /actif
      deceased: /decede
      identityStatus: /statutIdentite
      mergedInto: /remplacePar
)";
}

} // namespace

struct Process::Parts {
    Parts(state::Store& store, Network& network, const std::vector<Mailbox*>& mailboxes,
          tests::VirtualClock& clock, const config::Settings& settings, const std::string& mapping,
          log::EventLog& log, std::uint64_t seed)
        : watched(store),
          database(watched, nullptr),
          client(network.medicapp(), clock, log,
                 connectors::client_settings(settings.medicapp, seed)),
          digester(state_key),
          synchronised(sync_settings(settings, mapping)) {
        std::vector<connectors::Source*> pointers;
        for (const auto& source : settings.his) {
            const auto make_list = [&](http::Transport& line) {
                return std::make_unique<connectors::RestSource>(
                    tests::source_environment(source.name, {}, clock, log,
                                              seed + sources.size() + 1),
                    dynamic_cast<const connectors::RestSettings&>(*source.its),
                    std::make_unique<tests::OneTransport>(line));
            };
            if (sources.size() < mailboxes.size())
                sources.push_back(make_pushed_source(*mailboxes[sources.size()], make_list));
            else
                sources.push_back(make_list(network.his()));
            pointers.push_back(sources.back().get());
        }
        const sync::Environment environment{client,   database, digester, log,
                                            observer, clock,    stop,     synchronised};
        synchroniser = std::make_unique<sync::Synchroniser>(environment, std::move(pointers));
    }

    tests::WatchedStore watched;
    state::Database database;
    connectors::MedicappClient client;
    reconcile::Digester digester;
    std::vector<std::unique_ptr<connectors::Source>> sources;
    sync::Settings synchronised;
    sync::Observer observer;
    runtime::Stop stop;
    std::unique_ptr<sync::Synchroniser> synchroniser;
};

Process::Process(asio::io_context& io, tests::VirtualClock& clock, Network& network,
                 const std::vector<Mailbox*>& mailboxes, disk::SimulatedDisk& disk,
                 const config::Settings& settings, const std::string& mapping, log::EventLog& log,
                 std::uint64_t seed)
    : io_(&io),
      clock_(&clock),
      network_(&network),
      store_(open_state(disk)) {
    parts_ =
        std::make_unique<Parts>(*store_, network, mailboxes, clock, settings, mapping, log, seed);
    auto step = [this] { this->step(); };
    parts_->watched.before_commit = step;
    parts_->watched.after_commit = step;
    parts_->watched.before_read = [this] {
        if (dead_) throw Died();
    };
    network.on_step = [this] {
        if (!dead_ && dies_here && dies_here()) die();
    };
    network.reconnect();
}

Process::~Process() = default;

void Process::step() {
    if (dead_) throw Died();
    if (!dies_here || !dies_here()) return;
    die();
    throw Died();
}

void Process::die() {
    dead_ = true;
    network_->disconnect();
    parts_->client.cancel();
    for (const auto& source : parts_->sources)
        source->cancel();
}

bool Process::takes_arrivals() const {
    return parts_->synchroniser->takes_arrivals();
}

Process::Ended Process::run_cycle(sync::Request request) {
    Ended ended;
    bool finished = false;
    std::exception_ptr error;
    auto done = [&](std::exception_ptr thrown, sync::Report report) {
        finished = true;
        error = std::move(thrown);
        ended.report = std::move(report);
    };
    // As the service does, some minutes after a refusal.
    parts_->client.try_credentials();
    asio::co_spawn(*io_, parts_->synchroniser->run(std::move(request)), done);
    running_ = true;
    run_until([&] { return finished && operators_ == 0; });
    running_ = false;
    if (!finished) throw std::logic_error("the cycle waits for something that never comes");
    if (!error && !dead_) return ended;
    ended.report.reset();
    try {
        if (error) std::rethrow_exception(error);
    } catch (const Died&) { // NOLINT: that it died is what dead() says
    } catch (const state::StoreError& failure) {
        ended.failure = failure.what();
    }
    return ended;
}

void Process::run_until(const std::function<bool()>& ended) {
    io_->restart();
    do {
        io_->poll();
        io_->restart();
    } while (!ended() && clock_->advance());
}

runtime::Task<void> Process::look_and_decide(sync::Synchroniser* synchroniser, std::string key,
                                             std::int64_t wall_clock_ms, Choice choose,
                                             Taken taken) {
    const auto seen = co_await synchroniser->inquire(synchroniser->sides(), key, wall_clock_ms);
    const auto order = choose(seen);
    if (!order) co_return;
    const auto refusal =
        co_await synchroniser->decide(synchroniser->sides(), *order, wall_clock_ms);
    if (refusal.empty()) taken(*order);
}

void Process::ask_operator(const std::string& key, std::int64_t wall_clock_ms, Choice choose,
                           Taken taken) {
    ++operators_;
    auto done = [this](std::exception_ptr error) {
        --operators_;
        try {
            if (error) std::rethrow_exception(error);
        } catch (const Died&) {                 // NOLINT: that it died is what dead() says
        } catch (const state::StoreError&) {    // NOLINT: the operator is told, and nothing changed
        } catch (const sync::SideUnreadable&) { // NOLINT: likewise
        }
    };
    asio::co_spawn(*io_,
                   look_and_decide(parts_->synchroniser.get(), key, wall_clock_ms,
                                   std::move(choose), std::move(taken)),
                   done);
    if (!running_) run_until([&] { return operators_ == 0; });
}

config::Settings simulated_settings(const std::string& sync, int inboxes) {
    const std::string page_size = inboxes > 0 ? "1000" : "3";
    auto text = R"(
medicapp:
  base_url: https://medicapp.example/v5
  api_key: {env: KEY}
state: {path: /nowhere/state.db}
sync: {)" + sync +
                "}\nhis:\n" + source_text("dpi", page_size);
    if (inboxes > 1) text += source_text("adt", page_size);
    const auto environment = [](const std::string&) {
        return std::optional<std::string>("sk_simulated");
    };
    auto loaded = config::load_text(text, "simulation", environment, {&connectors::rest_kind()});
    if (!loaded.settings) throw std::logic_error(loaded.mistakes.front().to_string());
    return std::move(*loaded.settings);
}

} // namespace medibridge::simulation
