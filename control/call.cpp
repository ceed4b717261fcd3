#include "control/call.hpp"

#include "base/bytes/ascii.hpp"
#include "config/site.hpp"
#include "reconcile/instant.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <utility>

namespace medibridge::control {

namespace {

struct KindWords {
    Failure::Kind kind;
    int status;
    const char* code;
    int exit; ///< of medibridgectl; the numbers follow sysexits.h
};

constexpr std::array<KindWords, 9> kinds{{
    {Failure::Kind::usage, 400, "usage", 64},
    {Failure::Kind::forbidden, 403, "forbidden", 77},
    {Failure::Kind::not_found, 404, "not_found", 65},
    {Failure::Kind::refused, 409, "refused", 65},
    {Failure::Kind::guarded, 409, "guarded", 69},
    {Failure::Kind::internal, 500, "internal", 70},
    {Failure::Kind::unavailable, 503, "unavailable", 75},
    {Failure::Kind::incomplete, 503, "incomplete", 75},
    {Failure::Kind::unauthorized, 503, "unauthorized", 77},
}};

const KindWords& words_of(Failure::Kind kind) {
    return *std::ranges::find(kinds, kind, &KindWords::kind);
}

[[noreturn]] void misused(const std::string& what) {
    throw Failure(Failure::Kind::usage, what);
}

std::string listed(std::initializer_list<std::string_view> names) {
    std::string text;
    for (const auto name : names)
        text.append(text.empty() ? "" : ", ").append(name);
    return text.empty() ? "none" : text;
}

/// A client's own word, as far as it can be shown.
std::string quoted(const std::string& key) {
    constexpr std::size_t longest = 40;
    const bool is_plain =
        !key.empty() && key.size() <= longest && std::ranges::all_of(key, [](char c) {
            return base::is_ascii_letter(c) || base::is_ascii_digit(c) || c == '_';
        });
    return is_plain ? "`" + key + "`" : "a key";
}

/// Of a key that an object has twice, readers take the first or the last.
Json parse(const std::string& text) {
    std::vector<std::set<std::string>> open;
    std::string twice;
    const auto watch = [&](int, Json::parse_event_t event, Json& parsed) {
        using Event = Json::parse_event_t;
        if (event == Event::object_start) open.emplace_back();
        if (event == Event::object_end) open.pop_back();
        if (event != Event::key) return true;
        const auto key = parsed.get<std::string>();
        if (!open.back().insert(key).second && twice.empty())
            twice = quoted(key) + " stands twice in the same object, at depth " +
                    std::to_string(open.size());
        return true;
    };
    Json body;
    try {
        body = Json::parse(text, watch);
    } catch (const Json::parse_error& error) {
        misused("the body is not JSON: it cannot be read at byte " + std::to_string(error.byte));
    }
    if (!twice.empty()) misused("the body is ambiguous: " + twice);
    return body;
}

const Json* value_in(const Json& body, const std::string& key) {
    const auto place = body.find(key);
    return place == body.end() || place->is_null() ? nullptr : &*place;
}

} // namespace

int status_of(Failure::Kind kind) {
    return words_of(kind).status;
}

Json error_json(Failure::Kind kind, const std::string& message) {
    const auto& words = words_of(kind);
    return {{"error", {{"code", words.code}, {"message", message}, {"exit", words.exit}}}};
}

Json Call::body(std::initializer_list<std::string_view> keys) const {
    if (request.body.empty()) return Json::object();
    auto body = parse(request.body);
    if (!body.is_object()) misused("the body must be one JSON object");
    allow_keys(body, keys);
    return body;
}

void allow_keys(const Json& object, std::initializer_list<std::string_view> keys,
                std::string_view what) {
    for (const auto& [key, value] : object.items())
        if (std::ranges::find(keys, key) == keys.end())
            misused(std::string(what) +
                    " has a key that is not known here; known: " + listed(keys));
}

void Call::allow_parameters(std::initializer_list<std::string_view> names) const {
    std::set<std::string_view> seen;
    for (const auto& [name, value] : request.query) {
        if (std::ranges::find(names, name) == names.end())
            misused("the query has a parameter that is not known here; known: " + listed(names));
        if (!seen.insert(name).second)
            misused("the query has the parameter `" + name + "` twice: give it once");
    }
}

state::AuditEntry Call::audit_entry(std::string action, std::string detail) const {
    state::AuditEntry entry;
    entry.action = std::move(action);
    entry.detail = std::move(detail);
    entry.actor = {person.name, person.uid};
    return entry;
}

runtime::Task<void> Call::note_look(std::string external_id, std::string detail) const {
    auto line = audit_entry("looked", std::move(detail));
    line.external_id = std::move(external_id);
    state::Batch batch;
    batch.audit(std::move(line));
    co_await backend.database().commit(std::move(batch));
}

runtime::Task<void> Call::begin_lines() {
    co_await writer.begin("application/x-ndjson");
}

runtime::Task<bool> Call::progress(Json what) {
    Json line;
    address_commands(what, backend.config_file());
    line["progress"] = std::move(what);
    co_return co_await writer.line(text_of(line));
}

std::optional<std::string> text_in(const Json& body, const std::string& key) {
    const auto* value = value_in(body, key);
    if (!value) return std::nullopt;
    if (!value->is_string()) misused("`" + key + "` must be a text");
    return value->get<std::string>();
}

std::optional<bool> flag_in(const Json& body, const std::string& key) {
    const auto* value = value_in(body, key);
    if (!value) return std::nullopt;
    if (!value->is_boolean()) misused("`" + key + "` must be true or false");
    return value->get<bool>();
}

std::optional<std::int64_t> number_in(const Json& body, const std::string& key) {
    const auto* value = value_in(body, key);
    if (!value) return std::nullopt;
    if (!value->is_number_integer() || value->get<std::int64_t>() < 0)
        misused("`" + key + "` must be a whole number, 0 or more");
    return value->get<std::int64_t>();
}

Json time_json(std::optional<std::int64_t> unix_ms) {
    if (!unix_ms) return nullptr;
    const reconcile::Instant at{std::chrono::milliseconds(*unix_ms)};
    return reconcile::format_rfc3339(at, reconcile::Precision::seconds);
}

Json exact_time_json(std::int64_t unix_ms) {
    const reconcile::Instant at{std::chrono::milliseconds(unix_ms)};
    return reconcile::format_rfc3339(at, reconcile::Precision::milliseconds);
}

std::size_t count_of(const std::string& text, const std::string& what, std::size_t most) {
    std::size_t number = 0;
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    if (read.ec != std::errc() || read.ptr != end || number == 0 || number > most)
        misused("`" + what + "` must be a number from 1 to " + std::to_string(most));
    return number;
}

std::int64_t time_of(const std::string& text, const std::string& what) {
    const auto time = reconcile::parse_rfc3339(text);
    if (!time)
        misused("`" + what + "` must be a time as 2026-11-28T22:00:00Z, with Z or an offset");
    return time->instant.time_since_epoch().count();
}

Json text_or_null(const std::string& text) {
    return text.empty() ? Json() : Json(text);
}

void address_commands(Json& answer, const std::filesystem::path& config_file) {
    if (!answer.is_structured() || config::is_found_without_its_name(config_file)) return;
    for (auto one = answer.begin(); one != answer.end(); ++one) {
        auto& value = *one;
        const bool is_theirs = answer.is_object() && one.key() == "detail";
        if (value.is_structured())
            address_commands(value, config_file);
        else if (value.is_string() && !is_theirs)
            value = config::addressed(value.get_ref<const std::string&>(), config_file);
    }
}

std::string text_of(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace medibridge::control
