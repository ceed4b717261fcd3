#include "daemon/monitoring.hpp"

#include "base/bytes/ascii.hpp"
#include "base/log/catalogue.hpp"
#include "config/site.hpp"
#include "daemon/process_numbers.hpp"
#include "daemon/version.hpp"
#include "daemon/wall_clock.hpp"
#include "state/store.hpp"

#include <array>
#include <exception>
#include <filesystem>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace medibridge::daemon {

namespace fs = std::filesystem;
using monitoring::StateNumbers;
using runtime::Task;

namespace {

constexpr std::size_t most_scrapers = 16;
constexpr std::size_t most_of_a_host = 12;
constexpr std::size_t most_header_bytes = 8u << 10;
constexpr std::size_t most_request_bytes = 1024; // none is expected
/// How old the state's numbers may be before they are read beside a scrape.
constexpr std::chrono::seconds state_age{15};

http::ServerSettings scrape_settings() {
    http::ServerSettings settings;
    settings.connections = most_scrapers;
    settings.connections_of_client = most_of_a_host;
    settings.header_limit = most_header_bytes;
    settings.body_limit = most_request_bytes;
    settings.idle_limit = std::chrono::seconds(75); // longer than a scrape interval of a minute
    return settings;
}

std::vector<std::string> own_names(const std::vector<std::string>& given) {
    auto names = given;
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0') {
        names.push_back(base::ascii_lower_case(name.data()));
    }
    return names;
}

std::int64_t size_of(const fs::path& state) {
    std::int64_t bytes = 0;
    for (const char* ending : {"", "-wal", ".facts"}) {
        std::error_code absent;
        const auto size = fs::file_size(state.string() + ending, absent);
        if (!absent) bytes += static_cast<std::int64_t>(size);
    }
    return bytes;
}

std::int64_t free_beside(const fs::path& state) {
    std::error_code failure;
    const auto space = fs::space(state.has_parent_path() ? state.parent_path() : ".", failure);
    return failure ? 0 : static_cast<std::int64_t>(space.available);
}

StateNumbers numbers_of(state::Store& store, const std::vector<std::string>& sides,
                        const std::vector<std::string>& inboxes) {
    StateNumbers it;
    it.linked = store.counts().links;
    it.waiting = store.waiting();
    for (const auto& side : sides) {
        const auto mark = store.watermark(side == "medicapp" ? side : "his:" + side);
        if (mark.stamp) it.watermarks[side] = *mark.stamp;
    }
    for (const auto& source : inboxes)
        it.inboxes[source] = store.inbox_load(source);
    return it;
}

monitoring::Pace pace_of(const connectors::MedicappPace& pace) {
    monitoring::Pace it;
    it.rate = pace.rate;
    it.limit_found = pace.limit_found;
    it.pause_left_s = std::chrono::duration<double>(pace.pause_left).count();
    it.pauses = pace.pauses;
    it.under_way = static_cast<std::int64_t>(pace.under_way);
    it.waiting = static_cast<std::int64_t>(pace.waiting);
    return it;
}

std::string address_text(const config::ListenAddress& address) {
    const bool is_v6 = address.host.contains(':');
    return (is_v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

} // namespace

Monitoring::Monitoring(const boost::asio::any_io_executor& executor, const ServiceBackend& backend,
                       const CycleWatch& watch, const CycleQueue& queue)
    : executor_(executor),
      backend_(&backend),
      watch_(&watch),
      queue_(&queue),
      started_ms_(wall_clock_ms()),
      pages_([this] { return look(); }),
      server_(executor, scrape_settings(),
              [this](const http::ServerRequest& request, http::ResponseWriter& writer) {
                  return pages_.handle(request, writer);
              }) {}

monitoring::Snapshot Monitoring::look() {
    monitoring::Snapshot it;
    it.now_ms = wall_clock_ms();
    it.started_ms = started_ms_;
    it.version = version();
    it.commit = commit();
    it.process = process_numbers();
    if (!installation_) return it;
    const auto& settings = installation_->settings;
    const auto& bridge = installation_->bridge;
    it.is_installed = true;
    it.live = backend_->live();
    it.live.failure = config::addressed(it.live.failure, backend_->config_file());
    it.tool = config::program_for(backend_->config_file());
    it.interval_ms = settings.sync.interval.count();
    it.refusal = bridge.condition().refusal;
    it.pace = pace_of(bridge.pace());
    it.cycles_waiting = static_cast<std::int64_t>(queue_->size());
    it.state = state_;
    it.state_bytes = size_of(settings.state.path);
    it.state_free_bytes = free_beside(settings.state.path);
    for (const auto& side : it.live.sides)
        it.sides.push_back(meters_->side(side.name));
    it.commits = meters_->commits();
    it.cycles = watch_->figures();
    if (std::chrono::steady_clock::now() - state_read_at_ >= state_age) read_state_beside();
    return it;
}

Task<void> Monitoring::read_state() {
    std::vector<std::string> sides;
    for (const auto& side : backend_->live().sides)
        sides.push_back(side.name);
    auto job = [sides = std::move(sides), inboxes = installation_->bridge.inboxes()](
                   state::Store& store) { return numbers_of(store, sides, inboxes); };
    state_ = co_await installation_->bridge.database().run(std::move(job));
    state_read_at_ = std::chrono::steady_clock::now();
}

/// The numbers stay as they were where the state cannot be read: a cycle says why.
Task<void> Monitoring::try_to_read_state() {
    try {
        co_await read_state();
    } catch (const std::exception&) { // NOLINT: see above
    }
    is_reading_ = false;
}

void Monitoring::read_state_beside() {
    if (is_reading_) return;
    is_reading_ = true;
    reading_.emplace(executor_, try_to_read_state());
}

Task<void> Monitoring::open(Installation& installation) {
    installation_ = &installation;
    co_await try_to_read_state();
    co_await listen(installation.settings, *installation.log);
}

Task<void> Monitoring::listen(const config::Settings& settings, log::EventLog& log) {
    if (settings.http) pages_.answer_to(own_names(settings.http->names));
    const bool is_same = settings.http && listens_ &&
                         settings.http->listen.host == listens_->host &&
                         settings.http->listen.port == listens_->port;
    if (is_same) co_return;
    co_await server_.stop();
    listens_.reset();
    if (!settings.http) co_return;
    auto address = settings.http->listen;
    try {
        server_.listen(address.host, address.port);
        listens_ = address;
        address.port = server_.port();
        log.write(log::Event(log::events::monitoring_listening)
                      .with(log::Key::address, address_text(address)));
    } catch (const std::exception& failure) {
        log.write(log::Event(log::events::monitoring_failed)
                      .with(log::Key::reason, failure.what())
                      .with(log::Key::address, address_text(address)));
    }
}

Task<void> Monitoring::pause() {
    if (reading_) co_await reading_->join();
    reading_.reset();
    installation_ = nullptr;
    state_.reset();
}

Task<void> Monitoring::close() {
    co_await server_.stop();
    co_await pause();
}

} // namespace medibridge::daemon
