#include "one_source.hpp"

#include "config/load.hpp"
#include "connectors/inbox/sealed_records.hpp"
#include "connectors/kinds/kinds.hpp"
#include "state/sqlite_store.hpp"

#include <boost/asio/co_spawn.hpp>
#include <cstdlib>
#include <exception>
#include <gtest/gtest.h>

namespace medibridge::tests {
namespace {

config::Settings settings_of(const Hospital& hospital) {
    const config::Environment nothing = [](const std::string&) {
        return std::optional<std::string>();
    };
    auto loaded = config::load(hospital.config(), nothing, connectors::source_kinds());
    for (const auto& mistake : loaded.mistakes)
        ADD_FAILURE() << mistake.to_string();
    return std::move(loaded.settings).value();
}

runtime::Task<bool> stopped(daemon::Sources& sources) {
    co_await sources.stop_listening();
    co_return true;
}

} // namespace

OneSource::OneSource(const Hospital& hospital) {
    auto settings = settings_of(hospital);
    settings.state.path = directory_.path() / "state.db";
    keys_ = std::make_unique<daemon::StateKeys>(daemon::make_state_keys(settings.state, false));
    store_ = state::open_sqlite(settings.state.path, keys_->audit_seal);
    database_ = std::make_unique<state::Database>(*store_, &worker_);
    const daemon::Sources::Surroundings surroundings{.executor = io_.get_executor(),
                                                     .database = *database_,
                                                     .keys = *keys_,
                                                     .clock = clock_,
                                                     .log = log_,
                                                     .identity = settings.identity,
                                                     .dry_run = false,
                                                     .on_arrival = [] {}};
    sources_ = std::make_unique<daemon::Sources>(settings.his, surroundings);
    sources_->listen();
}

OneSource::~OneSource() {
    run(stopped(*sources_));
    sources_->cancel();
    io_.restart();
    io_.run_for(std::chrono::seconds(1));
}

void OneSource::work_for(std::chrono::milliseconds time) {
    io_.restart();
    io_.run_for(time);
}

/// Not to the end of all work: who listens never comes to it.
template <class T>
T OneSource::run(runtime::Task<T> task) {
    std::exception_ptr error;
    std::optional<T> result;
    auto on_end = [&](std::exception_ptr thrown, T value) {
        error = std::move(thrown);
        result = std::move(value);
        io_.stop();
    };
    boost::asio::co_spawn(io_, std::move(task), on_end);
    io_.restart();
    io_.run();
    if (error) std::rethrow_exception(error);
    return *std::move(result);
}

std::multimap<std::string, std::string> OneSource::read(connectors::SourceReading& reading) {
    std::multimap<std::string, std::string> records;
    for (bool last = false; !last;) {
        auto page = run(reading.next());
        if (!page) {
            ADD_FAILURE() << page.error().what;
            return records;
        }
        last = page->last;
        for (auto& record : page->records) {
            record.place.clear();
            auto id = record.patient.external_id();
            records.emplace(std::move(id), connectors::record_text(record));
        }
    }
    return records;
}

std::vector<std::string> OneSource::one(const std::string& external_id) {
    std::vector<std::string> texts;
    const auto records = read(*(*this)->read_one(external_id));
    const auto [begin, end] = records.equal_range(external_id);
    for (auto at = begin; at != end; ++at)
        texts.push_back(at->second);
    return texts;
}

} // namespace medibridge::tests
