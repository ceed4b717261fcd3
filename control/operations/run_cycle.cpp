#include "control/narrator.hpp"
#include "control/operations.hpp"

#include "base/log/catalogue.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <string_view>
#include <utility>
#include <vector>

namespace medibridge::control::operations {

using runtime::Task;

namespace {

/// What an operator accepts of one kind of guard: the key of the request, the words for an
/// operator, the guards that are meant, and what the stopped cycle had been told of it.
struct Acceptable {
    const char* key;
    const char* words;
    std::vector<std::string_view> guards;
    sync::Consent sync::GuardAlarm::* accepted_before;
    sync::Consent sync::Request::* accepted;
};

/// Of a side that showed nobody, what is accepted is that it went back when it shows somebody.
const std::vector<Acceptable>& acceptables() {
    static const std::vector<Acceptable> all{
        {"mapping",
         "a changed mapping",
         {log::events::guard_mapping.name},
         &sync::GuardAlarm::mapping_accepted,
         &sync::Request::accept_mapping},
        {"rewind",
         "a side that went back",
         {log::events::guard_rewound.name, log::events::guard_emptied.name},
         &sync::GuardAlarm::rewind_accepted,
         &sync::Request::accept_rewind},
        {"space",
         "another Medicapp",
         {log::events::guard_space.name},
         &sync::GuardAlarm::space_accepted,
         &sync::Request::accept_space}};
    return all;
}

/// What an operator accepts of the guards that stopped the last cycle.
class Answer {
  public:
    Answer(const Backend& backend, const Json& accept)
        : live_(backend.live()),
          tokens_(tokens_in(accept)) {}

    /// Nobody accepts what no cycle has found, and nobody has seen: just what was shown.
    sync::Consent to(const Acceptable& what) const {
        if (!live_.last_cycle_ms && live_.alarms.empty())
            throw Failure(Failure::Kind::refused,
                          "no cycle of this service has ended yet, so nothing was shown: "
                          "look at medibridgectl guard show once one has");
        sync::Consent consent;
        for (const auto& alarm : live_.alarms) {
            const bool stands = std::ranges::find(what.guards, alarm.guard) != what.guards.end();
            const auto& before = alarm.*what.accepted_before;
            if (!stands && !before.given()) continue;
            require_as_shown(alarm);
            consent.add(before);
            if (stands) consent.add(sync::Consent::to(alarm.evidence));
        }
        if (consent.given()) return consent;
        throw Failure(Failure::Kind::refused,
                      std::string("no guard has stopped the last cycle for ") + what.words +
                          ": medibridgectl guard show says what stands");
    }

    /// The changes that the guard stopped, if they are as many as the operator expects.
    sync::AcceptedChanges to_changes(std::int64_t expected) const {
        const auto alarm = std::ranges::find(live_.alarms, log::events::guard_changes.name,
                                             &sync::GuardAlarm::guard);
        if (alarm == live_.alarms.end())
            throw Failure(Failure::Kind::refused,
                          "no guard has stopped the last cycle for the number of its changes: "
                          "medibridgectl guard show says what stands");
        require_as_shown(*alarm);
        const auto& changes = alarm->changes;
        if (changes.count() != expected)
            throw Failure(Failure::Kind::refused,
                          std::to_string(changes.count()) +
                              " patients would be changed, not as many as you expect: "
                              "look at medibridgectl guard show");
        return {changes.count(), changes.fingerprint()};
    }

    /// What the operator looked at stands, all of it.
    void require_all_shown() const {
        for (const auto& token : tokens_)
            if (std::ranges::find(live_.alarms, token, &sync::GuardAlarm::token) ==
                live_.alarms.end())
                refuse_as_changed();
    }

  private:
    static std::vector<std::string> tokens_in(const Json& accept) {
        const auto token = accept.find("token");
        if (token == accept.end() || token->is_null()) return {};
        if (!token->is_array()) return {text_in(accept, "token").value()};
        std::vector<std::string> tokens;
        for (const auto& one : *token) {
            if (!one.is_string())
                throw Failure(Failure::Kind::usage,
                              "`token` must be a text, or a list of texts: one for each guard");
            tokens.push_back(one.get<std::string>());
        }
        return tokens;
    }

    [[noreturn]] static void refuse_as_changed() {
        throw Failure(Failure::Kind::refused,
                      "what the guard has stopped is not what you looked at (any more): look at "
                      "medibridgectl guard show");
    }

    /// Without a token the operator did not say what they saw.
    void require_as_shown(const sync::GuardAlarm& alarm) const {
        if (!tokens_.empty() && std::ranges::find(tokens_, alarm.token) == tokens_.end())
            refuse_as_changed();
    }

    Live live_;
    std::vector<std::string> tokens_;
};

void accept_in(const Backend& backend, const Json& accept, sync::Request& request) {
    if (!accept.is_object()) throw Failure(Failure::Kind::usage, "`accept` must be an object");
    allow_keys(accept, {"mapping", "rewind", "space", "changes", "token"}, "`accept`");
    const Answer answer(backend, accept);
    answer.require_all_shown();
    if (const auto count = number_in(accept, "changes"))
        request.accept_changes = answer.to_changes(*count);
    for (const auto& what : acceptables()) {
        if (!flag_in(accept, what.key).value_or(false)) continue;
        request.*what.accepted = answer.to(what);
        request.full = true;
    }
}

sync::Request request_of(const Call& call) {
    const auto body = call.body({"full", "source", "dry_run", "accept"});
    sync::Request request;
    request.full = flag_in(body, "full").value_or(false);
    request.dry_run = flag_in(body, "dry_run").value_or(false);
    request.only_source = text_in(body, "source").value_or("");
    const auto& sources = call.backend.settings().his;
    if (!request.only_source.empty() &&
        std::ranges::find(sources, request.only_source, &config::SourceSettings::name) ==
            sources.end())
        throw Failure(Failure::Kind::usage,
                      "`source`: the configuration has no source of that name");
    const auto accept = body.find("accept");
    if (accept != body.end() && !accept->is_null()) accept_in(call.backend, *accept, request);
    return request;
}

/// What was asked for, in the audit.
std::string words_of(const sync::Request& request) {
    std::string words = request.full ? "full" : "changes";
    if (!request.only_source.empty()) words += ", source " + request.only_source;
    if (request.accept_mapping.given()) words += ", mapping accepted";
    if (request.accept_rewind.given()) words += ", rewind accepted";
    if (request.accept_space.given()) words += ", space accepted";
    if (request.accept_changes)
        words += ", " + std::to_string(request.accept_changes->count) + " changes accepted";
    return words;
}

} // namespace

/// The cycle goes on to its end even if the client leaves.
Task<Json> run_cycle(Call& call) {
    call.allow_parameters({});
    auto request = request_of(call);
    if (!request.dry_run && call.backend.live().pause)
        throw Failure(Failure::Kind::refused, "cycles are paused: run medibridgectl resume first");
    if (!request.dry_run) {
        state::Batch batch;
        batch.audit(call.audit_entry("cycle", words_of(request)));
        co_await call.backend.database().commit(std::move(batch));
    }
    Narrator narrator(co_await boost::asio::this_coro::executor, request.dry_run);
    const auto end = co_await run_narrated(call, std::move(request), narrator);
    co_return cycle_json(end, call.backend.digester());
}

} // namespace medibridge::control::operations
