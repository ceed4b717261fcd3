#include "sandbox/fhir_api.hpp"

#include "sandbox/fhir_json.hpp"

#include <algorithm>
#include <optional>

namespace medibridge::sandbox {

namespace {

constexpr std::string_view fhir_type = "application/fhir+json; charset=utf-8";
constexpr std::size_t most_per_page = 1000;
constexpr std::size_t usual_per_page = 50;
constexpr std::size_t kept_searches = 32; ///< older ones have expired
constexpr std::size_t patient_size = 900; // of one entry, about

constexpr std::string_view capability_statement =
    R"({"resourceType":"CapabilityStatement","status":"active","kind":"instance",)"
    R"("fhirVersion":"4.0.1","format":["json"],"rest":[{"mode":"server","resource":[)"
    R"({"type":"Patient","interaction":[{"code":"read"},{"code":"search-type"},)"
    R"({"code":"history-type"},{"code":"history-instance"}],"searchParam":[)"
    R"({"name":"_lastUpdated","type":"date"},{"name":"_sort","type":"special"},)"
    R"({"name":"identifier","type":"token"}]}]}]})";

Reply outcome(unsigned status, std::string_view code, std::string_view diagnostics) {
    Reply reply;
    reply.status = status;
    reply.content_type = fhir_type;
    reply.body = operation_outcome("error", code, diagnostics);
    return reply;
}

Reply resource(std::string body) {
    Reply reply;
    reply.content_type = fhir_type;
    reply.body = std::move(body);
    return reply;
}

/// `ge` and `gt` with an instant; the parameter may be missing.
bool read_since(const Query& query, std::string_view name, std::optional<Millis>& from) {
    std::string text;
    if (!query.find(name, text)) return true;
    const bool after = text.starts_with("gt");
    if (text.starts_with("ge") || after) text.erase(0, 2);
    from = parse_time(text);
    if (from && after) *from += 1;
    return from.has_value();
}

/// The `|` between system and value; one behind a `\` belongs to either of them.
std::size_t find_bar(std::string_view token) {
    for (std::size_t at = 0; at < token.size(); ++at) {
        if (token[at] == '\\')
            ++at;
        else if (token[at] == '|')
            return at;
    }
    return std::string_view::npos;
}

/// A search value without its escapes.
std::string unescaped(std::string_view text) {
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\\' && at + 1 < text.size()) ++at;
        plain += text[at];
    }
    return plain;
}

void separate(std::string& out) {
    if (out.back() == '}') out += ',';
}

} // namespace

FhirApi::FhirApi(const Settings& settings, const HisStore& store, const Clock& clock)
    : settings_(settings),
      store_(store),
      clock_(clock),
      tokens_(settings, clock) {}

Millis FhirApi::now() const {
    return clock_.wall() + settings_.his.clock_offset;
}

void FhirApi::set_origin(std::string origin) {
    origin_ = std::move(origin);
    tokens_.set_address(origin_ + std::string(root) + "/token");
}

bool FhirApi::is_list(std::string_view path) const {
    return path == "/fhir/Patient";
}

Reply FhirApi::error(unsigned status, std::string_view, std::string_view message) {
    return outcome(status, "processing", message);
}

Reply FhirApi::answer(const Request& request) {
    const auto path = request.path.substr(root.size());
    if (path == "/metadata") return resource(std::string(capability_statement));
    if (path == "/.well-known/smart-configuration") return tokens_.configuration();
    if (path == "/token") return tokens_.give(request);
    if (!tokens_.lets_in(request.credential))
        return outcome(401, "login", "credentials are missing or unknown");
    if (request.verb != Verb::get) return outcome(405, "not-supported", "only GET");
    if (path == "/Patient") return search(request);
    if (path == "/Patient/_history") return history(request);
    constexpr std::string_view one = "/Patient/";
    constexpr std::string_view versions = "/_history";
    if (!path.starts_with(one)) return outcome(404, "not-found", "there is no such place");
    const auto id = path.substr(one.size());
    if (id.ends_with(versions)) return history_of(id.substr(0, id.size() - versions.size()));
    return patient(id);
}

Reply FhirApi::search(const Request& request) {
    const Query query(request.query);
    const auto count = query.number("_count", usual_per_page, most_per_page);
    if (!count) return outcome(400, "invalid", "_count is out of range");
    std::string text;
    if (query.find("_getpages", text)) {
        const auto number = query.number("_getpages", 1, SIZE_MAX);
        const auto offset = query.number("_getpagesoffset", 1, SIZE_MAX);
        if (!number || !offset) return outcome(400, "invalid", "the link is not one of ours");
        return page(*number, *offset, *count);
    }
    if (query.find("identifier", text)) return by_identifier(text);
    std::optional<Millis> from;
    if (!read_since(query, "_lastUpdated", from))
        return outcome(400, "invalid", "_lastUpdated cannot be read");
    const auto order = query.find("_sort", text) && text == "_lastUpdated" ? HisOrder::modified
                                                                           : settings_.his.order;
    const auto found = store_.list(order, from, 0, store_.slots());
    const auto number = ++searches_;
    snapshots_[number] = {found.slots.begin(), found.slots.end()};
    if (snapshots_.size() > kept_searches) snapshots_.erase(snapshots_.begin());
    return page(number, 0, *count);
}

std::string FhirApi::next_link(std::uint64_t number, std::size_t offset, std::size_t count) const {
    std::string link = settings_.his.next == NextLink::absolute ? origin_ + "/fhir/Patient" : "";
    return link + "?_getpages=" + std::to_string(number) +
           "&_getpagesoffset=" + std::to_string(offset) + "&_count=" + std::to_string(count);
}

Reply FhirApi::page(std::uint64_t number, std::size_t offset, std::size_t count) {
    const auto at = snapshots_.find(number);
    if (at == snapshots_.end()) return outcome(410, "processing", "this search has expired");
    const auto& slots = at->second;
    std::string body =
        R"({"resourceType":"Bundle","type":"searchset","total":)" + std::to_string(slots.size());
    body.reserve(body.size() + std::min(count, slots.size()) * patient_size);
    const auto end = std::min(slots.size(), offset + count);
    if (end < slots.size()) {
        body += R"(,"link":[{"relation":"next","url":)";
        append_json(body, next_link(number, end, count));
        body += "}]";
    }
    body += R"(,"entry":[)";
    for (auto i = std::min(offset, slots.size()); i < end; ++i) {
        if (!store_[slots[i]].erased) append_entry(body, slots[i]);
    }
    body += "]}";
    if (end == slots.size()) snapshots_.erase(at);
    return resource(std::move(body));
}

void FhirApi::append_entry(std::string& out, Slot slot) const {
    separate(out);
    out += R"({"search":{"mode":"match"},"resource":)";
    append_fhir_patient(out, slot, store_[slot], store_);
    out += '}';
}

Reply FhirApi::by_identifier(std::string_view identifier) const {
    const auto bar = find_bar(identifier);
    const bool ours =
        bar == std::string_view::npos || identifier.substr(0, bar) == fhir_identifier_system;
    const auto slot = ours ? store_.find(unescaped(identifier.substr(bar + 1))) : std::nullopt;
    std::string body = R"({"resourceType":"Bundle","type":"searchset","total":)" +
                       std::to_string(slot ? 1 : 0) + R"(,"entry":[)";
    if (slot) append_entry(body, *slot);
    return resource(body + "]}");
}

Reply FhirApi::patient(std::string_view id) const {
    const auto slot = slot_of(id);
    if (!slot || *slot >= store_.slots()) return outcome(404, "not-found", "no such patient");
    if (store_[*slot].erased) return outcome(410, "deleted", "the patient was deleted");
    std::string body;
    append_fhir_patient(body, *slot, store_[*slot], store_);
    return resource(std::move(body));
}

void FhirApi::append_version(std::string& out, Slot slot, const HisPatient& patient) const {
    separate(out);
    out += R"({"resource":)";
    append_fhir_patient(out, slot, patient, store_);
    out += R"(,"request":{"method":"PUT","url":"Patient/)" + fhir_id(slot) +
           R"("},"response":{"status":"200","lastModified":")";
    append_utc(out, patient.modified, Precision::seconds);
    out += "\"}}";
}

void FhirApi::append_deletion(std::string& out, const HisDeletion& deletion) const {
    separate(out);
    out += R"({"request":{"method":"DELETE","url":"Patient/)" + fhir_id(deletion.slot) +
           R"("},"response":{"status":"204","lastModified":")";
    append_utc(out, deletion.at, Precision::milliseconds);
    out += "\"}}";
}

Reply FhirApi::history(const Request& request) const {
    std::optional<Millis> from;
    if (!read_since(Query(request.query), "_since", from))
        return outcome(400, "invalid", "_since cannot be read");
    std::string body = R"({"resourceType":"Bundle","type":"history","entry":[)";
    const auto& deletions = store_.deletions();
    for (auto at = deletions.rbegin(); at != deletions.rend(); ++at) {
        if (at->at >= from.value_or(at->at)) append_deletion(body, *at);
    }
    const auto changed = store_.list(HisOrder::modified, from, 0, store_.slots());
    for (auto slot = changed.slots.rbegin(); slot != changed.slots.rend(); ++slot)
        append_version(body, *slot, store_[*slot]);
    return resource(body + "]}");
}

Reply FhirApi::history_of(std::string_view id) const {
    const auto slot = slot_of(id);
    if (!slot || *slot >= store_.slots()) return outcome(404, "not-found", "no such patient");
    std::string body = R"({"resourceType":"Bundle","type":"history","entry":[)";
    if (!store_[*slot].erased) append_version(body, *slot, store_[*slot]);
    for (const auto& deletion : store_.deletions()) {
        if (deletion.slot != *slot) continue;
        append_deletion(body, deletion);
        append_version(body, deletion.slot, deletion.last);
    }
    return resource(body + "]}");
}

} // namespace medibridge::sandbox
