#include "base/http/reach.hpp"
#include "base/runtime/concurrency.hpp"
#include "base/runtime/worker.hpp"
#include "control/access.hpp"
#include "control/doctor/configuration.hpp"
#include "control/doctor/disk.hpp"
#include "control/doctor/files.hpp"
#include "control/doctor/medicapp.hpp"
#include "control/doctor/server.hpp"
#include "control/doctor/source.hpp"
#include "control/doctor/systemd.hpp"
#include "control/operations.hpp"
#include "control/rejected_files.hpp"
#include "sync/core/unread_inboxes.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <tuple>
#include <unistd.h>
#include <utility>

namespace medibridge::control::operations {

using doctor::Check;
using doctor::Checks;
using doctor::Verdict;
using runtime::Task;

namespace {

/// Of each look at a side: the way to it, its answer, its pages.
constexpr std::chrono::milliseconds look_limit{10'000};

void append(Checks& checks, Checks more) {
    std::ranges::move(more, std::back_inserter(checks));
}

/// `its`: config::MedicappSettings or config::TransportSettings.
http::ClientSettings way_to(const http::Url& origin, const auto& its) {
    http::ClientSettings settings;
    settings.origin = origin;
    settings.timeout = look_limit;
    settings.ca_file = its.ca_file;
    settings.crl_file = its.crl_file;
    settings.proxy = its.proxy;
    return settings;
}

/// The way to a server; false: there is none.
Task<bool> check_way(Backend& backend, std::string side, http::ClientSettings way, Checks& checks) {
    const auto executor = co_await boost::asio::this_coro::executor;
    const auto reach = co_await http::reach(executor, way);
    append(checks, doctor::judge_reach(side, way, reach, backend.now_ms()));
    co_return !reach.failure;
}

Task<void> check_medicapp(Backend& backend, Checks& checks) {
    const auto& settings = backend.settings().medicapp;
    auto way = way_to(settings.base_url, settings);
    if (!co_await check_way(backend, "medicapp", std::move(way), checks)) co_return;
    connectors::ListQuery query;
    query.per_page = 1;
    const auto answer = co_await backend.ask_medicapp(query, look_limit);
    checks.push_back(doctor::judge_credentials(answer));
    if (!answer) co_return;
    append(checks, doctor::judge_clock("medicapp", answer->server_time, backend.now_ms()));
    const connectors::ListQuery whole;
    const auto page = co_await backend.ask_medicapp(whole, look_limit);
    checks.push_back(page ? doctor::judge_pages(*page, whole) : doctor::judge_credentials(page));
}

/// Of a source that reads files: what it could not read is nobody's but an operator's to see.
Task<void> check_rejected(const config::SourceSettings& source, Checks& checks) {
    const auto folder = source.its ? source.its->rejected_folder() : std::filesystem::path();
    if (folder.empty()) co_return;
    const auto name = "source " + source.name + ": rejected files";
    runtime::Worker worker;
    const auto words = told(co_await worker.run([&folder] { return rejected_files_in(folder); }));
    checks.push_back(words.empty()
                         ? doctor::ok(name, "none")
                         : doctor::warn(name, words,
                                        "correct each where it comes from, drop it again, and "
                                        "remove what lies there"));
}

/// Where this process is the service, what it may do is what counts.
bool can_write_in(const Backend& backend, const config::SourceSettings& source) {
    return backend.is_service && ::access(doctor::folder_of(source).c_str(), W_OK) == 0;
}

Task<void> check_source(Backend& backend, const config::SourceSettings& source, Checks& checks) {
    const auto side = "source " + source.name;
    append(checks, doctor::judge_mapping(source));
    co_await check_rejected(source, checks);
    append(checks, doctor::judge_left(source.name, backend.live().sides));
    append(checks,
           doctor::judge_folder(source, backend.config_file(), can_write_in(backend, source)));
    if (const auto server = source.its ? source.its->server() : std::nullopt) {
        auto way = way_to(server->url, server->transport);
        if (!co_await check_way(backend, side, std::move(way), checks)) co_return;
    }
    doctor::RecordFacts facts(backend.settings().identity);
    auto see = [&facts](const std::vector<reconcile::SourceRecord>& records) {
        facts.take(records);
        return true;
    };
    const LookLimits limits{1, look_limit};
    const auto look = co_await backend.look_at_source(source.name, limits, std::move(see));
    append(checks, doctor::judge_source(source.name, look, facts));
    if (look.is_pushed) append(checks, doctor::judge_cycles(source.name, backend.live().sides));
    append(checks, doctor::judge_clock(side, look.server_time, backend.now_ms()));
}

/// Whether the state says what medibridge wrote.
Task<doctor::Check> check_rows(Backend& backend) {
    auto look = [](state::Store& store) -> std::pair<std::int64_t, bool> {
        return {store.find_altered(0).count, store.verify_audit().intact};
    };
    std::int64_t altered = 0;
    bool intact = false;
    try {
        std::tie(altered, intact) = co_await backend.database().run(std::move(look));
    } catch (const state::StoreError& failure) {
        if (failure.kind() != state::StoreError::Kind::damaged) throw;
        co_return doctor::fail("state", failure.what(), "do what the message says");
    }
    if (altered == 0 && intact)
        co_return doctor::ok("state", "every row that has a mac, and the audit, are as written");
    const auto words = (altered == 1 ? std::string("1 row of the state, or its indexes, is")
                                     : std::to_string(altered) + " rows of the state are") +
                       " not as medibridge wrote them" +
                       (intact ? "" : ", and the audit's chain is broken");
    co_return doctor::fail(
        "state", words,
        "keep a copy of the state as evidence, check the disk and who may write "
        "to it; the next full compare holds these patients as altered_in_state, and makes "
        "the indexes anew");
}

/// What was accepted, and no source reads.
Task<Checks> check_unread(Backend& backend) {
    auto look = [sources = backend.settings().source_names()](state::Store& store) {
        return sync::unread_inboxes(store.waiting_inboxes(), sources);
    };
    Checks checks;
    for (const auto& [source, records] : co_await backend.database().run(std::move(look)))
        checks.push_back(doctor::warn("source " + source,
                                      std::to_string(records) +
                                          " accepted records wait, and no source of that name is "
                                          "configured any more",
                                      "configure a source of that name until a cycle has taken "
                                      "them, then rename it"));
    co_return checks;
}

Task<doctor::Check> check_behaviour(Backend& backend) {
    auto look = [address = address_of(backend.settings().medicapp)](state::Store& store) {
        return known_behaviour(store, address);
    };
    const auto known = co_await backend.database().run(std::move(look));
    co_return doctor::judge_behaviour(known, backend.now_ms());
}

/// What only a state that is in use can tell.
Task<Checks> check_state(Backend& backend) {
    Checks checks{co_await check_rows(backend), co_await check_behaviour(backend)};
    append(checks, co_await check_unread(backend));
    co_return checks;
}

Task<Checks> check_deciders(const config::ControlSettings& control) {
    constexpr const char* name = "control.decide";
    if (control.decide.empty()) co_return Checks{};
    const auto unknown = co_await find_unknown_deciders(control.decide);
    co_return Checks{unknown.empty() ? doctor::ok(name, "each name is a user's or a group's")
                                     : doctor::warn(name, unknown, remedy_for_unknown_deciders)};
}

Checks check_machine(const Backend& backend) {
    auto state = backend.settings().state;
    const bool is_to_come = !backend.state_to_come.empty();
    if (is_to_come) state.path = backend.state_to_come;
    auto checks = doctor::judge_configuration(backend.check_config());
    append(checks, doctor::check_files(backend.config_file(), state, ::geteuid(), is_to_come));
    auto folder = std::filesystem::absolute(state.path).parent_path();
    if (is_to_come) folder = doctor::standing_folder_of(folder);
    checks.push_back(doctor::judge_disk(doctor::disk_space_at(folder)));
    append(checks, doctor::judge_systemd(doctor::systemd_facts()));
    return checks;
}

/// A side by itself: what goes wrong there is a line of its own.
Task<void> check_side(Call& call, std::size_t number, Checks& checks) {
    auto& backend = call.backend;
    const auto& sources = backend.settings().his;
    const auto name = number == 0 ? "medicapp" : "source " + sources[number - 1].name;
    std::string trouble;
    try {
        if (number == 0)
            co_await check_medicapp(backend, checks);
        else
            co_await check_source(backend, sources[number - 1], checks);
    } catch (const std::exception& failure) {
        trouble = failure.what();
    }
    if (!trouble.empty())
        checks.push_back(doctor::fail(name, trouble, "do what the message says, then reload"));
    co_await call.progress({{"checked", name}});
}

const char* word(Verdict verdict) {
    switch (verdict) {
    case Verdict::ok:
        return "ok";
    case Verdict::warn:
        return "warn";
    default:
        return "fail";
    }
}

Json check_json(const Check& check) {
    Json it;
    it["name"] = check.name;
    it["result"] = word(check.verdict);
    it["message"] = check.message;
    it["fix"] = text_or_null(check.fix);
    return it;
}

} // namespace

Task<Json> examine(Call& call) {
    call.allow_parameters({});
    co_await call.begin_lines();
    auto checks = check_machine(call.backend);
    append(checks, co_await check_deciders(call.backend.settings().control));
    if (call.backend.state_to_come.empty()) append(checks, co_await check_state(call.backend));
    std::vector<Checks> sides(1 + call.backend.settings().his.size());
    co_await runtime::for_each_concurrently(sides.size(), sides.size(), [&](std::size_t number) {
        return check_side(call, number, sides[number]);
    });
    for (auto& side : sides)
        append(checks, std::move(side));
    Json it;
    it["checks"] = Json::array();
    for (const auto& check : checks)
        it["checks"].push_back(check_json(check));
    it["ok"] = std::ranges::none_of(
        checks, [](const Check& check) { return check.verdict == Verdict::fail; });
    co_return it;
}

} // namespace medibridge::control::operations
