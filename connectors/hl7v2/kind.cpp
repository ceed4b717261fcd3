#include "connectors/hl7v2/kind.hpp"

#include "base/bytes/locked.hpp"
#include "base/files/content.hpp"
#include "config/exposure.hpp"
#include "config/section.hpp"
#include "config/values.hpp"
#include "connectors/hl7v2/mllp_listener.hpp"
#include "connectors/hl7v2/senders.hpp"
#include "connectors/inbox/source.hpp"

#include <array>
#include <memory>
#include <unicode/ucnv.h>

namespace medibridge::connectors {

using config::assign;
using config::DurationRange;
using config::quote;
using config::Report;
using config::Section;
using config::Value;
using std::chrono::hours;
using std::chrono::seconds;

namespace {

constexpr DurationRange idle_range{seconds(1), hours(168), true};
constexpr std::int64_t least_message = 1 << 10;
constexpr std::int64_t most_message = 64 << 20;
constexpr std::int64_t most_connections = 10'000;
constexpr std::size_t most_key_bytes = 1u << 20;
constexpr std::int64_t least_rows = 100;
constexpr std::int64_t most_rows = 100'000'000;
constexpr std::int64_t least_bytes = 1 << 20;
constexpr std::int64_t most_bytes = std::int64_t{1} << 40;
/// OIDs of the French national health identity (INS).
constexpr std::string_view national_authorities = "1.2.250.1.213.1.4.";

/// Whether a set has one byte a character and holds ASCII as it is.
bool is_plain_set(UConverter* converter) {
    if (ucnv_getMaxCharSize(converter) != 1) return false;
    for (char c = ' '; c <= '~'; ++c) {
        UErrorCode status = U_ZERO_ERROR;
        std::array<UChar, 4> out{};
        const auto length = ucnv_toUChars(converter, out.data(), out.size(), &c, 1, &status);
        if (U_FAILURE(status) || length != 1 || out[0] != c) return false;
    }
    return true;
}

void read_charset(const Value& value, Report& report, std::string& out) {
    const auto name = read_text(value, report);
    if (!name) return;
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<UConverter, void (*)(UConverter*)> converter(
        ucnv_open(name->c_str(), &status), ucnv_close);
    if (U_FAILURE(status))
        report.mistake(value.place, quote(value.path) +
                                        " is not a known character set; write one such as "
                                        "ISO-8859-1, ISO-8859-15, windows-1252 or UTF-8");
    else if (ucnv_getType(converter.get()) == UCNV_UTF8)
        out = "UTF-8";
    else if (is_plain_set(converter.get()))
        out = *name;
    else
        report.mistake(value.place, quote(value.path) +
                                        " must be UTF-8 or a set with one byte a character that "
                                        "holds ASCII, such as ISO-8859-15: in others, delimiters "
                                        "cannot be told from text");
}

void read_authority_name(const Value& value, Report& report, std::string& out) {
    const auto name = read_text(value, report);
    if (!name) return;
    if (name->starts_with(national_authorities))
        report.mistake(value.place, quote(value.path) +
                                        " is the national health identity (INS), which is not an "
                                        "identifier of patients here: give the hospital's own");
    else if (name->find_first_of("&^|~\\ ") != std::string::npos)
        report.mistake(value.place, quote(value.path) +
                                        " must be the OID or the namespace alone, as it stands in "
                                        "PID-3, component 4");
    out = *name;
}

void read_key_file(const Value& value, Report& report, std::string& out) {
    const auto path = read_text(value, report);
    if (!path) return;
    const std::string subject = "the file " + quote(*path) + " of " + quote(value.path) + " ";
    const auto file = files::open_given(*path);
    auto pem = file ? files::read_all(*file, most_key_bytes) : std::unexpected(file.error());
    const auto exposure = file ? config::exposure_of_secret(*file, *path) : config::Exposure();
    if (!pem)
        report.mistake(value.place, subject + pem.error().text);
    else if (!exposure.refused.empty())
        report.mistake(value.place, subject + exposure.refused);
    else if (pem->find("PRIVATE KEY-----") == std::string::npos)
        report.mistake(value.place, subject + "holds no private key in PEM form");
    else
        out = *path;
    if (pem) base::wipe(pem->data(), pem->size());
    if (!exposure.advice.empty()) report.expose(value.place, subject + exposure.advice);
}

void read_tls(const Value& value, Report& report, std::optional<ServerTls>& out) {
    Section section(value, report);
    ServerTls tls;
    if (const auto file = section.require("certificate_file", "give the certificate, as PEM"))
        assign(tls.certificate_file, read_ca_file(*file, report));
    if (const auto file = section.require("key_file", "give the certificate's key, as PEM"))
        read_key_file(*file, report, tls.key_file);
    if (const auto file = section.find("client_ca_file"))
        assign(tls.client_ca_file, read_ca_file(*file, report));
    if (const auto file = section.find("client_crl_file")) {
        assign(tls.client_crl_file, read_crl_file(*file, report));
        if (!section.has("client_ca_file"))
            report.mistake(file->place, quote(file->path) + " needs `client_ca_file`: without it, "
                                                            "senders show no certificate");
    }
    out = std::move(tls);
}

void read_ack(const Value& value, Report& report, Hl7Settings& out) {
    Section section(value, report);
    using DataError = Hl7Settings::DataError;
    if (const auto error = section.find("data_error"))
        assign(out.data_error,
               read_word<DataError>(*error, report,
                                    {{"AA", DataError::accept}, {"AE", DataError::error}}));
}

/// An empty list could be meant as "nobody" as well as "everybody": it is neither.
void read_allow(const Value& value, Report& report, std::vector<std::string>& out) {
    using config::Node;
    if (value.node->kind != Node::Kind::sequence || value.node->items.empty()) {
        report.mistake(value.place, quote(value.path) +
                                        " must be a list of addresses and networks, such as "
                                        "[10.1.2.3, 10.1.4.0/24]; leave it out to allow all");
        return;
    }
    for (const Node& item : value.node->items) {
        auto text = read_text({&item, item.place, value.path}, report);
        if (!text) continue;
        if (!hl7::Network::parse(*text))
            report.mistake(item.place, quote(*text) + " of " + quote(value.path) +
                                           " is no IP address and no network such as 10.1.4.0/24, "
                                           "whose last bits are zero");
        out.push_back(*std::move(text));
    }
}

void read_quota(const Value& value, Report& report, InboxQuota& out) {
    Section section(value, report);
    if (const auto rows = section.find("rows"))
        assign(out.rows, read_integer(*rows, report, least_rows, most_rows));
    if (const auto bytes = section.find("bytes"))
        assign(out.bytes, read_integer(*bytes, report, least_bytes, most_bytes));
    if (const auto percent = section.find("sender_percent"))
        assign(out.sender_percent, read_integer(*percent, report, 1, 100));
}

void read_limits(Section& section, Hl7Settings& out) {
    Report& report = section.report();
    if (const auto size = section.find("max_message"))
        assign(out.max_message, read_integer(*size, report, least_message, most_message));
    if (const auto number = section.find("max_connections"))
        assign(out.max_connections, read_integer(*number, report, 1, most_connections));
    if (const auto number = section.find("max_connections_per_address"))
        out.max_connections_per_address = read_integer(*number, report, 1, most_connections);
    if (const auto idle = section.find("idle_timeout"))
        assign(out.idle_timeout, read_duration(*idle, report, idle_range));
}

std::unique_ptr<Source> make_hl7v2_source(const Hl7Settings& settings, SourceEnvironment its) {
    auto name = its.name;
    auto inbox = its.open_inbox(settings.quota);
    auto listener = std::make_shared<MllpListener>(std::move(its), settings, *inbox);
    return std::make_unique<InboxSource>(std::move(name), std::move(inbox), std::move(listener));
}

} // namespace

void read_settings(Section& section, Hl7Settings& out) {
    Report& report = section.report();
    if (const auto listen = section.require("listen", "give ADDRESS:PORT, such as 127.0.0.1:2575"))
        assign(out.listen, read_listen(*listen, report));
    if (const auto name = section.require("assigning_authority",
                                          "give the OID or namespace of the identifiers in PID-3"))
        read_authority_name(*name, report, out.assigning_authority);
    if (const auto charset = section.find("default_charset"))
        read_charset(*charset, report, out.default_charset);
    if (const auto processing = section.find("processing"))
        assign(out.processing,
               read_word<std::string>(*processing, report, {{"P", "P"}, {"T", "T"}, {"D", "D"}}));
    if (const auto ack = section.find_section("ack")) read_ack(*ack, report, out);
    if (const auto tls = section.find("tls")) read_tls(*tls, report, out.tls);
    if (const auto zone = section.find("timezone"))
        assign(out.timezone, read_timezone(*zone, report));
    if (const auto allow = section.find("allow")) read_allow(*allow, report, out.allow);
    if (const auto quota = section.find_section("quota")) read_quota(*quota, report, out.quota);
    read_limits(section, out);
    if (out.listen.host.empty() || config::is_loopback(out.listen.host)) return;
    if (out.allow.empty() && (!out.tls || out.tls->client_ca_file.empty()))
        report.advise(section.place(),
                      "anybody who reaches " + quote(out.listen.host) +
                          " can send patients: name the senders' addresses in `allow`, or let them "
                          "show a certificate (`tls.client_ca_file`)");
    if (!out.tls)
        report.advise(section.place(), "senders of " + quote(out.listen.host) +
                                           " send patients unencrypted: give `tls`, or let only "
                                           "the HIS reach it");
}

config::Mapping Hl7Settings::mapping() const {
    return {{"assigning_authority", assigning_authority}, {"timezone", timezone}};
}

const SourceKind& hl7v2_kind() {
    static const KindOf<Hl7Settings> kind("hl7v2", read_settings, make_hl7v2_source);
    return kind;
}

} // namespace medibridge::connectors
