#include "sandbox/medicapp_api.hpp"

#include "sandbox/fhir_json.hpp"
#include "sandbox/medicapp_fhir.hpp"

#include <algorithm>
#include <functional>

namespace medibridge::sandbox {

namespace {

constexpr std::string_view patients_path = "/v5/patients";
constexpr std::string_view bearer = "Bearer ";
constexpr std::size_t reply_size = 512; // of one patient, about

/// Invented, and the same each time.
std::size_t records_of(std::string_view id) {
    return std::hash<std::string_view>()(id) % 5;
}

bool asks_for_fhir(const Query& query) {
    std::string value;
    return query.find("template", value) && value == "FHIR";
}

bool read_time(const Query& query, std::string_view name, std::optional<Millis>& time) {
    std::string text;
    if (!query.find(name, text)) return true;
    time = parse_time(text);
    return time.has_value();
}

} // namespace

MedicappApi::MedicappApi(const Settings& settings, MedicappStore& store, const Clock& clock)
    : settings_(settings),
      store_(store),
      clock_(clock) {}

Millis MedicappApi::now() const {
    return clock_.wall() + settings_.medicapp.clock_offset;
}

Millis MedicappApi::stamp() const {
    const Millis time = now();
    return settings_.medicapp.precision == Precision::seconds ? time - time % 1000 : time;
}

Millis MedicappApi::visible_at() const {
    const Millis lag = settings_.medicapp.visibility_lag;
    return lag == 0 ? 0 : clock_.steady() + lag;
}

bool MedicappApi::is_list(std::string_view path) const {
    return path == patients_path;
}

std::string MedicappApi::patient_of(const Request& request) const {
    if (is_list(request.path)) {
        MedicappInput input;
        if (request.verb == Verb::post) MedicappInput::read(request.body, input);
        return input[external_id].text;
    }
    const auto slot = store_.find(request.path.substr(request.path.rfind('/') + 1));
    if (!slot || !store_[*slot].texts.has(external_id)) return {};
    return std::string(store_[*slot].texts[external_id]);
}

Reply MedicappApi::answer(const Request& request) {
    const auto& switches = settings_.medicapp;
    if (!request.credential.starts_with(bearer) ||
        request.credential.substr(bearer.size()) != switches.api_key)
        return error(401, "UNAUTHORIZED", "missing or unknown API key");
    if (!bucket_.take(switches.rate_limit, switches.burst, clock_.steady()))
        return error(429, "RATE_LIMITED", "too many requests");
    Reply reply = route(request);
    append_limits(reply);
    return reply;
}

Reply MedicappApi::route(const Request& request) {
    const bool list_path = is_list(request.path);
    if (!list_path && !(request.path.starts_with(patients_path) &&
                        request.path.size() > patients_path.size() + 1 &&
                        request.path[patients_path.size()] == '/'))
        return error(404, "NOT_FOUND", "no such resource");
    const bool writes = request.verb == Verb::post || request.verb == Verb::put;
    if (writes && !lower_case(request.content_type).starts_with("application/json"))
        return error(415, "UNSUPPORTED_MEDIA_TYPE", "the body must be application/json");
    const Query query(request.query);
    if (request.verb == Verb::get && asks_for_fhir(query) &&
        settings_.medicapp.fhir_template == Template::refused)
        return refused({"INVALID_TEMPLATE", "template is not known"});
    if (list_path) {
        if (request.verb == Verb::get) return list(request);
        if (request.verb == Verb::post) return create(request.body, Writer::caller);
        return error(405, "METHOD_NOT_ALLOWED", "method not allowed");
    }
    const auto slot = store_.find(request.path.substr(patients_path.size() + 1));
    if (!slot) return not_found(request.verb == Verb::get && is_fhir(query));
    switch (request.verb) {
    case Verb::get:
        return is_fhir(query) ? shown_as_fhir(*slot) : shown(200, *slot);
    case Verb::put:
        return change(*slot, request.body, Writer::caller);
    case Verb::delete_:
        return erase(*slot);
    default:
        return error(405, "METHOD_NOT_ALLOWED", "method not allowed");
    }
}

Reply MedicappApi::list(const Request& request) {
    const auto text = query_of_link(request.query);
    const Query query(text);
    const auto page = query.number("page", 1, 1'000'000'000);
    if (!page) return refused({"INVALID_PAGE", "page must be a number from 1"});
    const auto asked = query.number("per_page", 20, 100);
    if (!asked) return refused({"INVALID_PER_PAGE", "per_page must be a number from 1 to 100"});
    const auto limit = settings_.medicapp.page_limit;
    const auto per_page = limit == 0 ? *asked : std::min(*asked, limit);
    ListQuery wanted;
    if (!read_time(query, "created_after", wanted.created_after))
        return refused({"INVALID_CREATED_AFTER", "created_after must be an RFC 3339 time"});
    if (!read_time(query, "modified_after", wanted.modified_after))
        return refused({"INVALID_MODIFIED_AFTER", "modified_after must be an RFC 3339 time"});
    wanted.bound = settings_.medicapp.modified_after;
    wanted.offset = (*page - 1) * per_page;
    wanted.count = per_page;
    store_.publish(clock_.steady());
    const auto window = store_.list(wanted);

    Reply reply;
    if (is_fhir(query)) {
        reply.body = medicapp_fhir_page(settings_.medicapp, store_,
                                        {window.slots, *page, per_page, window.total, text});
        return reply;
    }
    reply.body.reserve(window.slots.size() * reply_size + 128);
    reply.body = "{\"data\":[";
    const auto counts = settings_.medicapp.list_counts;
    auto shown = window.slots.size();
    if (counts == ListCounts::short_pages) shown -= shown / 2;
    for (std::size_t i = 0; i < shown; ++i) {
        if (i > 0) reply.body += ',';
        append(reply.body, window.slots[i], false, is_broken(window.slots[i]));
    }
    const auto pages = counts == ListCounts::pages ? 1 : (window.total + per_page - 1) / per_page;
    reply.body += "],\"pagination\":{\"page\":" + std::to_string(*page) +
                  ",\"perPage\":" + std::to_string(per_page) +
                  ",\"total\":" + std::to_string(window.total) +
                  ",\"totalPages\":" + std::to_string(pages) + "}}";
    return reply;
}

bool MedicappApi::is_broken(Slot slot) const {
    const auto& broken = settings_.medicapp.broken_patient;
    const auto& texts = store_[slot].texts;
    return !broken.empty() && texts.has(external_id) && texts[external_id] == broken;
}

void MedicappApi::append_patient(std::string& out, Slot slot, bool with_address) const {
    append(out, slot, with_address, false);
}

void MedicappApi::append(std::string& out, Slot slot, bool with_address, bool broken) const {
    const auto& patient = store_[slot];
    const Absent absent = settings_.medicapp.absent;
    const auto& texts = patient.texts;
    const auto value = [&](std::size_t field) {
        return texts.has(field) ? std::optional(texts[field]) : std::nullopt;
    };
    JsonObject object(out, absent);
    object.text("id", store_.id(slot));
    for (std::size_t field = external_id; field < street; ++field) {
        const auto key = json_name(static_cast<MedicappField>(field));
        if (broken && field == first_name) {
            object.key(key);
            out += "\"\\ud83d\"";
        } else {
            object.text(key, value(field));
        }
    }
    if (broken) {
        object.key("weight");
        out += "1e999";
    }
    const bool has_address =
        texts.has(street) || texts.has(city) || texts.has(postal_code) || texts.has(country);
    if (with_address && has_address) {
        object.key("address");
        JsonObject address(out, absent);
        for (std::size_t field = street; field < medicapp_fields; ++field)
            address.text(json_name(static_cast<MedicappField>(field)), value(field));
        address.close();
    } else if (with_address) {
        object.text("address", std::nullopt);
    }
    if (with_address) {
        object.key("recordsCount");
        out += std::to_string(records_of(store_.id(slot)));
    }
    object.key("createdAt");
    out += '"';
    append_utc(out, patient.created, settings_.medicapp.precision);
    out += "\",\"modifiedAt\":\"";
    append_utc(out, patient.modified, settings_.medicapp.precision);
    out += '"';
    object.close();
}

Reply MedicappApi::shown(unsigned status, Slot slot) {
    Reply reply;
    reply.status = status;
    reply.body.reserve(reply_size);
    append(reply.body, slot, true, is_broken(slot));
    return reply;
}

bool MedicappApi::is_fhir(const Query& query) const {
    return asks_for_fhir(query) && settings_.medicapp.fhir_template >= Template::data;
}

Reply MedicappApi::not_found(bool as_resource) {
    Reply reply = error(404, "NOT_FOUND", "patient not found");
    if (as_resource && settings_.medicapp.fhir_template != Template::data)
        reply.body = operation_outcome("error", "not-found", "there is no such patient");
    return reply;
}

Reply MedicappApi::shown_as_fhir(Slot slot) {
    Reply reply;
    append_medicapp_resource(reply.body, settings_.medicapp, store_, slot, true);
    return reply;
}

Reply MedicappApi::erase(Slot slot) {
    store_.erase(slot);
    Reply reply;
    reply.status = 204;
    return reply;
}

Reply MedicappApi::error(unsigned status, std::string_view code, std::string_view message) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string request_id = "req_";
    const std::uint64_t number = mix(settings_.seed + ++errors_ * 2 + 1);
    for (int shift = 60; shift >= 0; shift -= 4)
        request_id += digits[number >> shift & 15];
    Reply reply;
    reply.status = status;
    reply.body = "{\"error\":";
    JsonObject object(reply.body, Absent::omit);
    object.text("code", code);
    object.key("status");
    reply.body += std::to_string(status);
    object.text("message", message);
    object.text("requestId", request_id);
    object.close();
    reply.body += '}';
    if (status == 429) announce(reply);
    return reply;
}

Reply MedicappApi::refused(const Refusal& refusal) {
    if (settings_.medicapp.error_codes == ErrorCodes::generic)
        return error(400, "VALIDATION_ERROR", "the request is not valid");
    return error(400, refusal.code, refusal.message);
}

Reply MedicappApi::conflict() {
    return error(409, "CONFLICT", "externalId is already in use");
}

void MedicappApi::announce(Reply& reply) const {
    const Millis wait = std::max(bucket_.wait(), Millis{1});
    if (settings_.medicapp.retry_after == RetryAfter::seconds)
        reply.headers += "Retry-After: " + std::to_string((wait + 999) / 1000) + "\r\n";
    if (settings_.medicapp.retry_after == RetryAfter::date)
        reply.headers += "Retry-After: " + http_date(now() + wait + 999) + "\r\n";
    append_limits(reply);
}

void MedicappApi::append_limits(Reply& reply) const {
    const auto& switches = settings_.medicapp;
    if (switches.retry_after != RetryAfter::ratelimit || switches.rate_limit <= 0) return;
    reply.headers +=
        "X-RateLimit-Limit: " + std::to_string(static_cast<long>(switches.rate_limit)) +
        "\r\nX-RateLimit-Remaining: " + std::to_string(bucket_.left()) +
        "\r\nX-RateLimit-Reset: " + std::to_string((now() + bucket_.wait() + 999) / 1000) + "\r\n";
}

} // namespace medibridge::sandbox
