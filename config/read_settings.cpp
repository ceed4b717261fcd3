#include "base/bytes/ascii.hpp"
#include "config/exposure.hpp"
#include "config/secret.hpp"
#include "config/sections.hpp"
#include "config/values.hpp"
#include "reconcile/policy.hpp"

#include <unicode/locid.h>

namespace medibridge::config {

namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr std::int64_t max_concurrency = 256;
constexpr double max_rate = 10'000;
constexpr std::size_t max_socket_path = 107; // sun_path's size, less the final zero

void read_rate_limit(const Value& value, Report& report, std::optional<double>& out) {
    const bool word = value.node->kind == Node::Kind::scalar &&
                      value.node->text.find_first_of("0123456789") == std::string::npos;
    if (!word)
        out = read_number(value, report, 0.01, max_rate);
    else if (value.node->text != "auto")
        report.mistake(value.place,
                       quote(value.path) + " must be `auto` or a number of requests per second");
}

/// The API key must not travel in clear, nor to a proxy that reads it.
void check_transport(const Value& value, const MedicappSettings& its, bool allowed,
                     Report& report) {
    if (its.base_url.secure() || its.base_url.host.empty()) return;
    if (is_loopback(its.base_url.host) && !its.proxy) return;
    if (allowed)
        report.expose(value.place, quote(value.path) +
                                       " begins with http://: the API key and patients travel "
                                       "unencrypted, because `medicapp.allow_plain_http` is true");
    else if (its.proxy)
        report.mistake(value.place, quote(value.path) +
                                        " must begin with https://: with a `proxy` the API key and "
                                        "patients would be read there. For a server of this "
                                        "machine, remove `medicapp.proxy`");
    else
        report.mistake(value.place, quote(value.path) +
                                        " must begin with https://: over http:// the API key and "
                                        "patients would travel unencrypted (allowed for this "
                                        "machine itself only)");
}

void read_base_url(const Value& value, Report& report, http::Url& out) {
    auto url = read_url(value, report);
    if (!url) return;
    if (url->path.find('?') != std::string::npos)
        report.mistake(value.place, quote(value.path) + " must end before the query (`?…`)");
    while (url->path.ends_with('/'))
        url->path.pop_back();
    out = std::move(*url);
}

void read_max_changes(const Value& value, Report& report, MaxChanges& out) {
    Section section(value, report);
    if (const auto ratio = section.find("ratio"))
        assign(out.ratio, read_number(*ratio, report, 0, 1));
    if (const auto least = section.find("at_least"))
        assign(out.at_least, read_integer(*least, report, 0, 1'000'000'000));
}

void read_region(const Value& value, Report& report, std::string& out) {
    const auto region = read_text(value, report);
    if (!region) return;
    for (const char* const* known = icu::Locale::getISOCountries(); *known != nullptr; ++known) {
        if (*region == *known) {
            out = *region;
            return;
        }
    }
    report.mistake(value.place, quote(value.path) +
                                    " must be a country's two capital letters (ISO 3166-1), such "
                                    "as FR, BE or CH");
}

/// A list of texts, each once, in the form that `form` makes of it; an empty form is a mistake.
template <class Form>
void read_list(const Value& value, Report& report, std::string_view example, Form form,
               std::set<std::string>& out) {
    if (value.node->kind != Node::Kind::sequence) {
        report.mistake(value.place, quote(value.path) + " must be a list, such as " +
                                        std::string(example) + "; [] for none");
        return;
    }
    out.clear();
    for (const Node& item : value.node->items) {
        const auto text = read_text({&item, item.place, value.path}, report);
        if (!text) continue;
        auto entry = form(*text);
        if (entry.empty())
            report.mistake(item.place, quote(*text) + " holds no letter or digit: such a text "
                                                      "never counts as a name, remove it");
        else if (!out.insert(std::move(entry)).second)
            report.mistake(item.place, quote(*text) + " is in this list twice: keep one");
    }
}

/// Why that cannot be the name of a user or a group; empty: it can. Those of directory services
/// (sssd, winbind) may hold spaces, `\` and `@`.
std::string_view fault_of_name(const std::string& text) {
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 127; };
    if (std::ranges::all_of(text, base::is_ascii_space)) return "is empty";
    if (std::ranges::all_of(text, base::is_ascii_digit))
        return "is a number, which stands for nobody";
    const bool is_odd = text.find_first_of(":,;/*?") != text.npos ||
                        std::string_view("-+@%!").contains(text.front()) ||
                        base::is_ascii_space(text.front()) || base::is_ascii_space(text.back()) ||
                        std::ranges::any_of(text, is_control);
    return is_odd ? "is no name of a user or group" : "";
}

/// An empty list could be meant as "nobody" as well as "everybody": it is neither.
void read_names(const Value& value, Report& report, std::vector<std::string>& out) {
    if (value.node->kind != Node::Kind::sequence) {
        report.mistake(value.place,
                       quote(value.path) + " must be a list, such as [alice, it-team]");
        return;
    }
    std::set<std::string> names;
    for (const Node& item : value.node->items) {
        const auto text = read_text({&item, item.place, value.path}, report);
        if (!text) continue;
        if (const auto fault = fault_of_name(*text); !fault.empty())
            report.mistake(item.place, quote(*text) + " in " + quote(value.path) + " " +
                                           std::string(fault) +
                                           ": give names as `id -un` and `id -Gn` show them, each "
                                           "an entry of its own");
        else if (!names.insert(*text).second)
            report.mistake(item.place, quote(*text) + " is in this list twice: keep one");
    }
    out.assign(names.begin(), names.end());
    if (value.node->items.empty())
        report.mistake(value.place, quote(value.path) +
                                        " names nobody: write [root] so that root alone may "
                                        "decide, or remove the key so that everybody who can open "
                                        "the socket may");
}

void read_host_names(const Value& value, Report& report, std::vector<std::string>& out) {
    const auto is_of_name = [](char c) {
        return base::is_ascii_alphanumeric(c) || c == '-' || c == '.' || c == '_';
    };
    const auto form = [&](const std::string& text) {
        return std::ranges::all_of(text, is_of_name) ? base::ascii_lower_case(text) : std::string();
    };
    if (value.node->kind != Node::Kind::sequence) {
        report.mistake(value.place,
                       quote(value.path) + " must be a list, such as [monitored.hospital.example]");
        return;
    }
    for (const Node& item : value.node->items) {
        const auto text = read_text({&item, item.place, value.path}, report);
        if (!text) continue;
        auto name = form(*text);
        if (name.empty())
            report.mistake(item.place,
                           quote(*text) + " is no host name: give it without scheme and port");
        else
            out.push_back(std::move(name));
    }
}

} // namespace

void read_medicapp(const Value& value, Report& report, MedicappSettings& out) {
    Section section(value, report);
    const auto url = section.require(
        "base_url", "give Medicapp's address, such as https://api.medicappconnect.com/v5");
    if (url) read_base_url(*url, report, out.base_url);
    if (const auto key = section.require("api_key", "refer to it, as in {file: PATH}"))
        assign(out.api_key, read_secret(*key, report, SecretUse::token));
    if (const auto concurrency = section.find("concurrency"))
        assign(out.concurrency, read_integer(*concurrency, report, 1, max_concurrency));
    if (const auto rate = section.find("rate_limit"))
        read_rate_limit(*rate, report, out.rate_limit);
    if (const auto timeout = section.find("timeout"))
        assign(out.timeout, read_duration(*timeout, report, timeout_range));
    if (const auto file = section.find("ca_file")) assign(out.ca_file, read_ca_file(*file, report));
    if (const auto file = section.find("crl_file"))
        assign(out.crl_file, read_crl_file(*file, report));
    if (const auto proxy = section.find("proxy")) out.proxy = read_proxy(*proxy, report);
    if (const auto form = section.find("representation"))
        assign(out.representation,
               read_word<Representation>(*form, report,
                                         {{"native", Representation::native},
                                          {"fhir", Representation::fhir},
                                          {"auto", Representation::automatic}}));
    if (const auto system = section.find("external_id_system"))
        assign(out.external_id_system, read_text(*system, report));
    if (const auto system = section.find("id_system"))
        assign(out.id_system, read_text(*system, report));
    bool plain = false;
    if (const auto allowed = section.find("allow_plain_http"))
        assign(plain, read_word<bool>(*allowed, report, {{"true", true}, {"false", false}}));
    if (url) check_transport(*url, out, plain, report);
}

void read_sync(const Value& value, Report& report, SyncSettings& out) {
    using namespace reconcile;
    Section section(value, report);
    if (const auto interval = section.find("interval"))
        assign(out.interval, read_duration(*interval, report, {milliseconds(10), hours(168)}));
    if (const auto overlap = section.find("overlap"))
        assign(out.overlap, read_duration(*overlap, report, {milliseconds(1), hours(168), true}));
    if (const auto compare = section.find("full_compare"))
        assign(out.full_compare,
               read_duration(*compare, report, {milliseconds(10), hours(8760), true}));
    if (const auto deadline = section.find("deadline"))
        assign(out.deadline, read_duration(*deadline, report, {milliseconds(1), hours(168), true}));
    if (const auto authority = section.find_section("authority"))
        read_authority(*authority, report, out.policy);
    if (const auto erased = section.find("on_erased"))
        assign(out.policy.on_erased,
               read_word<OnErased>(*erased, report,
                                   {{"hold", OnErased::hold}, {"recreate", OnErased::recreate}}));
    if (const auto match = section.find("on_unlinked_match"))
        assign(out.policy.on_unlinked_match,
               read_word<OnUnlinkedMatch>(*match, report,
                                          {{"hold", OnUnlinkedMatch::hold},
                                           {"link", OnUnlinkedMatch::link},
                                           {"create", OnUnlinkedMatch::create}}));
    if (const auto cleared = section.find("on_cleared"))
        assign(out.policy.on_cleared,
               read_word<OnCleared>(*cleared, report,
                                    {{"keep", OnCleared::keep}, {"clear", OnCleared::clear}}));
    if (const auto changes = section.find_section("max_changes"))
        read_max_changes(*changes, report, out.max_changes);
}

void read_authority(const Value& value, Report& report, reconcile::Policy& out) {
    using reconcile::Authority;
    Section section(value, report);
    const auto read = [&](std::string_view key) -> std::optional<Authority> {
        const auto found = section.find(key);
        if (!found) return std::nullopt;
        return read_word<Authority>(*found, report,
                                    {{"his", Authority::his},
                                     {"medicapp", Authority::medicapp},
                                     {"newest", Authority::newest}});
    };
    // From the general to the particular: each later line overrules the ones before it.
    if (const auto general = read("default")) out.authority.fill(*general);
    const auto address = read("address");
    for (const auto field : reconcile::all_fields()) {
        auto& target = out.authority[static_cast<std::size_t>(field)];
        if (reconcile::is_address(field)) assign(target, address);
        assign(target, read(reconcile::name(field)));
    }
}

void read_identity(const Value& value, Report& report, reconcile::IdentityPolicy& out) {
    using reconcile::LastName;
    Section section(value, report);
    if (const auto last_name = section.find("last_name"))
        assign(out.last_name,
               read_word<LastName>(*last_name, report,
                                   {{"birth", LastName::birth}, {"usual", LastName::usual}}));
    if (const auto region = section.find("default_region"))
        read_region(*region, report, out.default_region);
    if (const auto status = section.find("hold_status"))
        read_list(
            *status, report, "[DOUT, FICT]", [](const std::string& text) { return text; },
            out.hold_status);
    if (const auto words = section.find("placeholders"))
        read_list(*words, report, "[INCONNU, X]", reconcile::placeholder_entry, out.placeholders);
}

void read_state(const Value& value, Report& report, StateSettings& out) {
    Section section(value, report);
    if (const auto place =
            section.require("path", "give the file, such as /var/lib/medibridge/state.db")) {
        const auto path = read_text(*place, report);
        std::error_code error;
        if (path && (path->ends_with('/') || std::filesystem::is_directory(*path, error)))
            report.mistake(place->place, quote(place->path) + " is a directory: name a file in it");
        else
            assign(out.path, path);
        const auto folder = path ? exposure_of_state_folder(*path) : Exposure();
        const auto files = path ? exposure_of_state_files(*path) : Exposure();
        // Whoever opens the state refuses what must not be; until then it can be put right.
        for (const auto& words : {folder.refused, folder.advice, files.refused, files.advice})
            if (!words.empty()) report.expose(place->place, quote(place->path) + ": " + words);
    }
    if (const auto key = section.find("key")) out.key = read_secret(*key, report, SecretUse::key);
}

void read_log(const Value& value, Report& report, LogSettings& out) {
    Section section(value, report);
    if (const auto level = section.find("level"))
        assign(out.level, read_word<LogLevel>(*level, report,
                                              {{"debug", LogLevel::debug},
                                               {"info", LogLevel::info},
                                               {"warn", LogLevel::warn},
                                               {"error", LogLevel::error}}));
    if (const auto format = section.find("format"))
        assign(out.format,
               read_word<LogFormat>(*format, report,
                                    {{"json", LogFormat::json}, {"text", LogFormat::text}}));
    if (const auto identifiers = section.find("identifiers"))
        assign(out.identifiers,
               read_word<LogIdentifiers>(*identifiers, report,
                                         {{"pseudonym", LogIdentifiers::pseudonym},
                                          {"external_id", LogIdentifiers::external_id}}));
}

void read_audit(const Value& value, Report& report, AuditSettings& out) {
    Section section(value, report);
    if (const auto keep = section.find("keep"))
        assign(out.keep, read_duration(*keep, report, {hours(24), hours(876'000)}));
}

void read_http(const Value& value, Report& report, std::optional<HttpSettings>& out) {
    Section section(value, report);
    HttpSettings its;
    std::optional<ListenAddress> address;
    if (const auto listen =
            section.require("listen", "give an ADDRESS:PORT, or remove `http` for no listener"))
        address = read_listen(*listen, report);
    if (const auto names = section.find("names")) read_host_names(*names, report, its.names);
    if (!address) return;
    its.listen = *std::move(address);
    out = std::move(its);
}

void read_control(const Value& value, Report& report, ControlSettings& out) {
    Section section(value, report);
    if (const auto socket = section.find("socket")) {
        const auto path = read_text(*socket, report);
        if (path && path->size() > max_socket_path)
            report.mistake(socket->place, quote(socket->path) +
                                              " is longer than 107 bytes, the most that a socket's "
                                              "path may have");
        else
            assign(out.socket, path);
    }
    if (const auto decide = section.find("decide")) read_names(*decide, report, out.decide);
}

} // namespace medibridge::config
