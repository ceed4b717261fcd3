#include "daemon/sources.hpp"

#include "connectors/inbox/sealed_inbox.hpp"
#include "connectors/source/kind.hpp"
#include "daemon/random_seed.hpp"

#include <chrono>
#include <utility>

namespace medibridge::daemon {

using connectors::SealedInbox;
using connectors::SealedRecords;
using connectors::SourceEnvironment;
using runtime::Task;

namespace {

reconcile::Instant machine_time() {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

SourceEnvironment environment_of(const std::string& name, const Sources::Surroundings& its) {
    auto open_inbox = [&database = its.database, &log = its.log, executor = its.executor,
                       identity = its.identity,
                       records = SealedRecords(name, its.keys.seal, its.keys.digester)](
                          connectors::InboxQuota quota) {
        return std::make_unique<SealedInbox>(executor, database, records, log, machine_time,
                                             identity, quota);
    };
    return {.name = name,
            .executor = its.executor,
            .clock = its.clock,
            .log = its.log,
            .seed = random_seed(),
            .wall_clock = machine_time,
            .identity = its.identity,
            .words = log::PeerWords([digester = its.keys.digester](const std::string& word) {
                return digester.pseudonym(word);
            }),
            .open_inbox = std::move(open_inbox),
            .dry_run = its.dry_run,
            .most_attempts = its.most_attempts,
            .on_arrival = its.on_arrival,
            .figures = its.meters->side(name)};
}

} // namespace

Sources::Sources(const std::vector<config::SourceSettings>& settings,
                 const Surroundings& surroundings) {
    for (const auto& source : settings)
        sources_.push_back(
            connectors::make_source(source, environment_of(source.name, surroundings)));
}

std::vector<connectors::Source*> Sources::all() const {
    std::vector<connectors::Source*> pointers;
    for (const auto& source : sources_)
        pointers.push_back(source.get());
    return pointers;
}

void Sources::listen() {
    for (const auto& source : sources_)
        source->start();
}

Task<void> Sources::stop_listening() {
    for (const auto& source : sources_)
        co_await source->stop();
}

void Sources::cancel() {
    for (const auto& source : sources_)
        source->cancel();
}

std::int64_t Sources::requests() const {
    std::int64_t count = 0;
    for (const auto& source : sources_)
        count += source->requests();
    return count;
}

} // namespace medibridge::daemon
