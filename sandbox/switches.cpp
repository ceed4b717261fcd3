#include "sandbox/switches.hpp"

#include "sandbox/base64.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <type_traits>

namespace medibridge::sandbox {

namespace {

using M = MedicappSwitches;
using H = HisSwitches;
using S = Schedule;

/// Takes one of the words of `values`, which stand in the order of the enumeration.
template <auto Group, auto Member>
bool pick(Settings& settings, std::string_view values, std::string_view text) {
    auto& target = (settings.*Group).*Member;
    for (int i = 0;; ++i) {
        const auto bar = values.find('|');
        if (values.substr(0, bar) == text) {
            target = static_cast<std::remove_reference_t<decltype(target)>>(i);
            return true;
        }
        if (bar == std::string_view::npos) return false;
        values.remove_prefix(bar + 1);
    }
}

template <auto Group, auto Member>
bool number(Settings& settings, std::string_view, std::string_view text) {
    auto& target = (settings.*Group).*Member;
    std::remove_reference_t<decltype(target)> value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return false;
    if constexpr (std::is_floating_point_v<decltype(value)>) {
        if (!std::isfinite(value)) return false;
    }
    target = value;
    return true;
}

/// A number that is not negative.
template <auto Group, auto Member>
bool amount(Settings& settings, std::string_view values, std::string_view text) {
    return !text.starts_with('-') && number<Group, Member>(settings, values, text);
}

bool set_his_auth(Settings& s, std::string_view, std::string_view text) {
    HisAuth auth;
    const auto colon = text.find(':');
    const auto kind = text.substr(0, colon);
    const auto rest = colon == std::string_view::npos ? "" : text.substr(colon + 1);
    const auto second = rest.find(':');
    if (kind == "bearer" && !rest.empty()) {
        auth.header = "Authorization";
        auth.value = "Bearer " + std::string(rest);
    } else if (kind == "basic" && second != std::string_view::npos) {
        auth.header = "Authorization";
        auth.value = "Basic " + base64(rest);
    } else if (kind == "header" && second != std::string_view::npos && second > 0) {
        auth.header = rest.substr(0, second);
        auth.value = rest.substr(second + 1);
    } else if ((kind == "client_credentials" || kind == "private_key_jwt") && second > 0 &&
               second != std::string_view::npos) {
        auth.kind = kind == "private_key_jwt" ? HisAuth::Kind::private_key_jwt
                                              : HisAuth::Kind::client_credentials;
        auth.header = "Authorization";
        auth.client = rest.substr(0, second);
        auth.value = rest.substr(second + 1);
    } else if (text != "none") {
        return false;
    }
    s.his.auth = std::move(auth);
    return true;
}

const auto table = std::to_array<Switch>({
    {"api-key", "KEY", "the key that Medicapp asks for (default: made from the seed)",
     [](Settings& s, std::string_view, std::string_view text) {
         s.medicapp.api_key = text;
         return !text.empty();
     }},
    {"list-order", "created|modified|id|shuffled", "order of Medicapp's list (created)",
     pick<&Settings::medicapp, &M::list_order>},
    {"modified-after", "inclusive|exclusive",
     "whether modified_after and created_after include the moment itself (inclusive)",
     pick<&Settings::medicapp, &M::modified_after>},
    {"precision", "s|ms", "precision of Medicapp's timestamps (ms)",
     pick<&Settings::medicapp, &M::precision>},
    {"visibility-lag", "MS", "lists show a write only after this time (0)",
     amount<&Settings::medicapp, &M::visibility_lag>},
    {"retry-after", "seconds|date|ratelimit|none", "how a 429 says when to come back (seconds)",
     pick<&Settings::medicapp, &M::retry_after>},
    {"page-limit", "N", "the most patients on a page, whatever is asked for; 0: as asked (0)",
     amount<&Settings::medicapp, &M::page_limit>},
    {"rate-limit", "RPS", "requests a second, 0: no limit (0)",
     amount<&Settings::medicapp, &M::rate_limit>},
    {"burst", "N", "requests at once, 0: one second's worth (0)",
     amount<&Settings::medicapp, &M::burst>},
    {"put-null", "clears|ignored|rejected", "what null does in a PUT (clears)",
     pick<&Settings::medicapp, &M::put_null>},
    {"put-names", "allow|refuse|ignore",
     "whether a PUT may change names, birth date and gender (allow)",
     pick<&Settings::medicapp, &M::put_names>},
    {"put-external-id", "allow|refuse|ignore", "whether a PUT may change externalId (allow)",
     pick<&Settings::medicapp, &M::put_external_id>},
    {"put-address", "merge|replace",
     "what a PUT does with the address members that it leaves out (merge)",
     pick<&Settings::medicapp, &M::put_address>},
    {"post-answer", "full|id-only", "what the body of a 201 holds (full)",
     pick<&Settings::medicapp, &M::post_answer>},
    {"error-codes", "specific|generic", "whether a 400's code names the field (specific)",
     pick<&Settings::medicapp, &M::error_codes>},
    {"duplicates", "refuse|accept",
     "accept: a second patient with the same externalId is created and counted (refuse)",
     pick<&Settings::medicapp, &M::duplicates>},
    {"list-counts", "right|pages|short",
     "pages: a list says that each page is the only one; short: it shows half of a page and counts "
     "it as full (right)",
     pick<&Settings::medicapp, &M::list_counts>},
    {"broken-patient", "EXTERNAL_ID",
     "a patient whose first name is shown as half a surrogate pair, beside a number that is too "
     "large",
     [](Settings& s, std::string_view, std::string_view text) {
         s.medicapp.broken_patient = text;
         return true;
     }},
    {"template", "ignored|refused|data|bundle|links",
     "what Medicapp answers to template=FHIR: its native form, 400, resources in its own list, or "
     "a "
     "Bundle whose next page has a number or only an opaque link (ignored)",
     pick<&Settings::medicapp, &M::fhir_template>},
    {"template-id", "resource|identifier", "where a FHIR resource has Medicapp's own id (resource)",
     pick<&Settings::medicapp, &M::template_id>},
    {"template-address", "details|lists", "which FHIR resources show the address (details)",
     pick<&Settings::medicapp, &M::template_address>},
    {"template-hides", "nothing|phone|gender|modified", "what no FHIR resource shows (nothing)",
     pick<&Settings::medicapp, &M::template_hides>},
    {"absent", "null|omit", "how Medicapp shows a field without a value (null)",
     pick<&Settings::medicapp, &M::absent>},
    {"lowercase-email", "off|on", "Medicapp stores e-mail addresses in lower case (off)",
     pick<&Settings::medicapp, &M::lowercase_email>},
    {"clock-offset", "MS", "added to Medicapp's clock (0)",
     number<&Settings::medicapp, &M::clock_offset>},
    {"his-auth",
     "none|bearer:TOKEN|basic:USER:PASSWORD|header:NAME:VALUE|client_credentials:ID:SECRET|"
     "private_key_jwt:ID:FILE",
     "the credentials that the HIS asks for; the last two are for its FHIR interface, FILE is the "
     "client's key (none)",
     set_his_auth},
    {"his-token-lifetime", "SECONDS", "lifetime of the FHIR interface's access tokens (300)",
     amount<&Settings::his, &H::token_lifetime>},
    {"his-next", "relative|absolute", "form of the HIS's links to the next page (relative)",
     pick<&Settings::his, &H::next>},
    {"his-order", "modified|ipp|created", "order of the HIS's list (modified)",
     pick<&Settings::his, &H::order>},
    {"his-clock-offset", "MS", "added to the HIS's clock (0)",
     number<&Settings::his, &H::clock_offset>},
    {"edit-every", "MS", "change a HIS patient's phone, e-mail or address, 0: never (0)",
     amount<&Settings::schedule, &S::edit_every>},
    {"edit-medicapp-every", "MS", "change a Medicapp patient's, 0: never (0)",
     amount<&Settings::schedule, &S::edit_medicapp_every>},
    {"erase-every", "MS", "erase a Medicapp patient, 0: never (0)",
     amount<&Settings::schedule, &S::erase_every>},
    {"drop-every", "MS", "drop what changed in a HIS of type csv, 0: never again (500)",
     amount<&Settings::schedule, &S::drop_every>},
});

} // namespace

std::span<const Switch> switches() {
    return table;
}

std::optional<std::string> set_switch(Settings& settings, std::string_view name,
                                      std::string_view text) {
    for (const auto& entry : table) {
        if (entry.name != name) continue;
        if (entry.set(settings, entry.values, text)) return std::nullopt;
        return std::string(name) + ": expected " + std::string(entry.values);
    }
    return std::string(name) + ": there is no such switch";
}

} // namespace medibridge::sandbox
