#pragma once

#include "base/http/server.hpp"
#include "control/access.hpp"
#include "control/backend.hpp"

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Internal to the room: what an operation of the API is made of.
namespace medibridge::control {

/// In the order in which it is written.
using Json = nlohmann::ordered_json;

/// Why an operation gives no result. The text says what is wrong, and the next step.
class Failure : public std::runtime_error {
  public:
    enum class Kind {
        usage,
        forbidden,
        not_found,
        refused,
        guarded,
        internal,
        unavailable,
        incomplete,   ///< a cycle did not come to its end
        unauthorized, ///< Medicapp or a source refused its credentials
    };
    /// `guards`: what stopped it; null: no guard did.
    Failure(Kind kind, const std::string& what, Json guards = {})
        : std::runtime_error(what),
          kind_(kind),
          guards_(std::move(guards)) {}
    Kind kind() const { return kind_; }
    const Json& guards() const { return guards_; }

  private:
    Kind kind_;
    Json guards_;
};

int status_of(Failure::Kind kind);
/// `{"error":{"code","message","exit"}}`.
Json error_json(Failure::Kind kind, const std::string& message);

/// One request on its way through an operation.
struct Call {
    Backend& backend;
    const http::ServerRequest& request;
    http::ResponseWriter& writer;
    Person person;
    std::vector<std::string> captured; ///< the parts of the path that the route leaves open

    /// The body's object; an empty body is an empty object. Throws Failure::usage for anything
    /// else, for a key that is none of these, and for one that an object has twice.
    Json body(std::initializer_list<std::string_view> keys) const;
    /// The query's parameter. Throws Failure::usage for one that is none of `names`,
    /// and for one that stands there twice.
    void allow_parameters(std::initializer_list<std::string_view> names) const;

    /// A line of the audit about what this person does. `action`: a word; `detail`: names and
    /// numbers, no values.
    state::AuditEntry audit_entry(std::string action, std::string detail) const;

    /// This person looked at values: of that patient, or as `detail` says. Durable, so before they
    /// are answered with.
    runtime::Task<void> note_look(std::string external_id, std::string detail) const;

    /// The answer is one of lines: progress, and last the result.
    runtime::Task<void> begin_lines();
    /// Sends `{"progress": …}` ahead of the result. False: the client has gone.
    runtime::Task<bool> progress(Json what);
};

/// Gives the answer, or throws.
using Operation = runtime::Task<Json> (*)(Call&);

/// Throws Failure::usage for a key of the object that is none of these; `what` names the object.
void allow_keys(const Json& object, std::initializer_list<std::string_view> keys,
                std::string_view what = "the body");

/// Values of a body. Throw Failure::usage, with the key's name, for another type.
std::optional<std::string> text_in(const Json& body, const std::string& key);
std::optional<bool> flag_in(const Json& body, const std::string& key);
std::optional<std::int64_t> number_in(const Json& body, const std::string& key);

/// Of a cycle: its counts, and all that it ended with.
Json tally_json(const sync::Tally& tally);
Json reasons_json(const state::Waiting& waiting);
Json cycle_json(const CycleEnd& end, const reconcile::Digester& digester);
/// Of the last cycle: its outcome, `failed` if it could not be ended or `none` before the first,
/// and why it is not complete; empty: it is, or that is not remembered.
std::string last_outcome(const Live& live);
std::string last_reason(const Live& live);
/// A line of the audit.
Json audit_line_json(const state::AuditEntry& entry);
/// The guards that stopped a cycle.
Json guards_json(const std::vector<sync::GuardAlarm>& alarms, const reconcile::Digester& digester);
/// The same for who ran that cycle alone: without pseudonyms, and without what it takes to accept
/// them in a service.
Json guards_json(const std::vector<sync::GuardAlarm>& alarms);

/// RFC 3339 in UTC, or null.
Json time_json(std::optional<std::int64_t> unix_ms);
/// The same with milliseconds, of a time that is known.
Json exact_time_json(std::int64_t unix_ms);
/// A parameter that is a whole number from 1 to `most`. Throws Failure::usage.
std::size_t count_of(const std::string& text, const std::string& what, std::size_t most);
/// Unix time in milliseconds. Throws Failure::usage unless it is RFC 3339; `what` names it.
std::int64_t time_of(const std::string& text, const std::string& what);
/// The text, or null if it is empty.
Json text_or_null(const std::string& text);
/// Each command that a text of the answer suggests, as it has to be typed for that configuration;
/// an operator's own words stay as they are. See config::addressed().
void address_commands(Json& answer, const std::filesystem::path& config_file);
/// On one line. What is not UTF-8 becomes U+FFFD.
std::string text_of(const Json& json);

} // namespace medibridge::control
