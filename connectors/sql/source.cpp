#include "connectors/sql/source.hpp"

#include "base/log/catalogue.hpp"
#include "connectors/sql/odbc_text.hpp"
#include "connectors/sql/reading.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace medibridge::connectors {
namespace {

SqlAccess access_of(const SqlSettings& settings, std::chrono::milliseconds grace) {
    SqlAccess access;
    access.attributes = settings.connection;
    if (settings.password) {
        access.password = settings.password->reveal();
        while (access.attributes.ends_with(';') || access.attributes.ends_with(' '))
            access.attributes.pop_back();
        access.attributes += odbc_attribute("Pwd", access.password);
    }
    access.timeout = settings.timeout;
    access.grace = grace;
    return access;
}

std::size_t place_of(const config::FieldPlaces& fields, const std::string& field) {
    const auto found = fields.find(field);
    if (found == fields.end())
        throw std::invalid_argument("fields." + field + " is missing: rows are read in its order");
    return static_cast<std::size_t>(std::distance(fields.begin(), found));
}

} // namespace

SqlSource::Shared::Shared(SourceEnvironment its, const SqlSettings& settings_, SqlLimits limits_)
    : name(std::move(its.name)),
      access(access_of(settings_, limits_.grace)),
      page_size(std::max<std::int64_t>(static_cast<std::int64_t>(settings_.page_size), 2)),
      mapping(settings_.fields, settings_.timezone),
      key_place(place_of(settings_.fields, "externalId")),
      time_place(place_of(settings_.fields, "modifiedAt")),
      time(settings_.fields.at("modifiedAt"), settings_.timezone),
      query(settings_.query),
      executor(std::move(its.executor)),
      clock(its.clock),
      log(its.log),
      backoff(limits_.retries.first_delay, limits_.retries.longest_delay, its.seed),
      limits(limits_),
      figures(std::move(its.figures)) {
    figures->patience_ms = std::max(figures->patience_ms, access.timeout.count());
    if (settings_.fields.contains("mergedInto"))
        survivor_place = place_of(settings_.fields, "mergedInto");
    if (!settings_.null_query.empty()) null_query.emplace(settings_.null_query);
    if (!settings_.lookup.empty()) lookup.emplace(settings_.lookup);
}

runtime::Task<void> SqlSource::Shared::wait(runtime::Duration delay) const {
    const auto until = clock.now() + delay;
    // Others may wake the clock too.
    while (!cancelled && clock.now() < until) {
        co_await clock.sleep_until(until);
    }
}

void SqlSource::Shared::drop(std::string_view field, const std::string& reason) {
    log.write(log::Event(log::events::field_dropped)
                  .with(log::Key::source, name)
                  .with(log::Key::fields, std::string(field))
                  .with(log::Key::reason, reason));
}

SqlSource::SqlSource(SourceEnvironment its, const SqlSettings& settings, SqlLimits limits)
    : shared_(std::make_shared<Shared>(std::move(its), settings, limits)) {}

SqlSource::~SqlSource() {
    shared_->threads->wait_for_all(shared_->limits.farewell);
}

const std::string& SqlSource::name() const {
    return shared_->name;
}

std::unique_ptr<SourceReading> SqlSource::read(std::optional<reconcile::Instant> since) {
    return std::make_unique<Reading>(shared_, since);
}

std::unique_ptr<SourceReading> SqlSource::read_one(const std::string& external_id) {
    auto reading = std::make_unique<Reading>(shared_, std::nullopt);
    if (shared_->lookup) reading->keep_to(external_id);
    return reading;
}

bool SqlSource::reads_one() const {
    return shared_->lookup.has_value();
}

std::int64_t SqlSource::requests() const {
    return shared_->requests;
}

void SqlSource::cancel() {
    shared_->cancelled = true;
    for (auto* session : shared_->sessions)
        session->cancel();
    shared_->clock.wake();
}

} // namespace medibridge::connectors
