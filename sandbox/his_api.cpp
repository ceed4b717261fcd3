#include "sandbox/his_api.hpp"

#include "sandbox/his_json.hpp"

#include <optional>

namespace medibridge::sandbox {

namespace {

constexpr std::string_view patients_path = "/api/patients";
constexpr std::size_t most_his_patients = 1000;
constexpr std::size_t usual_his_patients = 100;
constexpr std::size_t his_patient_size = 512; // of one patient, about

} // namespace

HisApi::HisApi(const Settings& settings, const HisStore& store, const Clock& clock)
    : settings_(settings),
      store_(store),
      clock_(clock) {}

Millis HisApi::now() const {
    return clock_.wall() + settings_.his.clock_offset;
}

bool HisApi::is_list(std::string_view path) const {
    return path == patients_path;
}

Reply HisApi::error(unsigned status, std::string_view code, std::string_view message) {
    Reply reply;
    reply.status = status;
    reply.body = "{\"erreur\":";
    JsonObject object(reply.body, Absent::omit);
    object.text("code", code);
    object.text("message", message);
    object.close();
    reply.body += '}';
    return reply;
}

Reply HisApi::answer(const Request& request) {
    const auto& auth = settings_.his.auth;
    const bool open = auth.header.empty() || auth.kind != HisAuth::Kind::header;
    if (!open && request.credential != auth.value)
        return error(401, "NON_AUTORISE", "identifiants absents ou inconnus");
    if (request.verb != Verb::get) return error(405, "METHODE", "lecture seule");
    if (is_list(request.path)) return list(request);
    const std::string prefix = std::string(patients_path) + '/';
    if (!request.path.starts_with(prefix)) return error(404, "INCONNU", "ressource inconnue");
    const auto slot = store_.find(percent_decoded(request.path.substr(prefix.size()), false));
    if (!slot) return error(404, "INCONNU", "patient inconnu");
    Reply reply;
    append_his_patient(reply.body, store_[*slot]);
    return reply;
}

/// As a list of one patient or none; other parameters do not matter.
ListWindow HisApi::one(std::string_view ipp) const {
    ListWindow window;
    if (const auto slot = store_.find(ipp)) window.slots.push_back(*slot);
    window.total = window.slots.size();
    return window;
}

Reply HisApi::list(const Request& request) {
    const Query query(request.query);
    const auto page = query.number("page", 1, 1'000'000'000);
    const auto size = query.number("taille", usual_his_patients, most_his_patients);
    if (!page || !size) return error(400, "PAGINATION", "page ou taille hors limites");
    std::string after;
    std::optional<Millis> from;
    if (query.find("modifie_apres", after)) {
        from = parse_time(after, true);
        if (!from) return error(400, "DATE", "modifie_apres illisible");
    }
    std::string ipp;
    const bool of_one = query.find("ipp", ipp);
    const auto window =
        of_one ? one(ipp) : store_.list(settings_.his.order, from, (*page - 1) * *size, *size);
    const std::size_t pages = (window.total + *size - 1) / *size;

    Reply reply;
    reply.body.reserve(window.slots.size() * his_patient_size + 256);
    reply.body = "{\"patients\":[";
    for (const Slot slot : window.slots) {
        if (reply.body.back() == '}') reply.body += ',';
        append_his_patient(reply.body, store_[slot]);
    }
    reply.body += "],\"pagination\":{\"page\":" + std::to_string(*page) +
                  ",\"pages\":" + std::to_string(pages) +
                  ",\"total\":" + std::to_string(window.total) + "},\"links\":";
    JsonObject links(reply.body, Absent::null);
    std::optional<std::string> next;
    if (*page < pages) {
        next = settings_.his.next == NextLink::absolute ? origin_ : "";
        *next += std::string(patients_path) + "?page=" + std::to_string(*page + 1) +
                 "&taille=" + std::to_string(*size);
        if (from) *next += "&modifie_apres=" + percent_encoded(after);
    }
    links.text("next", next);
    links.close();
    reply.body += '}';
    return reply;
}

} // namespace medibridge::sandbox
