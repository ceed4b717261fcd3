#include "world.hpp"

#include "jumping_clock.hpp"
#include "state/sqlite_store.hpp"
#include "watched_store.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <gtest/gtest.h>
#include <optional>
#include <unistd.h>

namespace medibridge::tests {

namespace asio = boost::asio;

namespace {

std::filesystem::path make_directory() {
    auto pattern = (std::filesystem::temp_directory_path() / "medibridge-sync-XXXXXX").string();
    if (!mkdtemp(pattern.data())) throw std::runtime_error("cannot make " + pattern);
    return pattern;
}

} // namespace

World::World()
    : directory_(make_directory()),
      digester_(key),
      clock_(std::make_unique<JumpingClock>()) {
    restart();
}

World::~World() {
    sqlite_.reset();
    std::filesystem::remove_all(directory_);
}

void World::restart() {
    restart([](const std::filesystem::path&) {});
}

void World::restart(const std::function<void(const std::filesystem::path&)>& meanwhile) {
    sqlite_.reset();
    meanwhile(directory_ / "state.db");
    sqlite_ = state::open_sqlite(directory_ / "state.db", state::AuditSeal(key));
    auto watched = std::make_unique<WatchedStore>(*sqlite_);
    watched->before_commit = [this] {
        ++commits;
        if (before_commit) before_commit(commits);
    };
    store_ = std::move(watched);
    database_ = std::make_unique<state::Database>(*store_, nullptr);
    sync::Environment environment{medicapp,  *database_, digester_, log,
                                  *observer, *clock_,    stop,      settings};
    synchroniser_ = std::make_unique<sync::Synchroniser>(environment, sources);
}

namespace {

/// Runs a task to its end. Rethrows what it throws.
template <class T>
T run_to_end(runtime::Task<T> task) {
    asio::io_context io;
    std::exception_ptr error;
    std::optional<T> result;
    auto done = [&](std::exception_ptr thrown, T value) {
        error = std::move(thrown);
        result = std::move(value);
    };
    asio::co_spawn(io, std::move(task), done);
    io.run();
    if (error) std::rethrow_exception(error);
    return std::move(*result);
}

constexpr std::int64_t today_ms = 1'800'000'000'000;

runtime::Task<bool> pass_on(runtime::Clock& clock, std::chrono::milliseconds time) {
    co_await clock.sleep_for(time);
    co_return true;
}

} // namespace

sync::Report World::run(sync::Request request) {
    return run_to_end(synchroniser_->run(std::move(request)));
}

sync::Report World::run_whole() {
    sync::Request request;
    request.full = true;
    return run(std::move(request));
}

sync::Report World::take_arrivals() {
    EXPECT_TRUE(takes_arrivals());
    sync::Request request;
    request.only_arrivals = true;
    return run(std::move(request));
}

void World::pass(std::chrono::milliseconds time) {
    run_to_end(pass_on(*clock_, time));
}

sync::Inquiry World::look(const std::string& key) {
    return run_to_end(synchroniser_->inquire(synchroniser_->sides(), key, today_ms));
}

std::string World::decide(sync::Order order) {
    order.actor = {"anne", 1001};
    return run_to_end(synchroniser_->decide(synchroniser_->sides(), std::move(order), today_ms));
}

void World::look_and_decide(const std::string& key, sync::DecisionKind kind,
                            const std::string& medicapp_id) {
    sync::Order order;
    order.key = key;
    order.kind = kind;
    order.medicapp_id = medicapp_id;
    order.token = reconcile::hex(look(key).token);
    EXPECT_EQ(decide(std::move(order)), "");
}

void World::fill_his(int count) {
    static const std::array<const char*, 5> names{"Bernard", "Petit", "Durand", "Leroy", "Moreau"};
    for (int i = 1; i <= count; ++i) {
        auto one = record("P" + std::to_string(i));
        const auto name = std::string(names[static_cast<std::size_t>(i) % names.size()]);
        std::string letters;
        for (int rest = i; rest > 0; rest /= 26)
            letters += static_cast<char>('a' + rest % 26);
        one.patient[reconcile::Field::last_name] = reconcile::FieldValue::known(name + letters);
        one.modified_at = *one.modified_at + std::chrono::seconds(i);
        his.records.push_back(std::move(one));
    }
}

std::vector<state::Held> World::held() {
    return sqlite_->held();
}

void World::let_settle() {
    medicapp.now += settings.overlap + std::chrono::seconds(2);
    his.now += settings.overlap + std::chrono::seconds(2);
}

sync::Consent consent_to(const sync::Report& report, std::string_view guard) {
    sync::Consent consent;
    for (const auto& alarm : report.alarms)
        if (alarm.guard == guard) consent.add(sync::Consent::to(alarm.evidence));
    return consent;
}

std::vector<std::string> guards_of(const sync::Report& report) {
    std::vector<std::string> guards;
    for (const auto& alarm : report.alarms)
        guards.push_back(alarm.guard);
    return guards;
}

reconcile::FieldSet fields(std::initializer_list<reconcile::Field> list) {
    reconcile::FieldSet set;
    for (const auto field : list)
        set.add(field);
    return set;
}

const std::string& text(const connectors::MedicappPatient& patient, reconcile::Field field) {
    return patient.patient[field].text();
}

} // namespace medibridge::tests
