#include "daemon/sources.hpp"

#include "connectors/csv/csv_source.hpp"
#include "connectors/fhir/fhir_source.hpp"
#include "connectors/inbox/inbox_source.hpp"
#include "connectors/rest/rest_source.hpp"
#include "connectors/sql/sql_source.hpp"
#include "daemon/random_seed.hpp"

#include <chrono>
#include <utility>
#include <variant>

namespace medibridge::daemon {

using connectors::InboxSource;
using connectors::MllpListener;
using connectors::SealedInbox;
using connectors::SealedRecords;
using runtime::Task;

namespace {

template <class... Cases>
struct Overloaded : Cases... {
    using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

reconcile::Instant machine_time() {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

} // namespace

Sources::Sources(const std::vector<config::SourceSettings>& settings,
                 const Surroundings& surroundings) {
    for (const auto& source : settings)
        add(source, surroundings);
}

void Sources::add(const config::SourceSettings& settings, const Surroundings& its) {
    const auto& name = settings.name;
    const Overloaded make{
        [&](const config::RestSource& rest) {
            return connectors::make_rest_source(name, rest, its.executor, its.clock, its.log,
                                                random_seed());
        },
        [&](const config::FhirSource& fhir) {
            auto regional = fhir;
            regional.default_region = its.identity.default_region;
            return connectors::make_fhir_source(name, regional, its.executor, its.clock, its.log,
                                                random_seed());
        },
        [&](const config::SqlSource& sql) {
            return connectors::make_sql_source(name, sql, its.executor, its.clock, its.log,
                                               random_seed());
        },
        [&](const config::CsvSource& csv) {
            return connectors::make_csv_source(name, csv, make_inbox(name, its), its.executor,
                                               its.clock, its.log, its.dry_run, its.on_arrival);
        },
        [&](const config::Hl7Source& hl7) -> std::unique_ptr<connectors::Source> {
            auto& inbox = make_inbox(name, its);
            auto listener = std::make_unique<MllpListener>(
                name, hl7, inbox, its.executor, its.clock, its.log, connectors::MllpLimits(),
                its.identity.default_region);
            if (its.on_arrival) listener->on_arrival(its.on_arrival);
            listeners_.push_back(std::move(listener));
            return std::make_unique<InboxSource>(name, inbox);
        },
    };
    sources_.push_back(std::visit(make, settings.source));
}

SealedInbox& Sources::make_inbox(const std::string& name, const Surroundings& its) {
    SealedRecords records(name, its.keys.seal, its.keys.digester);
    inboxes_.push_back(std::make_unique<SealedInbox>(its.executor, its.database, std::move(records),
                                                     its.log, machine_time, its.identity));
    return *inboxes_.back();
}

std::vector<connectors::Source*> Sources::all() const {
    std::vector<connectors::Source*> pointers;
    for (const auto& source : sources_)
        pointers.push_back(source.get());
    return pointers;
}

void Sources::listen() {
    listening_ = true;
    for (const auto& listener : listeners_)
        listener->start();
}

Task<void> Sources::stop_listening() {
    if (!std::exchange(listening_, false)) co_return;
    for (const auto& listener : listeners_)
        co_await listener->stop();
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
