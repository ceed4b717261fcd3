#include "daemon/probes.hpp"

#include "base/http/client.hpp"
#include "base/runtime/concurrency.hpp"
#include "connectors/inbox/sealed_records.hpp"
#include "connectors/medicapp/client.hpp"
#include "daemon/bridge.hpp"
#include "daemon/random_seed.hpp"
#include "daemon/sources.hpp"

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <utility>
#include <vector>

namespace medibridge::daemon {

using control::LookLimits;
using control::SeeRecords;
using control::SourceLook;
using runtime::Task;

namespace {

/// Entries of an inbox that are read at once.
constexpr std::size_t inbox_page = 500;

class NoLog final : public log::EventLog {
  public:
    void write(const log::Event&) override {}
};

/// Calls `end` unless the work has ended before that.
class TimeLimit {
  public:
    TimeLimit(const boost::asio::any_io_executor& executor, std::chrono::milliseconds limit,
              std::function<void()> end)
        : clock_(executor),
          watch_(executor, watch(limit, std::move(end))) {}

    bool passed() const { return passed_; }
    Task<void> join() {
        ended_ = true;
        clock_.wake();
        return watch_.join();
    }

  private:
    Task<void> watch(std::chrono::milliseconds limit, std::function<void()> end) {
        const auto until = clock_.now() + limit;
        while (!ended_ && clock_.now() < until)
            co_await clock_.sleep_until(until);
        passed_ = !ended_;
        if (passed_) end();
    }

    runtime::SteadyClock clock_;
    bool ended_ = false;
    bool passed_ = false;
    runtime::Background watch_;
};

Task<void> read_pages(connectors::Source& source, LookLimits limits, const SeeRecords& see,
                      SourceLook& look) {
    const auto reading = source.read(std::nullopt);
    while (look.pages < limits.pages) {
        auto page = co_await reading->next();
        if (!page) {
            look.trouble = page.error().what;
            look.unauthorized = page.error().kind == connectors::SourceError::Kind::unauthorized;
            co_return;
        }
        if (look.pages == 0) look.server_time = page->server_time;
        ++look.pages;
        const bool goes_on = see(page->records);
        if (page->last) {
            look.complete = true;
            look.contradiction = reading->contradiction();
            co_return;
        }
        if (!goes_on) co_return;
    }
}

/// What senders pushed, taken or not.
Task<void> read_inbox(state::Database& database, const connectors::SealedRecords& records,
                      LookLimits limits, const SeeRecords& see, SourceLook& look) {
    look.is_pushed = true;
    std::int64_t after = 0;
    while (look.pages < limits.pages) {
        auto job = [source = records.source(), after](state::Store& store) {
            return store.inbox_after(source, false, after, inbox_page);
        };
        const auto entries = co_await database.run(std::move(job));
        ++look.pages;
        std::vector<reconcile::SourceRecord> page;
        for (const auto& entry : entries) {
            if (auto record = records.open(entry)) page.push_back(*std::move(record));
            after = entry.sequence;
        }
        const bool goes_on = see(page);
        look.complete = entries.size() < inbox_page;
        if (look.complete || !goes_on) co_return;
    }
}

const config::SourceSettings& settings_of(const config::Settings& settings,
                                          const std::string& name) {
    const auto found = std::ranges::find(settings.his, name, &config::SourceSettings::name);
    if (found == settings.his.end()) throw std::logic_error("no such source");
    return *found;
}

} // namespace

Task<SourceLook> look_at_source(boost::asio::any_io_executor executor,
                                const config::Settings& settings, state::Database& database,
                                const StateKeys& keys, std::string name, LookLimits limits,
                                SeeRecords see) {
    runtime::SteadyClock clock(executor);
    NoLog log;
    // As in a dry run it changes nothing outside.
    const Sources::Surroundings its{executor, database,          keys, clock,
                                    log,      settings.identity, true, {}};
    const Sources sources({settings_of(settings, name)}, its);
    auto& source = *sources.all().front();
    SourceLook look;
    if (source.keeps_cursor()) {
        const connectors::SealedRecords records(name, keys.seal, keys.digester);
        co_await read_inbox(database, records, limits, see, look);
        co_return look;
    }
    TimeLimit limit(executor, limits.time, [&] {
        source.cancel();
        clock.wake();
    });
    std::exception_ptr failure;
    try {
        co_await read_pages(source, limits, see, look);
    } catch (...) {
        failure = std::current_exception();
    }
    co_await limit.join();
    if (failure) std::rethrow_exception(failure);
    if (limit.passed())
        look.trouble = "no answer within " + std::to_string(limits.time.count() / 1000) + " s";
    co_return look;
}

Task<connectors::Reply<connectors::MedicappPage>>
ask_medicapp(boost::asio::any_io_executor executor, const config::MedicappSettings& settings,
             connectors::ListQuery query, std::chrono::milliseconds limit) {
    runtime::SteadyClock clock(executor);
    NoLog log;
    auto transport_settings = transport_settings_of(settings);
    transport_settings.timeout = std::min(settings.timeout, limit);
    http::Client transport(executor, std::move(transport_settings));
    auto its = connectors::client_settings(settings, random_seed());
    its.most_attempts = 1;
    its.give_up = limit;
    connectors::MedicappClient client(transport, clock, log, std::move(its));
    TimeLimit watch(executor, limit, [&] {
        client.cancel();
        transport.cancel();
    });
    std::exception_ptr failure;
    connectors::Reply<connectors::MedicappPage> reply = std::unexpected(connectors::ApiError());
    try {
        reply = co_await client.list(query);
    } catch (...) {
        failure = std::current_exception();
    }
    co_await watch.join();
    if (failure) std::rethrow_exception(failure);
    if (!reply && watch.passed())
        reply.error().what = "no answer within " + std::to_string(limit.count() / 1000) + " s";
    co_return reply;
}

} // namespace medibridge::daemon
