#include "daemon/probes.hpp"

#include "base/runtime/clock.hpp"
#include "connectors/inbox/sealed_records.hpp"
#include "daemon/own_sides.hpp"
#include "daemon/sources.hpp"
#include "daemon/time_limit.hpp"

#include <algorithm>
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

/// Pages without a record, before the last one, that are looked beyond: a list may be asked for
/// the page 1 in vain before its page 0.
constexpr std::int64_t most_empty_pages = 3;

Task<void> read_pages(connectors::Source& source, LookLimits limits, const SeeRecords& see,
                      SourceLook& look) {
    const auto reading = source.read(std::nullopt);
    std::int64_t empty_pages = 0;
    while (look.pages < limits.pages) {
        auto page = co_await reading->next();
        if (!page) {
            look.trouble = page.error().what;
            look.unauthorized = page.error().kind == connectors::SourceError::Kind::unauthorized;
            co_return;
        }
        if (!look.server_time) look.server_time = page->server_time;
        const bool is_empty = page->records.empty() && !page->last;
        if (is_empty && ++empty_pages <= most_empty_pages) continue;
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
            page.push_back(records.shown(entry));
            after = entry.sequence;
        }
        const bool goes_on = see(page);
        look.complete = entries.empty();
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
    Sources::Surroundings its{executor, database, keys, clock, log, settings.identity, true, {}};
    its.most_attempts = 1;
    const Sources sources({settings_of(settings, name)}, its);
    auto& source = *sources.all().front();
    SourceLook look;
    if (source.keeps_cursor()) {
        const connectors::SealedRecords records(name, keys.seal, keys.digester);
        co_await read_inbox(database, records, limits, see, look);
        co_return look;
    }
    auto end = [&] {
        source.cancel();
        clock.wake();
    };
    const bool in_time =
        co_await within(limits.time, std::move(end), read_pages(source, limits, see, look));
    if (!in_time) look.trouble = no_answer_within(limits.time);
    co_return look;
}

} // namespace medibridge::daemon
